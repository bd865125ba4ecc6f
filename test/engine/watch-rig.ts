// A watch in a workspace of its own, and disturbances of it. No time is waited for: only events.

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

import type { BuildEvent } from "../../src/engine/event.ts";
import { type WatchRequest, watchTargets } from "../../src/engine/watch.ts";
import { builtIn, hostIn } from "./build-rig.ts";
import { pieceRules } from "./watch-rules.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";

/** What one build of a watch came to. */
export interface Cycle {
  /** What changed, as it was told; none for the first build. */
  readonly changed: readonly string[];
  /** Subjects of the actions that ran, sorted. */
  readonly executed: readonly string[];
  readonly failed: readonly string[];
  readonly mistakes: readonly string[];
  readonly notices: readonly string[];
  readonly ok: boolean;
  readonly isStale: boolean;
  /** The number of actions that were looked at. */
  readonly looked: number;
}

/** How to watch, where it is not as usual. */
export interface WatchOptions extends Partial<WatchRequest> {
  readonly env?: Readonly<Record<string, string>>;
}

/** A workspace of `files`, which is not watched yet. */
export function watchRig(files: Readonly<Record<string, string>>) {
  const root = temporaryDirectory();
  const cache = temporaryDirectory();
  const path = (name: string): string => join(root, name);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);

  const watch = (patterns: string, options: WatchOptions = {}) => {
    const { env = {}, ...more } = options;
    const stop = new AbortController();
    const events: BuildEvent[] = [];
    const cycles: Cycle[] = [];
    let began = 0;
    let heard: () => void = () => {};
    const listen = (event: BuildEvent): void => {
      events.push(event);
      if (event.kind === "finished") {
        cycles.push(cycleOf(events.slice(began)));
        began = events.length;
      }
      heard();
    };
    const ended = watchTargets({
      host: hostIn(root, { KRAFT_GRAPH_CACHE_DIR: cache, ...env }),
      builtIn: new Map([...builtIn, ["pieces", () => Promise.resolve(pieceRules)]]),
      flags: [{ name: "--sandbox", key: "build.sandbox", text: "links" }],
      choice: { patterns: patterns.split(" ") },
      engine: { version: "1.2.3", buildId: "test" },
      listen,
      signal: stop.signal,
      ...more,
    });
    const end = async (): Promise<void> => {
      stop.abort();
      await ended;
    };
    onTestFinished(end);
    /** Resolves once `find` gives something of all that was told. */
    const until = async <T>(find: () => T | undefined): Promise<T> => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        await Promise.race([
          new Promise<void>((resolve) => {
            heard = resolve;
          }),
          ended.then(() => {
            throw new Error("the watch ended");
          }),
        ]);
      }
    };
    let taken = 0;
    /** The cycles up to the first that `suits`, none of which was given before. */
    const cyclesUntil = (suits: (cycle: Cycle) => boolean): Promise<readonly Cycle[]> =>
      until(() => {
        const at = cycles.findIndex((cycle, i) => i >= taken && suits(cycle));
        if (at < 0) return undefined;
        const found = cycles.slice(taken, at + 1);
        taken = at + 1;
        return found;
      });
    return {
      events,
      until,
      end,
      cyclesUntil,
      /** The next cycle that came to its end. */
      next: async (): Promise<Cycle> => {
        const found = await cyclesUntil(({ isStale }) => !isStale);
        return found.at(-1)!;
      },
    };
  };
  return {
    root,
    path,
    write,
    remove: (name: string): void => rmSync(path(name), { recursive: true }),
    move: (from: string, to: string): void => renameSync(path(from), path(to)),
    watch,
  };
}

function cycleOf(events: readonly BuildEvent[]): Cycle {
  const finished = events.flatMap((event) => (event.kind === "action-finished" ? [event] : []));
  const subjects = (outcome: string): string[] =>
    finished.flatMap((event) => (event.outcome === outcome ? [event.subject] : [])).sort();
  const end = events.at(-1);
  return {
    changed: events.flatMap((event) => (event.kind === "changed" ? [...event.paths].sort() : [])),
    executed: subjects("executed"),
    failed: subjects("failed"),
    mistakes: events.flatMap((event) =>
      event.kind === "diagnostic" ? [event.diagnostic.message] : [],
    ),
    notices: events.flatMap((event) => (event.kind === "notice" ? [event.message] : [])),
    ok: end?.kind === "finished" && end.ok,
    isStale: end?.kind === "finished" && end.isStale === true,
    looked: finished.length,
  };
}
