// Sandboxes of bubblewrap that stand from one program to the next. Knows no action.

import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { pathBelow } from "../base/path-below.ts";
import { type Enclosure, scratchDirectories, wrapShell } from "./bubblewrap.ts";
import type { PrintedFiles } from "./printed-files.ts";
import type { EnclosedLine } from "./program-line.ts";
import type { RunPlace } from "./run-place.ts";
import { aloneManners } from "./shell-script.ts";
import { ShellSlot, type SlotExit, type SlotHost, newShellName } from "./shell-slot.ts";
import { tooLate } from "./slot-pool.ts";

/** A program for one of them. */
export interface StandingRequest {
  readonly place: RunPlace;
  readonly enclosed: EnclosedLine;
  readonly files: PrintedFiles;
}

/** A sandbox with a shell in it. */
interface Standing {
  /** What it shows: as long as that is the same, so is the sandbox that another program would get. */
  readonly sight: string;
  readonly slot: ShellSlot;
}

/**
 * One sandbox for each place at most: making one takes 7 ms, of which 4 are the processor's, where a
 * small file compiles in 20. After each program everything that it started is killed, and when it left
 * a file outside of its input root, the sandbox goes. The next one finds what it would find in a new
 * one, but for the numbers of processes.
 *
 * This is for programs that are known to leave no more than that. Others may leave queues and
 * semaphores, connections that have yet to close, another name of the host or an end of the shell.
 *
 * The first program for which a sandbox shows something gets one of its own, as most of these are the
 * only ones.
 */
export class StandingSandboxes {
  readonly #host: SlotHost;
  readonly #standing = new Map<RunPlace, Standing>();
  readonly #seen = new Set<string>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;
  /** Whether one could not be used: then no other can. */
  #isInVain = false;

  constructor(host: SlotHost) {
    this.#host = host;
  }

  /**
   * Runs a program in the sandbox of its place, which is made when need be; undefined when it is to get
   * one of its own.
   */
  async run(request: StandingRequest, signal: AbortSignal): Promise<SlotExit | undefined> {
    const { place, enclosed, files } = request;
    const standing = await this.#standingFor(request);
    if (this.#isClosed) return tooLate;
    if (standing === undefined) return undefined;
    const ended = await standing.slot.run({ ...enclosed.line, ...files }, signal);
    if (!standing.slot.isAsNew) this.forget(place);
    return ended;
  }

  /** Ends the sandbox of `place`, if there is one: it shows what is no longer there. */
  forget(place: RunPlace): void {
    const standing = this.#standing.get(place);
    if (standing === undefined) return;
    this.#standing.delete(place);
    this.#end(standing.slot);
  }

  /** Ends all. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const place of this.#standing.keys()) this.forget(place);
    await Promise.all(this.#ending);
  }

  async #standingFor(request: StandingRequest): Promise<Standing | undefined> {
    const { place, enclosed } = request;
    const { bubblewrap, enclosure } = enclosed;
    if (this.#isInVain || bubblewrap.isScratchMounted) return undefined;
    const mounted = mountedIn(enclosure);
    const sight = mounted && `${mounted}\n${spotsOf(enclosure)}`;
    const old = this.#standing.get(place);
    if (old !== undefined && old.sight === sight) return old;
    this.forget(place);
    if (mounted === undefined || sight === undefined) return undefined;
    if (!this.#seen.has(mounted)) {
      this.#seen.add(mounted);
      return undefined;
    }
    const standing = { sight, slot: this.#newSlot(request) };
    // At once, so that it ends with all others should that be now.
    this.#standing.set(place, standing);
    if (await isUsable(standing.slot, request.files)) return standing;
    this.#isInVain = true;
    this.forget(place);
    return undefined;
  }

  #newSlot({ enclosed: { bubblewrap, enclosure }, files }: StandingRequest): ShellSlot {
    const name = `/tmp/${newShellName()}`;
    return new ShellSlot(this.#host, {
      argv: wrapShell(bubblewrap, enclosure, name),
      name,
      isCalledSo: false,
      manners: aloneManners(name, scratchDirectories),
      directory: dirname(files.stdoutFile),
    });
  }

  #end(slot: ShellSlot): void {
    const ending = slot.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

/** Whether a program that does nothing is told to have done so, in `files`, and to have left nothing. */
async function isUsable(slot: ShellSlot, files: PrintedFiles): Promise<boolean> {
  const argv = ["/bin/sh", "-c", ":"] as const;
  const job = { argv, env: {}, directory: "/", ...files };
  try {
    const { exit, isSilent } = await slot.run(job, new AbortController().signal);
    return exit.kind === "exited" && exit.code === 0 && isSilent && slot.isAsNew;
  } catch {
    return false; // Such as the directory of the files, which cannot be opened.
  }
}

/**
 * What `enclosure` shows besides the input root: a directory that was replaced by another of its name is
 * no longer the one that is mounted. Undefined when that cannot be told, and for the network, of which
 * the files in /etc tell and which change.
 */
function mountedIn({ mounts, network }: Enclosure): string | undefined {
  if (network) return undefined;
  const parts: string[] = [];
  for (const { directory, path } of mounts) {
    const stats = statSync(directory, { throwIfNoEntry: false, bigint: true });
    if (stats === undefined) return undefined;
    parts.push(`${path}\0${directory}\0${stats.dev}:${stats.ino}`);
  }
  return parts.join("\n");
}

/**
 * Where in the input root `enclosure` mounts: whoever renames a directory there takes what is mounted
 * in it along, and a new directory of the same name shows nothing.
 */
function spotsOf({ root, mounts }: Enclosure): string {
  const inodeAt = (path: string): string => {
    const stats = lstatSync(pathBelow(root, path), { throwIfNoEntry: false, bigint: true });
    return String(stats?.ino);
  };
  return mounts.map(({ path }) => inodeAt(path)).join(" ");
}
