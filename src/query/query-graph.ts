import type { Action, ExecPath } from "../action/action.ts";
import type { Brand } from "../base/brand.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import type { Label } from "../label/label.ts";
import { parsePattern, type PatternContext } from "../label/pattern.ts";

/** An action, by the path of its first output from the workspace root. */
export type ActionName = Brand<ExecPath, "ActionName">;

/** What queries can name: a target, a file, or an action. */
export type QueryNode = Label | ActionName;

/** An action as queries see it. */
export interface QueryAction {
  readonly action: Action;
  /** Paths of the graph: what it was seen to read, or where nobody knows, what it may read. */
  readonly inputs: readonly ExecPath[];
}

/** What queries are asked of. */
export interface QueryGraph {
  /** All nodes, each once; a file that `select` has given is among them from then on. */
  readonly nodes: () => Iterable<QueryNode>;
  /** Direct dependencies, each once. */
  readonly depsOf: (node: QueryNode) => readonly QueryNode[];
  /** `exec rule`, `source file`, `CC action`, as `kind` matches and `label_kind` prints it. */
  readonly kindOf: (node: QueryNode) => string;
  /** The action of that name; absent: the graph has none, as the query is not about any. */
  readonly actionOf?: (node: QueryNode) => QueryAction | undefined;
  /** What the pattern `text` names; when that is nothing known, it is reported. */
  readonly select: (text: string, report: Report) => readonly Label[];
}

/** `graph` for queries, with patterns as they are understood in `context`. */
export function queryGraphOf(graph: Graph, context: PatternContext): QueryGraph {
  return {
    nodes: () => graph.targets.keys(),
    depsOf: (node) => {
      const target = graph.targets.get(node as Label);
      return target?.kind === "rule" ? target.dependencies : [];
    },
    kindOf: (node) => {
      const target = graph.targets.get(node as Label);
      return target?.kind === "rule" ? `${target.rule.name} rule` : (target?.kind ?? "unknown");
    },
    select: (text, report) => {
      const pattern = parsePattern(text, context);
      if (pattern.kind === "bad") {
        report(pattern.diagnostic);
        return [];
      }
      if (pattern.isSubtracted) {
        const message = `"${text}" subtracts from nothing`;
        const help = `write "e except ${text.slice(1)}", where e is what to subtract from`;
        report({ severity: "error", code: "bad-label", message, help });
        return [];
      }
      return graph.selectEvery([pattern], (diagnostic) => {
        // An empty package is no mistake in a query: its answer is just empty.
        if (diagnostic.code !== "nothing-selected") report(diagnostic);
      });
    },
  };
}
