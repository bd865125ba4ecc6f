// The graph of a query that is about actions: targets, files, and the actions as last built.

import { join, resolve } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { analyze } from "../analysis/analysis.ts";
import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import type { Label } from "../label/label.ts";
import { withActions } from "../query/action-nodes.ts";
import { formatCompileCommands } from "../query/commands.ts";
import type { Query } from "../query/expression.ts";
import {
  type QueryAction,
  type QueryFacts,
  type QueryGraph,
  queryGraphOf,
} from "../query/query-graph.ts";
import { openStore } from "../store/store.ts";
import type { GitChange } from "./git-changes.ts";
import { hasUnknownReads, inputsOf, knownActions } from "./known-actions.ts";
import { changedFiles, graphPathsOf } from "./query-changes.ts";
import { RealFiles } from "./real-files.ts";
import { Records } from "./records.ts";
import type { Repository } from "./repository.ts";
import { sourceDateEpochOf } from "./source-date-epoch.ts";
import { TreeDirectories } from "./tree-directories.ts";

/** What a query that is about actions is asked of. */
export interface ActionQueryRequest {
  readonly query: Query;
  readonly targets: Graph;
  readonly repository: Repository;
  /** What packages were loaded from; absent: the query does not need to know. */
  readonly packageFiles?: QueryFacts["packageFiles"] | undefined;
  /** What git says of each revision in the query. */
  readonly gitChanges: ReadonlyMap<string, readonly GitChange[]>;
  readonly host: Host;
  readonly report: Report;
}

/** The graph, and what can be told of its actions besides. */
export interface ActionQuery {
  readonly graph: QueryGraph;
  /** Targets with further actions, of which nothing is known until they are built. */
  readonly unknownOf: readonly Label[];
  /** Targets with compile actions of which it is not known what they read, sorted. */
  readonly unreadOf: () => readonly Label[];
  /** A compilation database of `actions`, with the headers laid out that they generate. */
  readonly compileCommands: (actions: readonly QueryAction[]) => {
    readonly text: string;
    /** Targets of which a file that it names is not there. */
    readonly missing: readonly Label[];
  };
}

/** Builds nothing: what only a build can tell is taken from the last one. Throws a StoreError. */
export function openActionQuery(request: ActionQueryRequest): ActionQuery {
  const { query, targets, repository, host, report } = request;
  const { root, settings } = repository;
  const { packageFiles } = request;
  const facts = packageFiles === undefined ? {} : { packageFiles };
  const base = queryGraphOf(targets, repository.patterns, facts);
  const { actions, components } = analyze({
    graph: targets,
    labels: query.needs.has("all targets") ? rulesIn(targets) : namedBy(request, base),
    workspaceRoot: root,
    sourceDateEpoch: sourceDateEpochOf(host.env, report),
    report,
  });
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const { graph, unknownOf } = knownActions(actions, { records, cas });
  const all = [...graph.all()].map((action) => ({ action, inputs: inputsOf(action, records) }));
  const changed = [...request.gitChanges].map(
    ([revision, one]) => [revision, changedFiles(one, repository, components)] as const,
  );
  return {
    graph: {
      ...withActions(base, { all, makerOf: (path) => graph.makerOf(path) }, targets),
      pathOf: (text) => base.pathOf(text) ?? pathInComponent(text, repository, components),
      changes: new Map(changed),
    },
    unknownOf,
    unreadOf: () => {
      const unread = [...graph.all()].filter((action) => hasUnknownReads(action, records));
      return [...new Set(unread.map(({ owner }) => owner))].sort();
    },
    compileCommands: (chosen) => {
      const trees = new TreeDirectories(join(root, ".kraft", "trees"), cas, host);
      const files = new RealFiles({ root, components, graph, records, cas, trees });
      for (const { action, inputs } of chosen) {
        if (action.kind === "compile") for (const path of inputs) files.place(path);
      }
      const text = formatCompileCommands(chosen, { root, fileAt: files.fileAt });
      return { text, missing: files.missing };
    },
  };
}

/** The path of the graph for a file outside of the workspace, that a component holds. */
function pathInComponent(
  text: string,
  { root, patterns }: Repository,
  components: ReadonlyMap<ExecPath, string>,
): ExecPath | undefined {
  const [path] = graphPathsOf(resolve(patterns.workingDirectory, text), { root, components });
  return path?.startsWith("/") === true ? undefined : path;
}

function rulesIn({ targets }: Graph): Label[] {
  return [...targets.values()].flatMap(({ kind, label }) => (kind === "rule" ? [label] : []));
}

/** All targets that the answer can be about: none is but what the patterns name, or lead to. */
function namedBy({ query }: ActionQueryRequest, base: QueryGraph): Label[] {
  // Mistakes are reported when the query is evaluated.
  const labels = query.patterns.flatMap(({ text }) => base.select(text, () => undefined));
  return [...new Set(labels)].sort();
}
