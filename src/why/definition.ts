// Where users wrote what a cause is about: the line of a build file, or a setting. Pure.

import { posix } from "node:path";

import type { Cause } from "./cause.ts";
import type { JournalBegin } from "./journal-entry.ts";
import { changedLines } from "./unified-diff.ts";

/** A line of a build file, or a setting, that was changed. */
export type Definition =
  | {
      readonly kind: "line";
      readonly file: string;
      /** From 1; of the new text, or of the old one when the line is gone. */
      readonly line: number;
      readonly from?: string;
      readonly to?: string;
    }
  | {
      readonly kind: "setting";
      readonly name: string;
      readonly from?: string;
      readonly to?: string;
    };

/** The build in which a cause was, and the one before it. */
export interface DefinitionContext {
  readonly before: JournalBegin;
  readonly now: JournalBegin;
  /** Paths of the packages of the actions that it concerns. */
  readonly packages: ReadonlySet<string>;
  /** By what a line would name those actions. */
  readonly names: readonly string[];
  /** The text with a short digest; undefined when it is not known. */
  readonly textOf: (digest: string) => string | undefined;
}

/** What in the files of the user led to `cause`; undefined when that cannot be told. */
export function definitionOf(cause: Cause, context: DefinitionContext): Definition | undefined {
  const { before, now } = context;
  if (cause.kind === "tool" && cause.change === "other") {
    return settingOf("build.path", before, now);
  }
  const words = cause.kind === "new" ? context.names : wordsOf(cause);
  if (words === undefined) return undefined;
  const paths = [...new Set([...Object.keys(now.files), ...Object.keys(before.files)])];
  const changed = paths.filter((path) => now.files[path] !== before.files[path]).sort();
  const own = changed.filter((path) => context.packages.has(directoryOf(path)));
  const lines = [...own, ...changed].flatMap((path) => linesIn(path, context));
  const named = lines.find(({ from = "", to = "" }) =>
    words.some((word) => from.includes(word) || to.includes(word)),
  );
  // A line that does not name it may have led to it, if there is no other.
  const mayBeBare = cause.kind === "file" ? cause.change === "dropped" : !bareKinds.has(cause.kind);
  const files = new Set(lines.map(({ file }) => file));
  return named ?? (files.size === 1 && mayBeBare ? lines[0] : undefined);
}

/** Causes that come about without any line of theirs. */
const bareKinds: ReadonlySet<string> = new Set(["renamed", "new", "tool"]);

function directoryOf(path: string): string {
  const directory = posix.dirname(path);
  return directory === "." ? "" : directory;
}

type Line = Extract<Definition, { readonly kind: "line" }>;

/** Changed lines, an old one and the new one at its place together. */
function linesIn(path: string, { before, now, textOf }: DefinitionContext): readonly Line[] {
  const [old, current] = [before.files[path], now.files[path]].map((digest) =>
    digest === undefined ? undefined : textOf(digest),
  );
  if (old === undefined || current === undefined) return [];
  const lines: Line[] = [];
  let gone: number[] = [];
  let last = -2;
  for (const { kind, text, oldAt, newAt } of changedLines(old, current)) {
    if (newAt > last + 1) gone = [];
    last = kind === "added" ? newAt : newAt - 1;
    if (kind === "removed") {
      gone.push(lines.length);
      lines.push({ kind: "line", file: path, line: oldAt + 1, from: text.trim() });
      continue;
    }
    const at = gone.shift();
    const replaced = at === undefined ? undefined : lines[at];
    const line = { kind: "line", file: path, line: newAt + 1, to: text.trim() } as const;
    if (at === undefined || replaced?.from === undefined) lines.push(line);
    else lines[at] = { ...line, from: replaced.from };
  }
  return lines;
}

/** What a line would have that led to `cause`; undefined for what no line of theirs leads to. */
function wordsOf(cause: Cause): readonly string[] | undefined {
  switch (cause.kind) {
    case "argument":
    case "environment":
    case "text":
      return [cause.to, cause.from].flatMap((side) =>
        side === undefined ? [] : significant(side),
      );
    case "option":
      return [cause.name, cause.name.replace(/^[A-Z]+_/, "")];
    case "file":
      return cause.change === "new" || cause.change === "gone" || cause.change === "dropped"
        ? [posix.basename(cause.path)]
        : undefined;
    case "tool":
      return [cause.name];
    case "renamed":
      return [posix.basename(cause.to)];
    case "order":
      return [posix.basename(cause.to)];
    case "declaration":
    case "command":
      return [];
    default:
      return undefined;
  }
}

/** The whole of `text`, and if it is many words, those that are no common ones. */
function significant(text: string): readonly string[] {
  return [text, ...text.split(/[\s"']+/).filter((word) => word.length >= 4)];
}

function settingOf(name: string, before: JournalBegin, now: JournalBegin): Definition | undefined {
  const [from, to] = [before.settings[name], now.settings[name]];
  if (from === to) return undefined;
  const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  return { kind: "setting", name, ...sides };
}
