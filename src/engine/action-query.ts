// The graph of a query that is about actions: targets, files, and the actions as last built.

import { join } from "node:path";

import { analyze } from "../analysis/analysis.ts";
import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import type { Label } from "../label/label.ts";
import { withActions } from "../query/action-nodes.ts";
import { formatCompileCommands } from "../query/commands.ts";
import type { Query } from "../query/expression.ts";
import { type QueryAction, type QueryGraph, queryGraphOf } from "../query/query-graph.ts";
import { openStore } from "../store/store.ts";
import { inputsOf, knownActions } from "./known-actions.ts";
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
  readonly host: Host;
  readonly report: Report;
}

/** The graph, and what can be told of its actions besides. */
export interface ActionQuery {
  readonly graph: QueryGraph;
  /** Targets with further actions, of which nothing is known until they are built. */
  readonly unknownOf: readonly Label[];
  /** A compilation database of `actions`, with the headers laid out that they generate. */
  readonly compileCommands: (actions: readonly QueryAction[]) => {
    readonly text: string;
    /** Targets of which a file that it names is not there. */
    readonly missing: readonly Label[];
  };
}

/** Builds nothing: what only a build can tell is taken from the last one. Throws a StoreError. */
export function openActionQuery(request: ActionQueryRequest): ActionQuery {
  const { targets, repository, host, report } = request;
  const { root, settings } = repository;
  const base = queryGraphOf(targets, repository.patterns);
  const { actions, components } = analyze({
    graph: targets,
    labels: namedBy(request, base),
    workspaceRoot: root,
    sourceDateEpoch: sourceDateEpochOf(host.env, report),
    report,
  });
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const { graph, unknownOf } = knownActions(actions, { records, cas });
  const all = [...graph.all()].map((action) => ({ action, inputs: inputsOf(action, records) }));
  return {
    graph: withActions(base, { all, makerOf: (path) => graph.makerOf(path) }, targets),
    unknownOf,
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

/** All targets that the answer can be about: none is but what the patterns name, or lead to. */
function namedBy({ query }: ActionQueryRequest, base: QueryGraph): Label[] {
  // Mistakes are reported when the query is evaluated.
  const labels = query.patterns.flatMap(({ text }) => base.select(text, () => undefined));
  return [...new Set(labels)].sort();
}
