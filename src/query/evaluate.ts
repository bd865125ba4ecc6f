import { assertNever } from "../base/brand.ts";
import type { ExecPath } from "../action/action.ts";
import type { Report, Span } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { Label } from "../label/label.ts";
import type { Argument, Call, Expression, Operations, PatternWord, Query } from "./expression.ts";
import type { ArgumentValue } from "./function.ts";
import { type IndexedGraph, indexGraph } from "./indexed-graph.ts";
import { inOrder, type LabelSet, labelSet } from "./label-set.ts";
import type { QueryGraph, QueryNode } from "./query-graph.ts";

/**
 * What `query` names in `graph`, in the order of names; or of the path where it is what
 * `somepath` gave, or part of that. Undefined when a mistake was reported, at its place.
 */
export function evaluateQuery(
  query: Query,
  graph: QueryGraph,
  report: Report,
): readonly QueryNode[] | undefined {
  let isComplete = true;
  const tell: Report = (diagnostic) => {
    isComplete &&= diagnostic.severity !== "error";
    report(diagnostic);
  };
  const select = ({ text, at }: PatternWord): readonly Label[] =>
    graph.select(text, (diagnostic) => tell({ ...diagnostic, at }));
  const countBefore = graph.targetCount();
  let selected = new Map(query.patterns.map((one) => [one, select(one)]));
  if (!isComplete) return undefined;
  // A file is in the graph once a pattern has named it, and then wildcards take it in, also those
  // that stand before it.
  if (graph.targetCount() > countBefore) {
    selected = new Map(query.patterns.map((one) => [one, select(one)]));
  }
  const indexed = indexGraph(graph);
  const result = valueOf(query.expression, {
    graph: indexed,
    selected,
    variables: new Map(),
    report: tell,
  });
  return isComplete ? inOrder(result).map((index) => indexed.nodes[index]!) : undefined;
}

interface Scope {
  readonly graph: IndexedGraph;
  readonly selected: ReadonlyMap<PatternWord, readonly Label[]>;
  readonly variables: ReadonlyMap<string, LabelSet>;
  readonly report: Report;
}

/** Recursive in the nesting of the query, which reading it has bounded. */
function valueOf(expression: Expression, scope: Scope): LabelSet {
  switch (expression.kind) {
    case "pattern":
      return selectedBy([expression], scope);
    case "set":
      return selectedBy(expression.patterns, scope);
    case "variable":
      return scope.variables.get(expression.name) ?? labelSet(new Set());
    case "let": {
      const value = valueOf(expression.value, scope);
      const variables = new Map([...scope.variables, [expression.name, value]]);
      return valueOf(expression.body, { ...scope, variables });
    }
    case "operations":
      return resultOfAll(expression, scope);
    case "call":
      return resultOf(expression, scope);
    default:
      return assertNever(expression);
  }
}

function selectedBy(patterns: readonly PatternWord[], { graph, selected }: Scope): LabelSet {
  const members = new Set<number>();
  for (const pattern of patterns) {
    for (const label of selected.get(pattern) ?? []) {
      const index = graph.indexOf.get(label);
      if (index !== undefined) members.add(index);
    }
  }
  return labelSet(members);
}

/**
 * Takes time linear in the sizes of all operands together, and not in their number times the
 * size of the result: what an intersection goes through is left only as far as it is in both.
 */
function resultOfAll({ first, steps }: Operations, scope: Scope): LabelSet {
  const { members, isPath } = valueOf(first, scope);
  let result = new Set(members);
  for (const { operator, operand } of steps) {
    const right = valueOf(operand, scope).members;
    switch (operator) {
      case "union":
        for (const one of right) result.add(one);
        break;
      case "except":
        for (const one of right) result.delete(one);
        break;
      case "intersect":
        result = new Set([...result].filter((one) => right.has(one)));
        break;
      default:
        assertNever(operator);
    }
  }
  // What a union adds is on no path.
  const isUnion = steps.some(({ operator }) => operator === "union");
  return { kind: "labels", members: result, isPath: isPath && !isUnion };
}

function resultOf({ called, args, at }: Call, scope: Scope): LabelSet {
  const result = called.apply(
    scope.graph,
    args.map((argument) => argumentValue(argument, scope)),
  );
  if (result.kind === "labels") return result;
  scope.report({ severity: "error", code: "nothing-selected", message: result.message, at });
  return labelSet(new Set());
}

function argumentValue(argument: Argument, scope: Scope): ArgumentValue {
  switch (argument.kind) {
    case "expression":
      return valueOf(argument.expression, scope);
    case "regex":
      return argument.regex;
    case "count":
      return argument.count;
    case "attribute":
      checkAttribute(argument, scope);
      return argument.name;
    case "path":
      return pathOf(argument, scope);
    case "revision":
      return argument.text;
    default:
      return assertNever(argument);
  }
}

/** A name that no rule knows is allowed, as in Bazel, where rules differ from place to place. */
function checkAttribute({ name, at }: { name: string; at: Span }, { graph, report }: Scope): void {
  const known = graph.graph.attributeNames();
  if (name === "name" || known.has(name)) return;
  const message = `no rule in the graph has an attribute "${name}"`;
  report({
    severity: "warning",
    code: "unknown-attribute",
    message,
    at,
    ...didYouMean(name, known),
  });
}

function pathOf({ text, at }: { text: string; at: Span }, { graph, report }: Scope): ExecPath {
  const path = graph.graph.pathOf(text);
  if (path !== undefined) return path;
  const message = `"${text}" is outside of the workspace, and in no component`;
  report({ severity: "error", code: "bad-path", message, at });
  return "";
}
