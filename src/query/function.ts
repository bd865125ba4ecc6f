import { type IndexedGraph, successorsOf } from "./indexed-graph.ts";
import { inOrder, type LabelSet, labelSet, subset } from "./label-set.ts";
import type { QueryAction } from "./query-graph.ts";
import { pathBetween, reach } from "./walk.ts";

/** A function of the query language. */
export interface QueryFunction {
  readonly name: string;
  /** The types of what it takes, in order. */
  readonly parameters: readonly Parameter[];
  /** How many of the parameters must be given. */
  readonly required: number;
  /** As help shows it. */
  readonly usage: string;
  /** True when its answer is of actions, which are then part of the graph. */
  readonly isAboutActions: boolean;
  /** `given` is of the types of `parameters`, as far as it goes. */
  readonly apply: (graph: IndexedGraph, given: readonly ArgumentValue[]) => FunctionResult;
}

/** What a function can take: a query, a JavaScript regular expression, or a number from 0. */
export type Parameter = keyof ValueOf;

/** An argument whose value is known. */
export type ArgumentValue = ValueOf[Parameter];

/** What a function gives, or why it cannot. */
export type FunctionResult = LabelSet | { readonly kind: "problem"; readonly message: string };

interface ValueOf {
  readonly expression: LabelSet;
  readonly regex: RegExp;
  readonly count: number;
}

type ValuesOf<P extends readonly Parameter[]> = { readonly [I in keyof P]: ValueOf[P[I]] };

interface Definition<R extends readonly Parameter[], O extends readonly Parameter[]> {
  readonly name: string;
  readonly required: R;
  readonly optional: O;
  readonly usage: string;
  readonly apply: (
    graph: IndexedGraph,
    ...given: [...ValuesOf<R>, ...Partial<ValuesOf<O>>]
  ) => FunctionResult;
}

/** The function that `definition` says; here so that `apply` is typed by the parameters. */
function define<const R extends readonly Parameter[], const O extends readonly Parameter[]>({
  name,
  required,
  optional,
  usage,
  apply,
}: Definition<R, O>): QueryFunction {
  const call = apply as unknown as (graph: IndexedGraph, ...given: unknown[]) => FunctionResult;
  return {
    name,
    parameters: [...required, ...optional],
    required: required.length,
    usage,
    isAboutActions: false,
    apply: (graph, given) => call(graph, ...given),
  };
}

/** What of the closure of `from` leads to `to`, by at most `depth` edges. */
function towards(
  { forward, backward }: IndexedGraph,
  from: LabelSet,
  { to, depth }: { readonly to: LabelSet; readonly depth?: number | undefined },
): LabelSet {
  const within = reach(forward, from.members);
  return labelSet(reach(backward(), to.members, { within, depth }));
}

/**
 * Chooses actions of which a text is what a regular expression wants, as a whole. Actions are
 * chosen from among those in its argument and those of the targets in it.
 *
 * Source: the Bazel aquery reference.
 */
function ofActions(name: string, textsOf: (one: QueryAction) => readonly string[]): QueryFunction {
  const chosen = define({
    name,
    required: ["regex", "expression"],
    optional: [],
    usage: `${name}(regex, e)`,
    apply: (graph, regex, e) => {
      const whole = new RegExp(`^(?:${regex.source})$`);
      return subset(actionsIn(e, graph), (one) => {
        const action = graph.actionOf(one);
        return action !== undefined && textsOf(action).some((text) => whole.test(text));
      });
    },
  });
  return { ...chosen, isAboutActions: true };
}

/** The members of `set` that are actions, and the actions of those that are targets. */
function actionsIn({ members }: LabelSet, { actionOf, forward }: IndexedGraph): LabelSet {
  const candidates = new Set(members);
  for (const member of members) {
    if (actionOf(member) !== undefined) continue;
    for (const next of successorsOf(forward, member)) candidates.add(next);
  }
  return subset(labelSet(candidates), (one) => actionOf(one) !== undefined);
}

const functions: readonly QueryFunction[] = [
  define({
    name: "deps",
    required: ["expression"],
    optional: ["count"],
    usage: "deps(e[, depth])",
    apply: ({ forward }, e, depth) => labelSet(reach(forward, e.members, { depth })),
  }),
  define({
    name: "rdeps",
    required: ["expression", "expression"],
    optional: ["count"],
    usage: "rdeps(universe, e[, depth])",
    apply: (graph, universe, e, depth) => towards(graph, universe, { to: e, depth }),
  }),
  define({
    name: "allpaths",
    required: ["expression", "expression"],
    optional: [],
    usage: "allpaths(from, to)",
    apply: (graph, from, to) => towards(graph, from, { to }),
  }),
  define({
    name: "somepath",
    required: ["expression", "expression"],
    optional: [],
    usage: "somepath(from, to)",
    apply: ({ forward }, from, to) => {
      const path = pathBetween(forward, inOrder(from), to.members);
      return { kind: "labels", members: new Set(path), isPath: true };
    },
  }),
  define({
    name: "kind",
    required: ["regex", "expression"],
    optional: [],
    usage: "kind(regex, e)",
    apply: ({ kindOf }, regex, e) => subset(e, (one) => regex.test(kindOf(one))),
  }),
  define({
    name: "filter",
    required: ["regex", "expression"],
    optional: [],
    usage: "filter(regex, e)",
    apply: ({ nodes }, regex, e) => subset(e, (one) => regex.test(nodes[one] ?? "")),
  }),
  define({
    name: "some",
    required: ["expression"],
    optional: ["count"],
    usage: "some(e[, count])",
    apply: (_graph, e, count = 1) => {
      if (e.members.size === 0)
        return { kind: "problem", message: "there is none to take some of" };
      const taken = new Set(inOrder(e).slice(0, count));
      return subset(e, (one) => taken.has(one));
    },
  }),
  ofActions("inputs", ({ inputs }) => inputs),
  ofActions("outputs", ({ action }) => action.outputs),
  ofActions("mnemonic", ({ action }) => [action.mnemonic]),
];

/** The functions of the query language, by name. To add one is to add it to this table. */
export const queryFunctions: ReadonlyMap<string, QueryFunction> = new Map(
  functions.map((each) => [each.name, each]),
);
