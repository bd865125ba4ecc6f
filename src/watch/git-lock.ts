// Whether git is in the middle of writing many files. Knows no repository's content.

import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";

/** A lock that is older was left by a git that died, and nobody would ever take it away. */
const staleMs = 10_000;

/** Says whether git holds its lock on the work tree that `directory` is in. */
export function newGitLock(directory: string, epochMs: () => number): () => boolean {
  const gitDirectory = gitDirectoryOf(directory);
  if (gitDirectory === undefined) return () => false;
  const lock = posix.join(gitDirectory, "index.lock");
  return () => {
    const found = statSync(lock, { throwIfNoEntry: false });
    return found !== undefined && epochMs() - found.mtimeMs < staleMs;
  };
}

/** Where git keeps the index of the work tree that `directory` is in; undefined: it is in none. */
function gitDirectoryOf(directory: string): string | undefined {
  for (let at = directory; ; at = posix.dirname(at)) {
    const path = posix.join(at, ".git");
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return path;
    // Of a further work tree, or a submodule. Source: gitrepository-layout(5).
    if (found?.isFile() === true) {
      const [, target] = /^gitdir: (.*)$/m.exec(readFileSync(path, "utf8")) ?? [];
      return target === undefined ? undefined : posix.resolve(at, target);
    }
    if (at === "/") return undefined;
  }
}
