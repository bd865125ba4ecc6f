// The sources that targets take from elsewhere, without building any.

import { join } from "node:path";

import type { FetchAction } from "../action/action.ts";
import { analyze } from "../analysis/analysis.ts";
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
export interface WantedSources {
  /** Of their actions, and as far as earlier builds tell, of those that these yield. */
  readonly fetches: readonly FetchAction[];
  /** Targets with further actions, of which nothing is known until they are built. */
  readonly unknownOf: readonly Label[];
  /** Paths of all packages of the workspace. */
  readonly packages: readonly string[];
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
  const { root, settings } = repository;
  const graph = loadGraph(repository, { ...request, ...elsewhere?.lookUps }, report);
  const context = { context: repository.patterns, report };
  const { actions } = analyze({
    graph,
    labels: chooseTargets(graph, { patterns }, context),
    workspaceRoot: root,
    sourceDateEpoch: sourceDateEpochOf(host.env, report),
    report,
  });
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const known = knownActions(actions, { records, cas });
  const fetches = [...known.graph.all()].flatMap((action) =>
    action.kind === "fetch" ? [action] : [],
  );
  return { fetches, unknownOf: known.unknownOf, packages: graph.packages };
}
