// Builds whenever something changed that the targets depend on, until it is told to stop.

import { readFileSync, statfsSync, type watch as watchDirectory } from "node:fs";
import { posix } from "node:path";
import { setImmediate } from "node:timers/promises";

import { ChangeBatch, type Changes } from "../watch/change-batch.ts";
import { DirectoryWatcher } from "../watch/directory-watcher.ts";
import type { FollowedPaths } from "../watch/followed-paths.ts";
import type { PathChange } from "../watch/follower.ts";
import { newGitLock } from "../watch/git-lock.ts";
import { Repetition } from "../watch/repetition.ts";
import { directoriesUpward, workspaceFileName } from "../workspace/root.ts";
import { nodeDisk } from "../workspace/disk.ts";
import type { BuildRequest, BuildResult } from "./build.ts";
import type { BuildEvent } from "./event.ts";
import { gistOf, QuietBuild } from "./quiet-build.ts";
import { Session } from "./session.ts";

/** What to build again and again. */
export interface WatchRequest extends BuildRequest {
  /** Hears how each build ended that was not stopped. */
  readonly ended?: (result: BuildResult) => void;
  /** Whether to look for changes again and again, rather than be told by the system. */
  readonly polls?: boolean;
  /** As of `node:fs`; a test gives another. */
  readonly watchDirectory?: typeof watchDirectory;
}

/** Builds, and again after each change, until the signal of `request` aborts. */
export async function watchTargets(request: WatchRequest): Promise<void> {
  await new WatchLoop(request).run();
}

class WatchLoop {
  readonly #request: WatchRequest;
  readonly #top: string;
  readonly #watcher: DirectoryWatcher;
  readonly #session: Session;
  readonly #batch: ChangeBatch;
  readonly #repetition = new Repetition();
  /** What the last build came to. */
  #gist = "";
  /** What the directories that are watched were last held against. */
  #retained: FollowedPaths | undefined;
  /** Ends the build that runs. */
  #running: AbortController | undefined;
  /** Ends the wait for changes. */
  #wake: () => void = () => {};
  /** Ends the wait after too many builds in a row. */
  #hurry: () => void = () => {};

