// One long-lived shell, alone in a process group. Knows no job but the line it is given.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";

import type { Host } from "../base/host.ts";
import { isGroupAlive } from "./process-state.ts";
import type { ShellManners } from "./shell-script.ts";

/** How a line ended: the status of the job, or with the shell itself. */
export type Reply =
  | {
      readonly kind: "status";
      readonly status: number;
      /** Whether the job printed nothing. */
      readonly isSilent: boolean;
      /** Whether the surroundings are not what they were before the job. */
      readonly isDirty: boolean;
    }
  | { readonly kind: "died"; readonly signal: NodeJS.Signals | undefined; readonly why: string };

/** What to start. */
export interface ShellLaunch {
  readonly argv: readonly [program: string, ...args: string[]];
  /** What stands in front of the shell's error messages. */
  readonly name: string;
  /** Whether the program is called so as well. */
  readonly isCalledSo: boolean;
  readonly manners: ShellManners;
  /** An absolute directory that the shell gets as its descriptor 4. */
  readonly directory?: string;
}

/** How often to look whether a group that was killed is gone. */
const pollMs = 5;

/** How long to wait for that: a process that hangs in the kernel cannot be killed. */
const patienceMs = 2_000;

/** A shell that carries out one line after another. */
export class ShellProcess {
  readonly #child: ChildProcess;
  readonly #kill: Host["kill"];
  #reply: ((reply: Reply) => void) | undefined;
  #death: (Reply & { kind: "died" }) | undefined;
  #text = "";

  /** Throws what Node does when the directory cannot be opened. */
  constructor({ argv, name, isCalledSo, manners, directory }: ShellLaunch, kill: Host["kill"]) {
    this.#kill = kill;
    const descriptor = directory === undefined ? undefined : openDirectory(directory);
    const [program, ...args] = argv;
    // Detached makes it lead a group, which a signal reaches as a whole. Its own complaints, as
    // about a program that crashed, are of no use: the status says it.
    const child = spawn(program, args, {
      ...(isCalledSo && { argv0: name }),
      detached: true,
      env: {},
      cwd: "/",
      stdio: [
        "pipe",
        "ignore",
        "ignore",
        "pipe",
        ...(descriptor === undefined ? [] : [descriptor]),
      ],
    });
    if (descriptor !== undefined) closeSync(descriptor);
    this.#child = child;
    child.once("error", (error) => this.#die(undefined, error.message));
    child.once("close", (code, signal) => this.#die(signal ?? undefined, `status ${code}`));
    const replies = child.stdio[3] as Readable;
    replies.setEncoding("utf8");
    replies.on("data", (text: string) => this.#read(text));
    replies.on("error", () => undefined); // Both are followed by `close`.
    this.#stdin.on("error", () => undefined);
    this.#stdin.write(manners.prologue);
  }

  /** Carries out `script`, one at a time. */
  send(script: string): Promise<Reply> {
    return new Promise((resolve) => {
      if (this.#death !== undefined) return resolve(this.#death);
      this.#reply = resolve;
      this.#stdin.write(script);
    });
  }

  /** Sends `signal` to the shell, the program it runs, and what that has started. */
  signalGroup(signal: NodeJS.Signals): void {
    this.#hasGroup(signal);
  }

  /** Kills the whole group, and waits until it is gone. */
  async end(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || !this.#hasGroup("SIGKILL")) return;
    // Most are gone by then, and to look at all processes of the machine takes longer.
    await setTimeout(1);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
      if (!this.#hasGroup("SIGKILL") || !isGroupAlive(pid)) return;
      await setTimeout(pollMs);
    }
  }

  get #stdin(): Writable {
    return this.#child.stdin!; // Never null, as it is a pipe.
  }

  /** Sends `signal` to the group; false when there is none any more. */
  #hasGroup(signal: NodeJS.Signals): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      this.#kill(-pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  #read(text: string): void {
    this.#text += text;
    const end = this.#text.indexOf("\n");
    if (end === -1) return;
    const [status, ...notes] = this.#text.slice(0, end).split(" ");
    this.#text = this.#text.slice(end + 1);
    const isSilent = notes.includes("silent");
    const isDirty = notes.includes("dirty");
    this.#answer({ kind: "status", status: Number(status), isSilent, isDirty });
  }

  #die(signal: NodeJS.Signals | undefined, why: string): void {
    this.#death ??= { kind: "died", signal, why };
    this.#answer(this.#death);
  }

  #answer(reply: Reply): void {
    const resolve = this.#reply;
    this.#reply = undefined;
    resolve?.(reply);
  }
}

function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}
