// Runs programs one after another through a shell of its own. Knows no action.
//
// Node forks for each program it starts, and a fork costs more the larger the process is; a shell
// stays small. It is also a process group of its own, so that a job goes with all it has started.

import { randomBytes } from "node:crypto";
import { existsSync, realpathSync, truncateSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";

import type { Host } from "../base/host.ts";
import { beginningOf } from "./beginning-of.ts";
import { type Reply, type ShellLaunch, ShellProcess } from "./shell-process.ts";
import {
  type ShellJob,
  groupManners,
  printedDescriptor,
  problemOf,
  scriptOf,
  shortScriptOf,
} from "./shell-script.ts";

/** How a program ended, or why it never began. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: NodeJS.Signals }
  | { readonly kind: "not-started"; readonly reason: string };

/** A program that is over. */
export interface SlotExit {
  readonly exit: Exit;
  /** Whether it is known to have printed nothing. */
  readonly isSilent: boolean;
}

/** What a slot needs of the world. */
export interface SlotHost extends Pick<Host, "kill"> {
  /** How long a program that is cancelled has between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/**
 * One job slot. What is guaranteed about processes that a program leaves behind:
 * - when its job ends, they get SIGTERM;
 * - when it is cancelled and when the slot is closed, they are killed, and gone afterwards;
 * - those that moved to another session or process group are out of reach, except in bubblewrap,
 *   where they end with their process namespace.
 */
export class ShellSlot {
  readonly #host: SlotHost;
  readonly #launch: ShellLaunch;
  #shell: ShellProcess | undefined;
  #isAsNew = true;

  /** `launch`: the shell to start when one is needed; absent: `/bin/sh` on this machine. */
  constructor(host: SlotHost, launch = plainLaunch()) {
    this.#host = host;
    this.#launch = launch;
  }

  /** Whether all is as its first job found it, as far as its shell looks. */
  get isAsNew(): boolean {
    return this.#isAsNew;
  }

  /** Runs `job`, one at a time. When `signal` aborts, it is ended together with all it started. */
  async run(job: ShellJob, signal: AbortSignal): Promise<SlotExit> {
    const problem = signal.aborted ? "it was cancelled before it began" : problemOf(job);
    if (problem !== undefined) return { exit: notStarted(problem), isSilent: false };
    const { manners } = this.#launch;
    const seen = this.#seenInside(job);
    const short = isDash(shellPath) ? shortScriptOf(seen, isDash, manners) : undefined;
    if (short !== undefined) {
      const ended = await this.#carryOut(job, short, signal);
      // The shell that was left out would have complained, and shall do so in its own words.
      if (ended.exit.kind !== "not-started" || this.#shell === undefined) return ended;
    }
    return await this.#carryOut(job, scriptOf(seen, isDash(shellPath), manners), signal);
  }

  /** `job` with the names that the shell has for the files. */
  #seenInside(job: ShellJob): ShellJob {
    if (this.#launch.directory === undefined) return job;
    const nameOf = (file: string) => `/proc/self/fd/${printedDescriptor}/${basename(file)}`;
    const { stdoutFile, stderrFile } = job;
    return { ...job, stdoutFile: nameOf(stdoutFile), stderrFile: nameOf(stderrFile) };
  }

  async #carryOut(job: ShellJob, script: string, signal: AbortSignal): Promise<SlotExit> {
    this.#shell ??= new ShellProcess(this.#launch, this.#host.kill);
    const shell = this.#shell;
    let killer: NodeJS.Timeout | undefined;
    const cancel = () => {
      shell.signalGroup("SIGTERM");
      killer = setTimeout(() => shell.signalGroup("SIGKILL"), this.#host.graceMs);
    };
    signal.addEventListener("abort", cancel, { once: true });
    const reply = await shell.send(script);
    signal.removeEventListener("abort", cancel);
    clearTimeout(killer);
    const isLost = killer !== undefined || reply.kind === "died";
    if (isLost) await this.close();
    if (isLost || (reply.kind === "status" && reply.isDirty)) this.#isAsNew = false;
    const isSilent = reply.kind === "status" && reply.isSilent;
    return { exit: this.#exitOf(reply, job), isSilent };
  }

  /** Ends the shell, and what still runs in its group. */
  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    await shell?.end();
  }

  #exitOf(reply: Reply, job: ShellJob): Exit {
    if (reply.kind === "died") {
      const { signal, why } = reply;
      return signal === undefined
        ? notStarted(`the shell that was to run it ended: ${why}`)
        : { kind: "signalled", signal };
    }
    const { status } = reply;
    if (status === 0) return { kind: "exited", code: 0 };
    const signal = signalNames.get(status - 128);
    if (signal !== undefined) return { kind: "signalled", signal };
    const reason = this.#refusalOf(job);
    return reason === undefined ? { kind: "exited", code: status } : notStarted(reason);
  }

  /** Why the shell could not start the program of `job`; undefined when it could. */
  #refusalOf({ argv, directory, stderrFile }: ShellJob): string | undefined {
    if (!existsSync(stderrFile)) return `cannot write ${stderrFile} from ${directory}`;
    const text = beginningOf(stderrFile);
    if (!text.startsWith(`${this.#launch.name}:`)) return undefined;
    truncateSync(stderrFile);
    const [line = ""] = text.split("\n");
    return `${argv[0]}: ${line.slice(line.lastIndexOf(": ") + 2)}`;
  }
}

/** A shell of this machine, as itself. */
function plainLaunch(): ShellLaunch {
  return { argv: ["/bin/sh"], name: newShellName(), isCalledSo: true, manners: groupManners };
}

/** No program can guess it, so a message that begins so is the shell's. */
export function newShellName(): string {
  return `kraft-slot-${randomBytes(8).toString("hex")}`;
}

function notStarted(reason: string): Exit {
  return { kind: "not-started", reason };
}

const signalNames = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

const shellPath = "/bin/sh";

/** Whether `program` is dash; looked up once for each. */
function isDash(program: string): boolean {
  let isIt = dashes.get(program);
  if (isIt === undefined) {
    isIt = basename(realpathSync(program)) === "dash";
    dashes.set(program, isIt);
  }
  return isIt;
}

const dashes = new Map<string, boolean>();
