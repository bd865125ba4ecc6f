// Changes that belong together. Decides when they are complete; knows not what they are for.

import type { PathChange } from "./follower.ts";

/** What changed since the last time. */
export type Changes =
  | { readonly kind: "paths"; readonly changes: readonly PathChange[] }
  /** Nobody can tell, so that everything has to be looked at. */
  | { readonly kind: "unknown" };

/** Timers, and what to wait for besides. */
export interface BatchHost {
  /** Calls `use` once, after `ms`; what it gives ends that. */
  readonly after: (ms: number, use: () => void) => () => void;
  /** Whether somebody is known to be in the middle of further changes, as git says it is. */
  readonly isHeld: () => boolean;
  /** Hears that a batch is complete; and again, when more came before it was taken. */
  readonly ready: () => void;
}

/** Gathers changes until none has come for a while. */
export class ChangeBatch {
  readonly #host: BatchHost;
  #changes = new Map<string, PathChange>();
  #isUnknown = false;
  #isReady = false;
  #cancel: (() => void) | undefined;

  constructor(host: BatchHost) {
    this.#host = host;
  }

  add(change: PathChange): void {
    const known = this.#changes.get(change.path);
    if (known === undefined || weight[change.kind] > weight[known.kind]) {
      this.#changes.set(change.path, change);
    }
    this.#wait();
  }

  /** Makes the batch one of which nobody knows what is in it. */
  doubt(): void {
    this.#isUnknown = true;
    this.#wait();
  }

  /** Of the changes so far. */
  paths(): string[] {
    return [...this.#changes.keys()];
  }

  /** What {@link take} would give. */
  peek(): Changes {
    if (this.#isUnknown) return { kind: "unknown" };
    return { kind: "paths", changes: [...this.#changes.values()] };
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** What came since the last time, and an end to it. */
  take(): Changes {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isReady = false;
    const changes = this.peek();
    this.#changes = new Map();
    this.#isUnknown = false;
    return changes;
  }

  close(): void {
    this.#cancel?.();
  }

  #wait(): void {
    this.#cancel?.();
    const isLarge = this.#isUnknown || this.#changes.size > quiet.few;
    const ms = isLarge ? quiet.afterManyMs : quiet.afterFewMs;
    this.#cancel = this.#host.after(ms, () => this.#settle());
  }

  #settle(): void {
    if (this.#host.isHeld()) {
      this.#cancel = this.#host.after(quiet.heldMs, () => this.#settle());
      return;
    }
    this.#isReady = true;
    this.#host.ready();
  }
}

/** A save is a handful of changes within a millisecond; where there are many, more come. */
const quiet = { few: 8, afterFewMs: 5, afterManyMs: 50, heldMs: 20 } as const;

const weight: Readonly<Record<PathChange["kind"], number>> = { content: 0, entry: 1, tree: 2 };
