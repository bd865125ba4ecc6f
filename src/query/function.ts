// What a function of the query language is. Knows none of them: see functions.ts.

import type { ExecPath } from "../action/action.ts";
import type { IndexedGraph } from "./indexed-graph.ts";
import type { LabelSet } from "./label-set.ts";

/** A function of the query language. */
export interface QueryFunction {
  readonly name: string;
  /** The types of what it takes, in order. */
  readonly parameters: readonly Parameter[];
  /** How many of the parameters must be given. */
  readonly required: number;
  /** Whether the last of the parameters may be given again and again. */
  readonly isVariadic: boolean;
  /** As help shows it. */
  readonly usage: string;
  /** What of the repository must be known for an answer, besides its targets. */
  readonly needs: readonly Need[];
  /** `given` is of the types of `parameters`, as far as it goes. */
  readonly apply: (graph: IndexedGraph, given: readonly ArgumentValue[]) => FunctionResult;
}

/**
 * `actions`: those that the targets in the query come to. `all targets`: the actions of every
 * target, as far as they are known. `reads`: what compilers were seen to read. `package files`: what
 * each package was loaded from.
 */
export type Need = "actions" | "all targets" | "reads" | "package files";

/**
 * What a function can take: a query, a JavaScript regular expression, a number from 0, the name of
 * an attribute, the path of a file, or a revision of git.
 */
export type Parameter = keyof ValueOf;

/** An argument whose value is known. */
export type ArgumentValue = ValueOf[Parameter];

/** What a function gives, or why it cannot. */
export type FunctionResult = LabelSet | { readonly kind: "problem"; readonly message: string };

interface ValueOf {
  readonly expression: LabelSet;
  readonly regex: RegExp;
  readonly count: number;
  readonly attribute: string;
  readonly path: ExecPath;
  readonly revision: string;
}

type ValuesOf<P extends readonly Parameter[]> = { readonly [I in keyof P]: ValueOf[P[I]] };

interface Definition<
  R extends readonly Parameter[],
  O extends readonly Parameter[],
  V extends Parameter = never,
> {
  readonly name: string;
  readonly required: R;
  readonly optional?: O;
  /** What stands one or more times behind the others. */
  readonly repeated?: V;
  readonly usage: string;
  readonly needs?: readonly Need[];
  readonly apply: (
    graph: IndexedGraph,
    ...given: [...ValuesOf<R>, ...Partial<ValuesOf<O>>, ...ValueOf[V][]]
  ) => FunctionResult;
}

/** The function that `definition` says; here so that `apply` is typed by the parameters. */
export function defineFunction<
  const R extends readonly Parameter[],
  const O extends readonly Parameter[] = [],
  const V extends Parameter = never,
>({
  name,
  required,
  optional,
  repeated,
  usage,
  needs = [],
  apply,
}: Definition<R, O, V>): QueryFunction {
  const call = apply as unknown as (graph: IndexedGraph, ...given: unknown[]) => FunctionResult;
  const last: readonly Parameter[] = repeated === undefined ? [] : [repeated];
  return {
    name,
    parameters: [...required, ...(optional ?? []), ...last],
    required: required.length + last.length,
    isVariadic: repeated !== undefined,
    usage,
    needs,
    apply: (graph, given) => call(graph, ...given),
  };
}
