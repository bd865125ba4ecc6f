// A journaled build → what was behind it: causes that nothing else led to, first. Pure.

import type { ExecPath } from "../action/action.ts";
import { type Cause, causeKeyOf } from "./cause.ts";
import type { ActionEntry, JournaledBuild } from "./journal-entry.ts";

/** A cause that no action of the build led to, with all that it led to. */
export interface Root {
  readonly cause: Cause;
  /** Actions that it concerns at once, in the order in which they ended. */
  readonly direct: readonly TracedAction[];
  /** Actions that read what those made, and so on; each stands with the first root that it has. */
  readonly followers: readonly TracedAction[];
  /** In which build it was, from 0 for the traced one: an action may have failed since. */
  readonly age: number;
}

/** An action that was not up to date. */
export interface TracedAction {
  readonly entry: ActionEntry;
  /** Actions whose outputs it read anew, by what of them changed. */
  readonly follows: readonly Followed[];
}

/** A step of the way from a root. */
export interface Followed {
  readonly id: ExecPath;
  /** What of it changed; absent: the very action, which it had listed in another way. */
  readonly path?: ExecPath;
  readonly cause: Cause;
}

/** The roots of the chosen actions of `builds[0]`, those that concern the earliest actions first. */
export function traceRoots(
  builds: readonly JournaledBuild[],
  isChosen: (entry: ActionEntry) => boolean,
): readonly Root[] {
  const trace = new Trace(builds);
  const [build] = builds;
  return build === undefined ? [] : trace.rootsOf(build.actions.filter(isChosen));
}

interface Found {
  readonly cause: Cause;
  readonly age: number;
  readonly direct: Map<ExecPath, TracedAction>;
  readonly followers: Map<ExecPath, TracedAction>;
}

/** An entry of one of the builds. */
interface Placed {
  readonly entry: ActionEntry;
  readonly age: number;
}

class Trace {
  /** Of each action the entries of all builds, the latest first. */
  readonly #entries = new Map<ExecPath, Placed[]>();
  readonly #rootKeys = new Map<ActionEntry, readonly string[]>();
  readonly #roots = new Map<string, Found>();
  /** The roots of what was asked for, as they were come upon. */
  readonly #shown = new Set<string>();

  constructor(builds: readonly JournaledBuild[]) {
    for (const [age, { actions }] of builds.entries()) {
      for (const entry of actions) {
        const all = this.#entries.get(entry.id) ?? [];
        all.push({ entry, age });
        this.#entries.set(entry.id, all);
      }
    }
  }

  rootsOf(entries: readonly ActionEntry[]): readonly Root[] {
    for (const entry of entries) {
      const traced = { entry, follows: this.#followsOf({ entry, age: 0 }).map(({ step }) => step) };
      const own = this.#ownCauses({ entry, age: 0 }).map((cause) => keyOf(cause, 0));
      const keys = this.#keysOf({ entry, age: 0 });
      for (const key of own) this.#roots.get(key)?.direct.set(entry.id, traced);
      const [first] = keys;
      if (own.length === 0 && first !== undefined) {
        this.#roots.get(first)?.followers.set(entry.id, traced);
      }
      for (const key of keys) this.#shown.add(key);
    }
    return [...this.#shown].flatMap((key) => {
      const found = this.#roots.get(key);
      if (found === undefined) return [];
      const { cause, age, direct, followers } = found;
      return [{ cause, age, direct: [...direct.values()], followers: [...followers.values()] }];
    });
  }

  /** The keys of all roots that `placed` comes from. */
  #keysOf(placed: Placed): readonly string[] {
    const { entry, age } = placed;
    const known = this.#rootKeys.get(entry);
    if (known !== undefined) return known;
    this.#rootKeys.set(entry, []); // What is damaged may go round in a circle.
    const own = this.#ownCauses(placed).map((cause) => {
      const key = keyOf(cause, age);
      if (!this.#roots.has(key)) {
        this.#roots.set(key, { cause, age, direct: new Map(), followers: new Map() });
      }
      return key;
    });
    const inherited = this.#followsOf(placed).flatMap(({ from }) => this.#keysOf(from));
    const keys = [...new Set([...own, ...inherited])];
    this.#rootKeys.set(entry, keys);
    return keys;
  }

  /** The causes of an action that no other action led to. */
  #ownCauses(placed: Placed): readonly Cause[] {
    const followed = new Set(this.#followsOf(placed).map(({ step }) => step.cause));
    return placed.entry.causes.filter((cause) => cause.kind !== "more" && !followed.has(cause));
  }

  #followsOf(placed: Placed): readonly { readonly step: Followed; readonly from: Placed }[] {
    return placed.entry.causes.flatMap((cause) => {
      const found = this.#leaderOf(cause, placed);
      return found === undefined ? [] : [found];
    });
  }

  /** The action that led to `cause`. */
  #leaderOf(cause: Cause, { entry, age }: Placed) {
    const path = generatedIn(cause).find((one) => entry.makers?.[one] !== undefined);
    const maker = path === undefined ? undefined : entry.makers?.[path];
    if (maker !== undefined && path !== undefined) {
      const from = this.#changeOf(maker, path, age);
      return from && { step: { id: maker, path, cause }, from };
    }
    if (entry.yieldedBy === undefined || !isOfCommand(cause)) return undefined;
    const from = this.#changeOf(entry.yieldedBy, undefined, age);
    return from && { step: { id: entry.yieldedBy, cause }, from };
  }

  /** When, not after the build `age`, the action `id` made another `path` than before. */
  #changeOf(id: ExecPath, path: ExecPath | undefined, age: number): Placed | undefined {
    const entries = this.#entries.get(id) ?? [];
    return entries.find(({ entry, age: its }) => {
      if (its < age || entry.outcome === "failed") return false;
      const { changed } = entry;
      if (changed === undefined) return true;
      return path === undefined ? changed.length > 0 : changed.some((one) => isAt(path, one.path));
    });
  }
}

/** Whether an output at `made` has what is at `path`. */
function isAt(path: ExecPath, made: ExecPath): boolean {
  return path === made || path.startsWith(`${made}/`) || made.startsWith(`${path}/`);
}

/** Paths in `cause` that an action may have made. */
function generatedIn(cause: Cause): readonly ExecPath[] {
  switch (cause.kind) {
    case "file":
    case "shadow":
      return [cause.path];
    case "option":
      return cause.path === undefined ? [] : [cause.path];
    default:
      return [];
  }
}

/** Whether an action that lists others may have led to `cause`, and not the file it is about. */
function isOfCommand(cause: Cause): boolean {
  switch (cause.kind) {
    case "tool":
    case "result-lost":
    case "output-lost":
    case "more":
    case "shadow":
      return false;
    case "file":
      return /^(?:new|gone|dropped)$/.test(cause.change);
    default:
      return true;
  }
}

function keyOf(cause: Cause, age: number): string {
  return `${age} ${causeKeyOf(cause)}`;
}
