// What differs between two commands. Pure.

import type { ArgumentCause, Cause } from "./cause.ts";
import { editsOf } from "./line-edit.ts";
import { optionChanges, optionIn, optionOf, optionsInJson } from "./option-causes.ts";
import type { State } from "./state.ts";
import { changedLines } from "./unified-diff.ts";

/** Words, variables, text and declarations that are other ones; empty when the command is the same. */
export function commandCauses(before: State, now: State): readonly Cause[] {
  if (before.commandDigest === now.commandDigest) return [];
  const [old, current] = [before.command, now.command];
  if (old === undefined || current === undefined) return [{ kind: "command" }];
  const names = [...new Set([...Object.keys(current), ...Object.keys(old)])];
  const causes = names.flatMap((name) => fieldCauses(name, old, current));
  return causes.length > 0 || isTold(old, current) ? causes : [{ kind: "command" }];
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether only fields differ that other causes tell of. */
function isTold(old: Fields, current: Fields): boolean {
  return JSON.stringify(old["tools"]) !== JSON.stringify(current["tools"]);
}

function fieldCauses(name: string, old: Fields, current: Fields): readonly Cause[] {
  const [from, to] = [old[name], current[name]];
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  switch (name) {
    case "argv":
    case "args":
    case "preprocess":
    case "compile":
      return wordCauses(name, wordsOf(from), wordsOf(to)).flatMap(withOptions);
    case "searchPath":
      // What tells the compiler of it tells the reader, too.
      return isSame("preprocess", old, current) ? [declarationOf(name, from, to)] : [];
    case "env":
      return environmentCauses(variablesOf(from), variablesOf(to));
    case "text":
      return old["kind"] === "write" && current["kind"] === "write"
        ? textCauses(String(from), String(to))
        : [declarationOf(name, from, to)];
    case "version":
      return isSame("program", old, current) ? programCauses(old, current) : [];
    case "program":
      return programCauses(old, current);
    case "tools":
      return []; // The tools themselves are compared.
    default:
      return [declarationOf(name, from, to)];
  }
}

function isSame(name: string, old: Fields, current: Fields): boolean {
  return JSON.stringify(old[name]) === JSON.stringify(current[name]);
}

function programCauses(old: Fields, current: Fields): readonly Cause[] {
  const nameOf = ({ program, version }: Fields) => `${String(program)} version ${String(version)}`;
  if (old["program"] === undefined || current["program"] === undefined) return [];
  return [{ kind: "program", from: nameOf(old), to: nameOf(current) }];
}

/** Words that went and words that came at the same place are one cause. */
function wordCauses(
  list: string,
  before: readonly string[],
  now: readonly string[],
): readonly Cause[] {
  if (before.length === now.length && before.toSorted().join("\0") === now.toSorted().join("\0")) {
    const at = now.findIndex((word, i) => before[i] !== word);
    return [{ kind: "order", list, from: before[at] ?? "", to: now[at] ?? "" }];
  }
  const causes: ArgumentCause[] = [];
  let gone: number[] = [];
  for (const { kind, text, oldAt, newAt } of editsOf(before, now)) {
    if (kind === "same") gone = [];
    else if (kind === "removed") {
      gone.push(causes.length);
      causes.push({ kind: "argument", list, at: oldAt, from: text });
    } else {
      const replaced = gone.shift();
      const old = replaced === undefined ? undefined : causes[replaced];
      if (replaced === undefined || old === undefined) {
        causes.push({ kind: "argument", list, at: newAt, to: text });
      } else causes[replaced] = { ...old, at: newAt, to: text };
    }
  }
  return causes;
}

/** Of JSON that differs in options, those; anything else as it is. */
function withOptions(cause: Cause): readonly Cause[] {
  if (cause.kind !== "argument") return [cause];
  const [from, to] = [optionsInJson(cause.from), optionsInJson(cause.to)];
  if (from === undefined || to === undefined) return [cause];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  const options = names.filter((name) => from.get(name) !== to.get(name));
  if (options.length === 0) return [cause];
  return options.map((name) => optionOf(name, { from: from.get(name), to: to.get(name) }));
}

function environmentCauses(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly Cause[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name): Cause[] => {
    const [from, to] = [before[name], now[name]];
    if (from === to) return [];
    const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return [{ kind: "environment", name, ...sides }];
  });
}

/** Lines of configuration as the options that they switch, other ones as they are. */
function textCauses(before: string, now: string): readonly Cause[] {
  const edits = changedLines(before, now);
  const options = optionChanges(before, now);
  if (options.length > 0 && edits.every(({ text }) => optionIn(text) !== undefined)) return options;
  return edits
    .slice(0, maxLines)
    .map(({ kind, text, oldAt, newAt }) =>
      kind === "removed"
        ? { kind: "text", line: oldAt + 1, from: text }
        : { kind: "text", line: newAt + 1, to: text },
    );
}

const maxLines = 10;

function declarationOf(name: string, from: unknown, to: unknown): Cause {
  const sides = {
    ...(from !== undefined && { from: JSON.stringify(from) }),
    ...(to !== undefined && { to: JSON.stringify(to) }),
  };
  return { kind: "declaration", name, ...sides };
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function variablesOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
