// Changes below directories, by looking again and again. For where the system does not tell.

import { lstatSync, readdirSync, statSync } from "node:fs";
import { posix } from "node:path";

import type { PathChange } from "./follower.ts";

/** How long to wait between two looks, in milliseconds: at the least, and by what one takes. */
const pause = { leastMs: 1000, timesLook: 10 } as const;

/** Looks at directories; each is known from the moment it is added. */
export class Poller {
  readonly #changed: (change: PathChange) => void;
  readonly #now: () => number;
  /** What stood in each directory, by name. */
  readonly #known = new Map<string, ReadonlyMap<string, Stamp>>();
  #timer: NodeJS.Timeout | undefined;

  /** `now` is in milliseconds since some moment. */
  constructor(changed: (change: PathChange) => void, now: () => number) {
    this.#changed = changed;
    this.#now = now;
  }

  get size(): number {
    return this.#known.size;
  }

  has(directory: string): boolean {
    return this.#known.has(directory);
  }

  /** False when there is no such directory. */
  add(directory: string): boolean {
    const stamps = stampsIn(directory);
    if (stamps === undefined) return false;
    this.#known.set(directory, stamps);
    this.#timer ??= setTimeout(() => this.#tick(), pause.leastMs);
    return true;
  }

  retain(directories: ReadonlySet<string>): void {
    for (const directory of this.#known.keys()) {
      if (!directories.has(directory)) this.#known.delete(directory);
    }
  }

  /** Tells of what changed since the last look. */
  look(): void {
    for (const [directory, before] of this.#known) {
      const now = stampsIn(directory);
      if (now === undefined) {
        this.#known.delete(directory);
        this.#changed({ path: directory, kind: "tree" });
      } else {
        this.#known.set(directory, now);
        this.#compare(directory, before, now);
      }
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#known.clear();
  }

  #tick(): void {
    const startMs = this.#now();
    this.look();
    const tookMs = this.#now() - startMs;
    const waitMs = Math.max(pause.leastMs, pause.timesLook * tookMs);
    this.#timer = this.size === 0 ? undefined : setTimeout(() => this.#tick(), waitMs);
  }

  #compare(
    directory: string,
    before: ReadonlyMap<string, Stamp>,
    now: ReadonlyMap<string, Stamp>,
  ): void {
    for (const [name, stamp] of now) {
      const old = before.get(name);
      if (old?.text === stamp.text) continue;
      const path = posix.join(directory, name);
      if (old?.identity === stamp.identity) this.#changed({ path, kind: "content" });
      else this.#changed({ path, kind: this.#known.has(path) ? "tree" : "entry" });
    }
    for (const name of before.keys()) {
      if (!now.has(name)) this.#changed({ path: posix.join(directory, name), kind: "entry" });
    }
  }
}

interface Stamp {
  /** Differs when another file stands there. */
  readonly identity: string;
  /** Differs when anything may be different. */
  readonly text: string;
}

/** Undefined when there is no such directory. */
function stampsIn(directory: string): Map<string, Stamp> | undefined {
  try {
    // A link among the parts of the path may lead elsewhere now: `stat` follows it.
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
    const names = readdirSync(directory);
    return new Map(names.flatMap((name) => stampOf(posix.join(directory, name), name)));
  } catch {
    return undefined;
  }
}

function stampOf(path: string, name: string): [string, Stamp][] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  const { dev, ino, mode, size, mtimeMs, ctimeMs } = found;
  const identity = `${dev}:${ino}:${mode >> 12}`;
  // A directory's times move with each name in it, and those are looked at by themselves.
  if (found.isDirectory()) return [[name, { identity, text: identity }]];
  return [[name, { identity, text: `${identity}:${mode}:${size}:${mtimeMs}:${ctimeMs}` }]];
}
