import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import type { Label } from "../label/label.ts";
import { parsePattern, type PatternContext } from "../label/pattern.ts";

/** What queries are asked of. */
export interface QueryGraph {
  /** All labels, each once; a file that `select` has given is among them from then on. */
  readonly labels: () => Iterable<Label>;
  /** Direct dependencies, each once. */
  readonly depsOf: (label: Label) => readonly Label[];
  /** `exec rule`, `source file`, `component`, as `kind` matches and `label_kind` prints it. */
  readonly kindOf: (label: Label) => string;
  /** What the pattern `text` names; when that is nothing known, it is reported. */
  readonly select: (text: string, report: Report) => readonly Label[];
}

/** `graph` for queries, with patterns as they are understood in `context`. */
export function queryGraphOf(graph: Graph, context: PatternContext): QueryGraph {
  return {
    labels: () => graph.targets.keys(),
    depsOf: (label) => {
      const target = graph.targets.get(label);
      return target?.kind === "rule" ? target.dependencies : [];
    },
    kindOf: (label) => {
      const target = graph.targets.get(label);
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
