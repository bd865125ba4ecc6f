// Why a known result of an action could not be used, as data. Knows no build and no file.

import type { ExecPath } from "../action/action.ts";

/** One thing that is not as it was at the last success of an action. */
export type Cause =
  | FileCause
  | RenameCause
  | ShadowCause
  | OptionCause
  | ArgumentCause
  | EnvironmentCause
  | TextCause
  | ProgramCause
  | DeclarationCause
  | ToolCause
  | OrderCause
  | ManyCause
  | {
      /**
       * `new`: it was not built here before; `unrecorded`: it was, but its result came with others as a
       * whole, so that nobody knows what it read; `result-lost`: nothing changed, but its result is no
       * longer in the cache; `output-lost`: another action missed its output; `command`: its
       * command changed, and how it was before is no longer known; `unmatched`: the record that it
       * is compared with does not have it.
       */
      readonly kind: "new" | "unrecorded" | "result-lost" | "output-lost" | "command" | "unmatched";
    };

/** An input, or a file that a compiler read; of a directory, what is different in it. */
export interface FileCause {
  readonly kind: "file";
  readonly path: ExecPath;
  /** `type`: a file became a link, or the like; `dropped`: it is there, but no input any more. */
  readonly change: "content" | "new" | "gone" | "dropped" | "mode" | "target" | "type";
  /** What it was, as `textOf` gives it; absent when it was not there. */
  readonly from?: string;
  /** What it is. */
  readonly to?: string;
  /** The input directory in which it is. */
  readonly within?: ExecPath;
  /** Where it leads, when it is a symbolic link of the user, which actions do not see as such. */
  readonly leadsTo?: string;
}

/** An input with the same content under another name. */
export interface RenameCause {
  readonly kind: "renamed";
  readonly from: ExecPath;
  readonly to: ExecPath;
}

/** A file that stands, or no longer stands, where a header is looked for before it is found. */
export interface ShadowCause {
  readonly kind: "shadow";
  readonly path: ExecPath;
  readonly change: "new" | "gone";
}

/** An option, by its symbol; an absent side is an option that was, or is, not set. */
export interface OptionCause {
  readonly kind: "option";
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
  /** The file that says so. */
  readonly path?: ExecPath;
}

/** A word of the command, at its place from 0; an absent side was, or is, not there. */
export interface ArgumentCause {
  readonly kind: "argument";
  /** Which list of words: `argv` of commands, `args` of programs, `preprocess` and `compile`. */
  readonly list: string;
  readonly at: number;
  readonly from?: string;
  readonly to?: string;
}

/** A variable of the command's environment; an absent side was, or is, not set. */
export interface EnvironmentCause {
  readonly kind: "environment";
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
}

/** A line of the text that an action writes; an absent side was, or is, not there. */
export interface TextCause {
  readonly kind: "text";
  /** From 1; of the new text, or of the old one when the line is gone. */
  readonly line: number;
  readonly from?: string;
  readonly to?: string;
}

/** A program of a rule set, by name, that has another version, or another program altogether. */
export interface ProgramCause {
  readonly kind: "program";
  readonly from: string;
  readonly to: string;
}

/** What else is declared of an action, such as its outputs; a side is JSON, or absent. */
export interface DeclarationCause {
  readonly kind: "declaration";
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
}

/** A program of the machine; an absent side was, or is, not there, or nothing is known of it. */
export interface ToolCause {
  readonly kind: "tool";
  readonly name: string;
  readonly change: "other" | "new" | "gone";
  /** What it said of its version. */
  readonly from?: string;
  readonly to?: string;
}

/** The same inputs, or words of the command, in another order: where that begins. */
export interface OrderCause {
  readonly kind: "order";
  /** `inputs`, or as {@link ArgumentCause.list}. */
  readonly list: string;
  readonly from: ExecPath;
  readonly to: ExecPath;
}

/** More causes than are kept. */
export interface ManyCause {
  readonly kind: "more";
  readonly count: number;
}

/**
 * A text that is the same for equal causes, also of actions that have a word at other places, or
 * that have the file by itself where others have its directory.
 */
export function causeKeyOf(cause: Cause): string {
  const place = placeIn(cause);
  const names = Object.keys(cause).filter((name) => name !== place);
  return JSON.stringify(cause, names.sort());
}

/** What of `cause` only one action can say. */
function placeIn(cause: Cause): string | undefined {
  if (cause.kind === "argument") return "at";
  return cause.kind === "file" && cause.change === "content" ? "within" : undefined;
}

/** The files that `cause` is about. */
export function pathsOf(cause: Cause): readonly string[] {
  switch (cause.kind) {
    case "file":
    case "shadow":
      return [cause.path];
    case "renamed":
      return [cause.from, cause.to];
    default:
      return [];
  }
}
