import type { Span } from "../diagnostic/diagnostic.ts";
import type { Need, QueryFunction } from "./function.ts";

/** A query that has been read. */
export interface Query {
  readonly expression: Expression;
  /** Every pattern in it, in the order of the text. */
  readonly patterns: readonly PatternWord[];
  /** The revisions that it asks about, in the order of the text. */
  readonly revisions: readonly RevisionWord[];
  /** What the functions in it need to know. */
  readonly needs: ReadonlySet<Need>;
  /** Whether `-` stands in it, for what is read from the standard input. */
  readonly readsInput: boolean;
}

/** What gives a set of labels. */
export type Expression =
  | PatternWord
  | { readonly kind: "variable"; readonly name: string; readonly at: Span }
  | { readonly kind: "set"; readonly patterns: readonly PatternWord[]; readonly at: Span }
  | {
      readonly kind: "let";
      readonly name: string;
      readonly value: Expression;
      readonly body: Expression;
      readonly at: Span;
    }
  | Operations
  | Call;

/** A label or pattern, as it is written. */
export interface PatternWord {
  readonly kind: "pattern";
  readonly text: string;
  readonly at: Span;
}

/** A revision of git, as it is written. */
export interface RevisionWord {
  readonly kind: "revision";
  readonly text: string;
  readonly at: Span;
}

/** `first`, with each step applied to what the ones before it gave; the steps bind equally. */
export interface Operations {
  readonly kind: "operations";
  readonly first: Expression;
  readonly steps: readonly { readonly operator: Operator; readonly operand: Expression }[];
  readonly at: Span;
}

/** How two sets make one. */
export type Operator = "union" | "intersect" | "except";

/** A function with what is handed to it, of which each is of the type the function asks for. */
export interface Call {
  readonly kind: "call";
  readonly called: QueryFunction;
  readonly args: readonly Argument[];
  readonly at: Span;
}

/** What stands between the parentheses of a call. */
export type Argument =
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "regex"; readonly regex: RegExp }
  | { readonly kind: "attribute"; readonly name: string; readonly at: Span }
  | { readonly kind: "path"; readonly text: string; readonly at: Span }
  | RevisionWord
  | { readonly kind: "count"; readonly count: number };
