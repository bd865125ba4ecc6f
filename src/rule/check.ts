import type { Diagnostic, Span } from "../diagnostic/diagnostic.ts";
import type { Label } from "../label/label.ts";
import type { TargetResult } from "./rule.ts";

/** Looks at targets beyond what their rules do, as for what a team agreed on. */
export interface Check {
  /** Users know it as `<rule set>/<name>`. */
  readonly name: string;
  /** One line for `kraft-graph info rules`. */
  readonly description: string;
  /** Names of the rules whose targets it looks at, of any rule set; absent: those of its own. */
  readonly rules?: readonly string[];
  /** Looks at one target that is built. Pure: reads no file, no clock, no environment. */
  readonly check: (context: CheckContext) => void;
}

/** What a check sees of a target. */
export interface CheckContext {
  readonly label: Label;
  /** The name of its rule. */
  readonly rule: string;
  /** Where the target is stated. */
  readonly at: Span;
  /** As its rule has read them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Where the attribute `name` is stated; where the target is, when it is not. */
  readonly attributeAt: (name: string) => Span;
  /** What its rule gave. */
  readonly result: TargetResult;
  /** The result of the target `label`, which must stand in a label attribute of this one. */
  readonly dependency: (label: Label) => TargetResult;
  /** An error keeps the target from being built; a warning is told. */
  readonly report: (problem: CheckProblem) => void;
}

/** What a check found. It is a diagnostic with the code `failed-check`. */
export type CheckProblem = Pick<Diagnostic, "severity" | "message" | "help" | "related"> & {
  /** Absent: where the target is stated. */
  readonly at?: Span;
};
