import type { ExecPath } from "../action/action.ts";
import type { Span } from "../diagnostic/diagnostic.ts";
import type { Label } from "../label/label.ts";
import type { Check } from "../rule/check.ts";
import type { Rule } from "../rule/rule.ts";

/** A node of the graph. */
export type Target = RuleTarget | SourceFile | ComponentTarget;

/** What a build file states. */
export interface RuleTarget {
  readonly kind: "rule";
  /** In full: never the short form for a package's default target. */
  readonly label: Label;
  readonly rule: Rule;
  /** As the rule's attributes have read them; labels among them are as they were written. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** In full, each once, in the order of the attributes; see `Graph.resolve`. */
  readonly dependencies: readonly Label[];
  readonly at: Span;
  /** True for the target that `//package` names. */
  readonly isDefault: boolean;
  /** False for a target that `:all` and `...` pass over. */
  readonly inWildcards: boolean;
  /** False when a mistake in its attributes was reported: it can be named, but not analyzed. */
  readonly isSound: boolean;
  /** Looks at what it comes to; absent: nobody does. */
  readonly checked?: CheckedBy;
}

/** Who looks at a target, and what they point at. */
export interface CheckedBy {
  readonly checks: readonly NamedCheck[];
  /** Where its attributes are stated, by name. */
  readonly places: ReadonlyMap<string, Span>;
}

/** A check with its name as users know it. */
export interface NamedCheck {
  readonly name: string;
  readonly check: Check;
}

/** A file, or a directory with all in it, that a target names. */
export interface SourceFile {
  readonly kind: "source file";
  readonly label: Label;
  /** From the workspace root. */
  readonly path: ExecPath;
}

/** Something outside of the workspace, as `@unikraft//:source`. */
export interface ComponentTarget {
  readonly kind: "component";
  readonly label: Label;
  /** The component's name, which is its label's repository. */
  readonly name: string;
}
