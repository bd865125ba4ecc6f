import { posix } from "node:path";

/**
 * The files that a depfile says were read, without repeats, in its order: all prerequisites of all
 * rules. A compiler's rules without prerequisites (`-MP`) say nothing.
 *
 * Source: GCC, mkdeps.cc (`munge`): blanks and `#` are behind a backslash, `$` is doubled.
 */
export function readDepfile(text: string): string[] {
  const files = new Set<string>();
  for (const rule of text.replaceAll(/\\\r?\n/g, " ").split("\n")) {
    const colon = /(?<!\\):(?=\s|$)/.exec(rule);
    if (colon === null) continue;
    for (const word of rule.slice(colon.index + 1).match(/(?:\\.|[^\s\\])+/g) ?? []) {
      files.add(posix.normalize(word.replaceAll(/\\([ \t#\\])/g, "$1").replaceAll("$$", "$")));
    }
  }
  return [...files];
}
