// Reads netrc files. Source: ftp(1), and curl's reading of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Credentials } from "./address.ts";
import type { FetchContext } from "./fetch-context.ts";

/** Who to be at which machine, in the order of the file. `machine` is undefined for `default`. */
export interface NetrcEntry {
  readonly machine: string | undefined;
  readonly credentials: Credentials;
}

/** The user's entries: of the file that `NETRC` names, else of `~/.netrc`; none without a file. */
export function loadNetrc(environment: FetchContext["environment"]): readonly NetrcEntry[] {
  const { NETRC: path, HOME: home } = environment;
  const file = path || (home ? join(home, ".netrc") : undefined);
  if (file === undefined) return [];
  try {
    return parseNetrc(readFileSync(file, "utf8"));
  } catch {
    return []; // As curl does: most have none, and whoever needs it sees that they are refused.
  }
}

/** The entries of the netrc file `text`. What is not understood is passed over. */
export function parseNetrc(text: string): readonly NetrcEntry[] {
  const words = wordsOf(text);
  const entries: NetrcEntry[] = [];
  for (let i = 0; i < words.length; ) {
    const word = words[i++];
    if (word !== "machine" && word !== "default") continue;
    const machine = word === "machine" ? words[i++] : undefined;
    let user = "";
    let password = "";
    for (; i < words.length && words[i] !== "machine" && words[i] !== "default"; i += 2) {
      if (words[i] === "login") user = words[i + 1] ?? "";
      if (words[i] === "password") password = words[i + 1] ?? "";
    }
    if (machine !== "") entries.push({ machine, credentials: { user, password } });
  }
  return entries;
}

/** Who to be at `host`; undefined when no entry says it. */
export function credentialsFor(
  entries: readonly NetrcEntry[],
  host: string,
): Credentials | undefined {
  const named = entries.find(({ machine }) => machine?.toLowerCase() === host.toLowerCase());
  return (named ?? entries.find(({ machine }) => machine === undefined))?.credentials;
}

/** Words of `text`; a macro, which ends at an empty line, and comments are left out. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let inMacro = false;
  for (const line of text.split(/\r?\n/)) {
    if (inMacro) {
      inMacro = line.trim() !== "";
      continue;
    }
    if (/^\s*#/.test(line)) continue;
    const found = [...line.matchAll(/"((?:\\.|[^"\\])*)"|\S+/g)].map(wordOf);
    const macro = found.indexOf("macdef");
    inMacro = macro !== -1;
    words.push(...(inMacro ? found.slice(0, macro) : found));
  }
  return words;
}

function wordOf([word, quoted]: RegExpMatchArray): string {
  return quoted === undefined ? (word ?? "") : quoted.replaceAll(/\\(.)/g, "$1");
}