  constructor(request: WatchRequest) {
    this.#request = request;
    const { host, listen } = request;
    const top = topOf(host.workingDirectory);
    this.#top = top;
    const far = farFileSystemOf(top);
    if (far !== undefined) listen({ kind: "notice", message: pollingMessage(far) });
    this.#watcher = new DirectoryWatcher({
      top,
      excluded: [posix.join(top, ".kraft")],
      changed: (change) => this.#take(change),
      doubtful: () => this.#doubt(),
      fellBack: (reason) => listen({ kind: "notice", message: pollingMessage(reason) }),
      polls: request.polls === true || far !== undefined,
      queueLength: queueLength(),
      now: host.now,
      ...(request.watchDirectory && { watch: request.watchDirectory }),
    });
    this.#session = new Session(request, this.#watcher);
    this.#batch = new ChangeBatch({
      after,
      isHeld: newGitLock(top, host.epochMs),
      ready: () => this.#ready(),
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#request;
    const stop = (): void => {
      this.#running?.abort();
      this.#wake();
      this.#hurry();
    };
    signal.addEventListener("abort", stop);
    try {
      let changes: Changes | undefined;
      while (!signal.aborted) {
        await this.#build(changes);
        await this.#pause();
        changes = await this.#next();
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.#batch.close();
      this.#watcher.close();
      await this.#session.close();
    }
  }

  async #build(changes: Changes | undefined): Promise<void> {
    const { listen, ended, host } = this.#request;
    const running = new AbortController();
    this.#running = running;
    const events: BuildEvent[] = [];
    const quiet = this.#mayBeNothing(changes) ? new QuietBuild(listen, this.#gist) : { listen };
    const tell = (event: BuildEvent): void => {
      if (!isOfCourse(event)) events.push(event);
      quiet.listen(event);
    };
    if (changes !== undefined) tell(eventOf(this.#told(changes), this.#top));
    const result = await this.#session.build({
      ...(changes && { changes }),
      signal: running.signal,
      listen: (event) => tell(this.#named(event)),
    });
    this.#gist = gistOf(events);
    // What the build itself wrote is told of by now, or with the next turn of the event loop.
    await setImmediate();
    this.#running = undefined;
    this.#repetition.endBuild((path) => {
      const changes = [{ path, kind: "content" }] as const;
      return this.#session.isReachedBy({ kind: "paths", changes });
    });
    if (result.kind === "interrupted") return;
    const { followed } = this.#session;
    const isAnew = followed !== this.#retained;
    if (isAnew) this.#watcher.retain(followed.directories());
    this.#retained = followed;
    tell({
      kind: "watching",
      paths: followed.size,
      directories: this.#watcher.size,
      isPolling: this.#watcher.isPolling,
    });
    ended?.(result);
    // A build that began anew leaves twice as much behind as a watch needs.
    if (isAnew) host.releaseMemory?.();
  }

  /** Of few changes, those that matter by themselves: what came along by chance is no news. */
  #told(changes: Changes): Changes {
    if (changes.kind === "unknown" || changes.changes.length > namedPaths) return changes;
    const reached = changes.changes.filter((change) =>
      this.#session.isReachedBy({ kind: "paths", changes: [change] }),
    );
    return reached.length === 0 ? changes : { kind: "paths", changes: reached };
  }

  /** Whether what changed are only names around what was looked at, such as of an editor's draft. */
  #mayBeNothing(changes: Changes | undefined): boolean {
    if (changes === undefined) return false;
    if (changes.kind === "unknown") return true;
    return changes.changes.every(({ path }) => !this.#session.followed.has(path));
  }

  /** A build that was stopped by a change, and not by the user, is stale. */
  #named(event: BuildEvent): BuildEvent {
    if (event.kind !== "finished" || event.isInterrupted !== true) return event;
    return this.#request.signal.aborted ? event : { ...event, isStale: true };
  }

  #take(change: PathChange): void {
    if (!this.#session.isTouchedBy(change)) return;
    if (this.#running !== undefined) this.#repetition.note(change.path);
    else if (this.#repetition.mayCancel(change.path)) this.#hurry();
    this.#batch.add(change);
  }

  #doubt(): void {
    this.#batch.doubt();
  }

  #ready(): void {
    this.#wake();
    if (this.#running === undefined) return;
    const changes = this.#batch.peek();
    if (!this.#session.isReachedBy(changes)) {
      this.#batch.take();
      return;
    }
    const mayCancel = this.#batch.paths().every((path) => this.#repetition.mayCancel(path));
    if (mayCancel && this.#session.isOverturnedBy(changes)) this.#running.abort();
  }

  /** Lets some time pass when builds seem to bring about each other. */
  async #pause(): Promise<void> {
    for (const path of this.#repetition.news()) {
      const message = `${shown(path, this.#top)} changes whenever it is built: does an action write it?`;
      this.#request.listen({ kind: "notice", message });
    }
    const pauseMs = this.#repetition.pauseMs();
    if (pauseMs === 0 || this.#request.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = after(pauseMs, resolve);
      this.#hurry = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Changes that matter. */
  async #next(): Promise<Changes> {
    const { signal } = this.#request;
    for (;;) {
      while (!this.#batch.isReady && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const changes = this.#batch.take();
      if (signal.aborted || this.#session.isReachedBy(changes)) return changes;
    }
  }
}

/** Of these there are as many as actions, and none tells what a build came to. */
function isOfCourse(event: BuildEvent): boolean {
  return event.kind === "action-finished" && event.failure === undefined;
}

function after(ms: number, use: () => void): () => void {
  const timer = setTimeout(use, ms);
  return () => clearTimeout(timer);
}

/** The nearest directory upward that is a workspace; else the one that the user is in. */
function topOf(directory: string): string {
  const upward = directoriesUpward(directory);
  const isRoot = (at: string) => nodeDisk.stat(posix.join(at, workspaceFileName))?.kind === "file";
  return upward.find(isRoot) ?? directory;
}

/** How many paths an event names. */
const namedPaths = 20;

function eventOf(changes: Changes, top: string): BuildEvent {
  if (changes.kind === "unknown") return { kind: "changed", paths: [] };
  const paths = changes.changes.slice(0, namedPaths).map(({ path }) => shown(path, top));
  return { kind: "changed", paths, count: changes.changes.length };
}

function shown(path: string, top: string): string {
  return path.startsWith(`${top}/`) ? path.slice(top.length + 1) : path;
}

function pollingMessage(reason: string): string {
  return `changes are looked for every second, as ${reason}`;
}

/** Source: proc_sys_fs(5), `inotify/max_queued_events`, with its usual value. */
function queueLength(): number {
  try {
    return Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8")) || usualQueue;
  } catch {
    return usualQueue;
  }
}

const usualQueue = 16_384;

/** Why nobody tells of changes in `directory` that other machines make; undefined: they are told. */
function farFileSystemOf(directory: string): string | undefined {
  const name = farFileSystems.get(statfsSync(directory).type);
  return name === undefined ? undefined : `the workspace is on ${name}`;
}

/** Source: statfs(2). */
const farFileSystems = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "SMB"],
  [0x01021997, "9p"],
]);
