// The sources that targets take from elsewhere, without building any.

import { join } from "node:path";

import type { Action, ExecPath, FetchAction } from "../action/action.ts";
import { type Analysis, analyze } from "../analysis/analysis.ts";
import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import { openStore } from "../store/store.ts";
import type { Label } from "../label/label.ts";
import { chooseTargets } from "./choose-targets.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { knownActions } from "./known-actions.ts";
import { Records } from "./records.ts";
import { loadGraph, type Repository, type RepositoryRequest } from "./repository.ts";
import { sourceDateEpochOf } from "./source-date-epoch.ts";

/** What targets take from elsewhere. */
export interface WantedSources extends FoundSources {
  /** Paths of all packages of the workspace. */
  readonly packages: readonly string[];
  /** What it was found in. */
  readonly analysis: Analysis;
  readonly sourceDateEpoch: number;
}

/** What actions take from elsewhere, as far as it is known without building. */
export interface FoundSources {
  /** Of the actions, and as far as earlier builds tell, of those that these yield. */
  readonly fetches: readonly FetchAction[];
  /** Targets with further actions, of which nothing is known until they are built. */
  readonly unknownOf: readonly Label[];
  /** The lists of further actions. */
  readonly yielders: readonly ExecPath[];
}

/** How to look. */
export interface WantedRequest {
  readonly request: RepositoryRequest;
  /** What answers build files; absent: what the lock file and kept manifests say. */
  readonly elsewhere?: Elsewhere;
  readonly host: Host;
  readonly report: Report;
}

/** What the targets of `patterns` take from elsewhere. Mistakes are reported. Throws a StoreError. */
export function wantedSources(
  repository: Repository,
  patterns: readonly string[],
  { request, elsewhere, host, report }: WantedRequest,
): WantedSources {
  const graph = loadGraph(repository, { ...request, ...elsewhere?.lookUps }, report);
  const context = { context: repository.patterns, report };
  const sourceDateEpoch = sourceDateEpochOf(host.env, report);
  const analysis = analyze({
    graph,
    labels: chooseTargets(graph, { patterns }, context),
    workspaceRoot: repository.root,
    sourceDateEpoch,
    report,
  });
  const known = sourcesIn(analysis.actions, repository, host);
  return { ...known, packages: graph.packages, analysis, sourceDateEpoch };
}

/** What `actions` take from elsewhere. Throws a StoreError. */
export function sourcesIn(
  actions: readonly Action[],
  { root, settings }: Pick<Repository, "root" | "settings">,
  host: Host,
): FoundSources {
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const known = knownActions(actions, { records, cas });
  const all = [...known.graph.all()];
  return {
    fetches: all.flatMap((action) => (action.kind === "fetch" ? [action] : [])),
    unknownOf: known.unknownOf,
    yielders: all.flatMap(({ yields }) => (yields === undefined ? [] : [yields])),
  };
}
