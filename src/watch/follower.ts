// Paths that somebody is about to look at, told before, so that no later change goes unseen.

import { lstatSync, readlinkSync } from "node:fs";
import { posix } from "node:path";

/** Hears of what is about to be looked at. Paths are absolute. */
export interface Follower {
  /** Somebody is about to look at what stands at `path`, be it nothing. */
  readonly followPath: (path: string) => void;
  /** Somebody is about to list the names in `directory`. */
  readonly followEntries: (directory: string) => void;
}

/** Something that happened to `path`. */
export interface PathChange {
  readonly path: string;
  /**
   * `content`: of a file, or what is known of it besides. `entry`: it came, went, or was replaced.
   * `tree`: it is a directory that was watched, and everything below it may be another.
   */
  readonly kind: "content" | "entry" | "tree";
}

/** Where `path` leads, one symbolic link after the other; nothing when it is none. */
export function targetsOf(path: string): string[] {
  const targets: string[] = [];
  for (let at = path; targets.length < maxHops; ) {
    const target = linkAt(at);
    if (target === undefined) break;
    at = posix.resolve(posix.dirname(at), target);
    targets.push(at);
  }
  return targets;
}

/** As many as Linux follows before it says ELOOP. */
const maxHops = 40;

function linkAt(path: string): string | undefined {
  try {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? readlinkSync(path) : undefined;
  } catch {
    return undefined; // Not to be looked into, by whoever reads it neither.
  }
}
