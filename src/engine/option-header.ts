// Headers that say which options are set, and what of them other files can see. Knows no action.

import { splicedText } from "./include-names.ts";

/**
 * The macros of the header `text`: the rest of its line, by name. Undefined when it holds anything
 * but `#define` lines of names with `prefix` and of values that stand for themselves, comments, and
 * one guard around it all, so that nobody can tell who sees what of it.
 */
export function readOptionHeader(
  text: string,
  prefix: string,
): ReadonlyMap<string, string> | undefined {
  const lines = withoutGuard(significantLines(text));
  if (lines === undefined) return undefined;
  const macros = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^#define (\w+)(?: (.*))?$/.exec(line) ?? [];
    if (!name.startsWith(prefix) || !isPlain(value, prefix)) return undefined;
    macros.set(name, value);
  }
  return macros;
}

/**
 * What of a header of options whoever includes `text` too can see: names with `prefix` that stand
 * in it, and with a trailing `*` the beginnings of names that it, or a macro it hands them to, may
 * put together by `##`. Undefined when that may be any name.
 */
export function optionsIn(text: string, prefix: string): readonly string[] | undefined {
  const whole = splicedText(text);
  if (whole === undefined || hasPart(whole, prefix)) return undefined;
  const options = new Set<string>();
  for (const { 0: name, index } of whole.matchAll(new RegExp(`${prefix}[\\w$]*`, "g"))) {
    if (/[\w$]/.test(whole[index - 1] ?? "")) continue;
    const isBeginning = mayGoOn(whole, index, index + name.length);
    if (isBeginning && name === prefix) return undefined;
    options.add(isBeginning ? `${name}*` : name);
  }
  return [...options];
}

/** What `option`, as `optionsIn` gives it, is in `macros`: equal texts look the same to whoever uses it. */
export function valueOf(option: string, macros: ReadonlyMap<string, string>): string {
  if (!option.endsWith("*")) {
    const value = macros.get(option);
    return value === undefined ? "not set" : `= ${value}`;
  }
  const beginning = option.slice(0, -1);
  const names = [...macros.keys()].filter((name) => name.startsWith(beginning)).sort();
  return JSON.stringify(names.map((name) => [name, macros.get(name)]));
}

/** The lines of `text` that are not blank and no comment; a comment within a line stays. */
function significantLines(text: string): readonly string[] {
  const lines: string[] = [];
  let isComment = false;
  for (const line of text.split("\n")) {
    const start = isComment ? 0 : line.search(/\S/);
    if (start < 0 || (!isComment && line.startsWith("//", start) && !line.endsWith("\\"))) continue;
    if (!isComment && !line.startsWith("/*", start)) {
      lines.push(line);
      continue;
    }
    const end = line.indexOf("*/", isComment ? 0 : start + 2);
    isComment = end < 0;
    if (!isComment && line.slice(end + 2).trim() !== "") lines.push(line);
  }
  return lines;
}

/** `lines` less what keeps them from being read twice; undefined when it does more than that. */
function withoutGuard(lines: readonly string[]): readonly string[] | undefined {
  const [first = "", second = ""] = lines;
  if (/^#pragma once\s*$/.test(first)) return lines.slice(1);
  const guard = /^#ifndef (__\w+)\s*$/.exec(first)?.[1];
  if (guard === undefined) return lines;
  const isWhole = second.trimEnd() === `#define ${guard}` && /^#endif\b/.test(lines.at(-1) ?? "");
  return isWhole ? lines.slice(2, -1) : undefined;
}

/** Whether `value` is the same wherever it is used: it names no option, and ends with its line. */
function isPlain(value: string, prefix: string): boolean {
  const outside = value.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").replaceAll(/'(?:[^'\\]|\\.)*'/g, "");
  return !/["'\\]|\/[/*]|##|\?\?/.test(outside) && !outside.includes(prefix);
}

/** Whether the word of the prefix stands in `text` by itself, as in `CAT(CONFIG, _, x)`. */
function hasPart(text: string, prefix: string): boolean {
  const word = prefix.replace(/_+$/, "");
  return word !== prefix && new RegExp(`(?<![\\w$])${word}[ \\t]*(?:,|##)`).test(text);
}

/** Whether the name in `text` from `start` to `end` may become the beginning of another. */
function mayGoOn(text: string, start: number, end: number): boolean {
  const next = /^(?:\s|\/\*[\s\S]*?\*\/)*(##|%:%:|[,)])?/.exec(text.slice(end, end + 500))?.[1];
  const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
  if (next === "," || next === ")") return !/\bdefined[ \t]*\([ \t]*$/.test(line);
  if (next !== undefined) return true;
  // A macro that stands for it may be handed on.
  const isLast =
    /^(?:[ \t]|\/\*.*?\*\/)*(?:\/\/.*)?$/m.exec(text.slice(end, end + 500))?.index === 0;
  return isLast && /^[ \t]*(?:#|%:)[ \t]*define\b/.test(line);
}
