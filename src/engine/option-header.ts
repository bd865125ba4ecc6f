// Headers that say which options are set, and what of them other files can see. Knows no action.

/**
 * The macros of the header `text`: the rest of its line, by name. Undefined when it holds anything
 * but `#define` lines of names with `prefix`, comments, and an include guard, so that nobody can
 * tell who sees what of it.
 */
export function readOptionHeader(
  text: string,
  prefix: string,
): ReadonlyMap<string, string> | undefined {
  const macros = new Map<string, string>();
  for (const line of text.replaceAll(/\/\*[\s\S]*?\*\//g, "").split("\n")) {
    if (/^\s*(\/\/.*)?$/.test(line)) continue;
    const define = /^#define (\w+)(?: (.*))?$/.exec(line);
    const [, name = "", value = ""] = define ?? [];
    const isGuard = value === "" && /^__\w+_H_*$/.test(name);
    if (define !== null && name.startsWith(prefix) && !value.endsWith("\\"))
      macros.set(name, value);
    else if (!isGuard && !/^#(ifndef __\w+_H_*|endif|pragma once)\s*$/.test(line)) return undefined;
  }
  return macros;
}

/**
 * What of a header of options whoever includes `text` too can see: names with `prefix` that stand
 * in it, and with a trailing `*` the beginning of names that it puts together by `##`. Undefined
 * when it may put together any name.
 */
export function optionsIn(text: string, prefix: string): readonly string[] | undefined {
  const options = new Set<string>();
  for (const { 0: name, index } of text.matchAll(new RegExp(`\\b${prefix}\\w*`, "g"))) {
    const isPasted = /^[ \t]*(?:\\\r?\n[ \t]*)?##/.test(
      text.slice(index + name.length, index + name.length + 40),
    );
    if (isPasted || name === prefix) {
      if (name === prefix) return undefined;
      options.add(`${name}*`);
    } else options.add(name);
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
