// Changes below directories, as the system tells of them. Knows no build.

import { type FSWatcher, statSync, watch } from "node:fs";
import { posix } from "node:path";

import type { PathChange } from "./follower.ts";
import type { DirectoryWatch } from "./followed-paths.ts";
import { Poller } from "./poller.ts";

/** What a watcher is for. */
export interface WatcherOptions {
  /** Absolute. Every directory from here down to one that is watched is watched, too. */
  readonly top: string;
  /** Absolute paths of directories that are never watched, nor what is below them. */
  readonly excluded: readonly string[];
  readonly changed: (change: PathChange) => void;
  /** Hears that changes may have been lost, so that none can be told from what is unchanged. */
  readonly doubtful: () => void;
  /** Hears, once, why some directories are polled. */
  readonly fellBack: (reason: string) => void;
  /** Whether to poll all of them, as for file systems of other machines. */
  readonly polls: boolean;
  /** How many changes the system can hold back before it drops them. */
  readonly queueLength: number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** As of `node:fs`; a test gives another. */
  readonly watch?: typeof watch;
}

/** Watches each directory by itself: a watch for each file takes 20 times the memory. */
export class DirectoryWatcher implements DirectoryWatch {
  readonly #options: WatcherOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #poller: Poller;
  #saidWhy = false;
  /** Changes that came without the event loop getting any further. */
  #burst = 0;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#poller = new Poller(options.changed, options.now);
  }

  /** How many directories are watched. */
  get size(): number {
    return this.#watched.size + this.#poller.size;
  }

  /** Whether any of them is polled. */
  get isPolling(): boolean {
    return this.#poller.size > 0;
  }

  watch(directory: string): void {
    const { top } = this.#options;
    if (this.#isExcluded(directory)) return;
    const isThere = this.#begin(directory);
    const above = posix.dirname(directory);
    const isInside = directory.startsWith(`${top}/`);
    if (above !== directory && (isInside || !isThere)) this.watch(above);
  }

  /** Ends the watch of all directories that nobody needs who needs `directories`. */
  retain(directories: ReadonlySet<string>): void {
    const needed = new Set(directories);
    for (const directory of directories) {
      for (let at = directory; at !== "/" && at !== this.#options.top; at = posix.dirname(at)) {
        needed.add(posix.dirname(at));
      }
    }
    for (const directory of this.#watched.keys()) {
      if (!needed.has(directory)) this.#end(directory);
    }
    this.#poller.retain(needed);
  }

  /** Looks for changes now, wherever the system does not tell of them. */
  poll(): void {
    this.#poller.look();
  }

  close(): void {
    for (const directory of this.#watched.keys()) this.#end(directory);
    this.#poller.close();
  }

  #isExcluded(path: string): boolean {
    return this.#options.excluded.some((top) => path === top || path.startsWith(`${top}/`));
  }

  /** False when there is no such directory. */
  #begin(directory: string): boolean {
    if (this.#watched.has(directory) || this.#poller.has(directory)) return true;
    if (this.#options.polls) return this.#poller.add(directory);
    const identity = identityOf(directory);
    if (identity === undefined) return false;
    try {
      const begin = this.#options.watch ?? watch;
      const watcher = begin(directory, (type, name) => this.#take(directory, type, name));
      watcher.on("error", () => {
        this.#end(directory);
        this.#options.doubtful();
      });
      this.#watched.set(directory, { watcher, identity });
      return true;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
      if (code === undefined) throw error;
      if (code === "ENOENT" || code === "ENOTDIR") return false;
      this.#sayWhy(code);
      return this.#poller.add(directory);
    }
  }

  #take(directory: string, type: string, name: string | null): void {
    this.#countBurst();
    if (name === null) return this.#options.doubtful();
    const path = posix.join(directory, name);
    if (this.#isExcluded(path)) return;
    const isItself = type === "rename" && name === posix.basename(directory);
    if (isItself && this.#isLost(directory)) return this.#lose(directory);
    // What stands there now is another directory, and so is everything in it.
    if (type === "rename" && this.#isLost(path)) return this.#lose(path);
    this.#options.changed({ path, kind: type === "rename" ? "entry" : "content" });
  }

  /** Whether `directory` was watched, and is not the one that stands there now. */
  #isLost(directory: string): boolean {
    const watched = this.#watched.get(directory);
    return watched !== undefined && identityOf(directory) !== watched.identity;
  }

  /** The watches of `directory` and of what is below are of directories that are elsewhere now. */
  #lose(directory: string): void {
    const below = `${directory}/`;
    for (const path of this.#watched.keys()) {
      if (path === directory || path.startsWith(below)) this.#end(path);
    }
    this.#options.changed({ path: directory, kind: "tree" });
  }

  #end(directory: string): void {
    this.#watched.get(directory)?.watcher.close();
    this.#watched.delete(directory);
  }

  /** When the queue was near its end, Node does not say whether it ran over. */
  #countBurst(): void {
    this.#burst += 1;
    if (this.#burst === 1) setImmediate(() => (this.#burst = 0));
    if (this.#burst === Math.ceil(this.#options.queueLength / 4)) this.#options.doubtful();
  }

  #sayWhy(code: string): void {
    if (this.#saidWhy) return;
    this.#saidWhy = true;
    this.#options.fellBack(reasons[code] ?? `the system gives no further watches (${code})`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "fs.inotify.max_user_watches is reached",
  EMFILE: "fs.inotify.max_user_instances is reached",
};

interface Watched {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

/** Tells a directory from another one at the same path; undefined when there is none. */
function identityOf(directory: string): string | undefined {
  try {
    const found = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (found?.isDirectory() !== true) return undefined;
    // The number of a directory that is gone is soon that of another.
    return `${found.dev}:${found.ino}:${found.birthtimeNs}`;
  } catch {
    return undefined;
  }
}
