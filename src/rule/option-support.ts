// What a rule set can say of the options of its targets. Knows no form of an option.

import type { Source, Span } from "../diagnostic/diagnostic.ts";

/**
 * How a rule set tells of options, and has them changed. A target has options when its result has
 * the group `options`, of one file that is handed back as `facts`. It has a menu when there is a
 * group `menu`: a directory, of which a copy is handed back.
 */
export interface OptionSupport {
  /** Every option that `facts` has, or those of `names`, and where its value is from. */
  readonly list: (facts: string, names: readonly string[]) => OptionAnswer;
  /** All about the option `name`. */
  readonly explain: (facts: string, name: string) => OptionAnswer;
  /** How the options of `facts` differ from `other`, which is `facts` too, or a file of options. */
  readonly compare: (facts: string, other: string) => OptionAnswer;
  readonly menu: OptionMenu;
}

/** What to print; or why there is nothing. */
export type OptionAnswer =
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "refused"; readonly message: string; readonly help?: string };

/** How options are changed by a menu program. */
export interface OptionMenu {
  /** How to make what the menu in the directory at `path` is to show, and how to start it. */
  readonly open: (path: string) => OpenedMenu;
  /** What the user changed in it: no more than it takes to have the same again. */
  readonly changes: (path: string) => readonly OptionChange[];
  /** The text of the build file `source` with `changes` written into it. */
  readonly write: (
    source: Source,
    changes: readonly OptionChange[],
    place: OptionPlace,
  ) => string | Promise<string>;
}

/** A menu before it is shown. */
export type OpenedMenu =
  | { readonly kind: "none"; readonly message: string }
  /** Two scripts of sh, to be run in the directory, the second with the terminal. */
  | { readonly kind: "menu"; readonly prepare: string; readonly show: string };

/** Which target changes are for. */
export interface OptionPlace {
  /** Where it is stated. */
  readonly target: Span;
  /** Whether what is new is to hold for it alone, and not for others of the file. */
  readonly isForTarget: boolean;
}

/** An option with a new value. */
export interface OptionChange {
  readonly name: string;
  /** Without quotes. */
  readonly value: string;
  /** As it is shown to the user. */
  readonly before: string;
  readonly after: string;
}
