// Directories that the sandbox rebuilt of links, so that a part of them could be left out.

import { type Dirent, type Stats, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * The directory of which the absolute path `staged` shows the entries, each by a link to it, or
 * by a directory of such links; undefined when it is no such directory. The user's own symbolic
 * links stand there as they are, and only the origin tells them from those of the sandbox.
 */
export function originOf(staged: string): string | undefined {
  if (statsOf(staged)?.isDirectory() !== true) return undefined;
  const entries = readdirSync(staged, { withFileTypes: true }).filter(
    ({ name }) => !hiddenNames.has(name),
  );
  // Files are never copied into one.
  if (entries.some((entry) => entry.isFile())) return undefined;
  for (const { name } of entries) {
    const origin = candidateOf(staged, name);
    if (origin !== undefined && entries.every((entry) => isFrom(origin, staged, entry))) {
      return origin;
    }
  }
  return undefined;
}

/** What the engine leaves out of every input: changes there would not give a new archive. */
export const hiddenNames: ReadonlySet<string> = new Set([".git", ".kraft", ".unikraft"]);

/** Where `staged` comes from, if its entry `name` is of the sandbox. */
function candidateOf(staged: string, name: string): string | undefined {
  const path = join(staged, name);
  const target = statsOf(path)?.isSymbolicLink() === true ? readlinkSync(path) : originOf(path);
  if (target === undefined || !target.startsWith("/") || basename(target) !== name)
    return undefined;
  const found = statsOf(target);
  return found === undefined || found.isSymbolicLink() ? undefined : dirname(target);
}

/** Whether `entry` of `staged` is what the sandbox makes of the one of that name in `origin`. */
function isFrom(origin: string, staged: string, entry: Dirent): boolean {
  // A tree that several actions share has directories that others need.
  if (entry.isDirectory()) return true;
  const source = join(origin, entry.name);
  const found = statsOf(source);
  const target = readlinkSync(join(staged, entry.name));
  if (found?.isSymbolicLink() === true) return readlinkSync(source) === target;
  return found !== undefined && source === target;
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
