// The code of a module that is not ours: its file, and all files that it imports.

import { createRequire } from "node:module";
import { posix } from "node:path";

import { type Digest, digestOf } from "../digest/digest.ts";

/** The text of a file at an absolute path; undefined when there is none. */
export type ReadText = (path: string) => string | undefined;

/** More are no rule set, but somebody's whole program. */
const maxFiles = 5000;

/**
 * A digest of the module in the file `entry` with all that it imports by names that stand in its
 * text, packages of npm among them. Not of Node's own modules, nor of this engine. Says nothing of
 * where the files are.
 */
export function moduleDigestOf(entry: string, read: ReadText): Digest {
  const texts: string[] = [];
  const seen = new Set<string>([entry]);
  for (const path of seen) {
    const text = read(path);
    if (text === undefined) continue;
    texts.push(text);
    for (const name of importsIn(text)) {
      const file = fileOf(name, path, read);
      if (file !== undefined && seen.size < maxFiles) seen.add(file);
    }
  }
  return digestOf(Buffer.from(JSON.stringify(texts)));
}

/** Whether `name` stands for this engine's interface for rule sets. */
export function isOwnInterface(name: string): boolean {
  return name === "kraft-graph" || name === "kraft-graph/rules";
}

/** What stands in `import … from`, `export … from`, `import(…)` and `require(…)`. */
function importsIn(text: string): string[] {
  const form = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*["']([^"'\n]+)["']/g;
  return [...text.matchAll(form)].map(([, name = ""]) => name);
}

function fileOf(name: string, from: string, read: ReadText): string | undefined {
  if (isOwnInterface(name) || name.startsWith("node:")) return undefined;
  if (!name.startsWith(".") && !name.startsWith("/")) return packageFile(name, from);
  const path = posix.resolve(posix.dirname(from), name);
  const endings = ["", ".js", ".mjs", ".cjs", ".json", "/index.js"];
  return endings.map((ending) => path + ending).find((one) => read(one) !== undefined);
}

function packageFile(name: string, from: string): string | undefined {
  try {
    const file = createRequire(from).resolve(name);
    return posix.isAbsolute(file) ? file : undefined;
  } catch {
    // Modules of Node, and packages for import alone, whose version is in a lock file of npm.
    return undefined;
  }
}
