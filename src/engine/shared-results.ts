// Results that other machines may have, as actions see them. Knows no protocol.

import { setTimeout } from "node:timers/promises";

import type { ActionResult, Node } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { Remote, RemoteProblem, RemoteTraffic } from "../remote/remote.ts";
import type { Upload } from "../remote/uploads.ts";
import type { Store } from "../store/store.ts";
import type { Listen } from "./event.ts";

/** How to share. */
export interface SharedParts {
  readonly store: Pick<Store, "actionCache" | "cas">;
  /** Opens the remote; undefined when it cannot be used, of which `tell` heard. */
  readonly open: (tell: (problem: RemoteProblem) => void) => Promise<Remote | undefined>;
  /** As it may be shown. */
  readonly address: string;
  readonly uploads: boolean;
  /** Whether results that are found are results of this machine's cache from then on. */
  readonly keeps: boolean;
  readonly listen: Listen;
  /** Waits, unless the signal aborts before: then it rejects; absent: by the machine's clock. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Which of an action's files are to come here at once. */
export type FilesWanted = "now" | "later";

/** How long the end of a build waits for what is still being given to others. */
const drainMs = 60_000;

/** After how long that is told. */
const patienceMs = 1000;

/** A remote cache that is opened when something is first looked for there. */
export class SharedResults {
  readonly #parts: SharedParts;
  #remote: Promise<Remote | undefined> | undefined;
  /** Directories of which all files are here. */
  readonly #wholeTrees = new Set<Digest>();

  constructor(parts: SharedParts) {
    this.#parts = parts;
  }

  /**
   * The result of `key`, kept here as well if its files are; undefined when there is none that has all of
   * `outputs`.
   */
  async find(
    key: Digest,
    { files, outputs, group }: FindOptions,
  ): Promise<ActionResult | undefined> {
    const remote = await this.#open();
    const result = await remote?.lookUp(key, { files, ...(group !== undefined && { group }) });
    // One that lacks an output is of no use, whoever thought it was.
    if (result === undefined || !outputs.every((path) => result.outputs.has(path)))
      return undefined;
    // Without its files, it would be of no use here.
    if (files === "now" && this.#parts.keeps) this.#parts.store.actionCache.write(key, result);
    return result;
  }

  /** Brings here what `nodes` stand for and is not here yet; what cannot be had stays away. */
  async fetch(nodes: readonly Node[]): Promise<void> {
    const { cas } = this.#parts.store;
    const absent = nodes.filter((node) => {
      if (node.kind === "file") return !cas.has(node.digest);
      return node.kind === "tree" && !this.#wholeTrees.has(node.tree);
    });
    if (absent.length === 0) return;
    const remote = await this.#open();
    if ((await remote?.fetch(absent)) !== true) return;
    for (const node of absent) if (node.kind === "tree") this.#wholeTrees.add(node.tree);
  }

  /** Gives a result to others some time. */
  give(upload: GivenResult): void {
    this.#upload({ about: nothing, ...upload });
  }

  /** Gives a result to others some time, which was known here, if they lack it. */
  offer(upload: GivenResult): void {
    this.#upload({ about: nothing, ...upload, isKnown: true });
  }

  /** Whether anything is given to others. */
  get gives(): boolean {
    return this.#parts.uploads;
  }

  #upload(upload: Upload): void {
    if (!this.#parts.uploads) return;
    // One that cannot be opened is told of then.
    void this.#open().then((remote) => remote?.upload(upload));
  }

  /** Waits for what is being given, but not for ever; gives what went to and fro. */
  async close(signal: AbortSignal): Promise<RemoteTraffic | undefined> {
    const remote = await this.#remote;
    if (remote === undefined) return undefined;
    try {
      if (!signal.aborted) await this.#drain(remote, signal);
      return remote.traffic();
    } finally {
      remote.close();
    }
  }

  #open(): Promise<Remote | undefined> {
    this.#remote ??= this.#parts.open((problem) => this.#tell(problem));
    return this.#remote;
  }

  async #drain(remote: Remote, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([over.signal, signal]);
    const { wait = waitByClock } = this.#parts;
    const passed = (ms: number) =>
      wait(ms, either).then(
        () => true,
        () => false,
      );
    const drained = remote.drained().finally(() => over.abort());
    try {
      if ((await Promise.race([drained, passed(patienceMs)])) !== true || signal.aborted) return;
      const pending = remote.pending();
      if (pending > 0) this.#note(`giving ${resultsIn(pending)} to the remote cache`);
      if ((await Promise.race([drained, passed(drainMs)])) !== true || signal.aborted) return;
      const left = resultsIn(remote.pending());
      this.#note(`${left} not given to the remote cache, as that took over ${drainMs / 1000} s`);
    } finally {
      over.abort();
      drained.catch(() => undefined); // When nobody waits for it any more.
    }
  }

  #tell({ kind, reason }: RemoteProblem): void {
    const { address } = this.#parts;
    if (kind === "given-up") this.#note(`going on without the remote cache ${address}: ${reason}`);
    else if (kind === "back") this.#note(`using the remote cache ${address} again`);
    else if (kind === "untrusted") {
      this.#note(`results of the remote cache ${address} are not used: ${reason}`);
    } else this.#note(`nothing is given to the remote cache ${address}: ${reason}`);
  }

  #note(message: string): void {
    this.#parts.listen({ kind: "notice", message });
  }
}

/** A result for others; `about` absent: there is nothing else to know. */
export type GivenResult = Omit<Upload, "about" | "isKnown"> & Partial<Pick<Upload, "about">>;

const nothing: Upload["about"] = new Map();

/** What a result must be like. */
export interface FindOptions {
  /** See `Upload`. */
  readonly group?: string;
  readonly files: FilesWanted;
  /** Paths that it must have, as the action sees them. */
  readonly outputs: readonly string[];
}

function waitByClock(ms: number, signal: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, { signal });
}

function resultsIn(count: number): string {
  return count === 1 ? "1 result" : `${count} results`;
}
