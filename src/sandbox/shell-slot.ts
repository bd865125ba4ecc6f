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
import { type Reply, ShellProcess } from "./shell-process.ts";
import { type ShellJob, problemOf, scriptOf, shortScriptOf } from "./shell-script.ts";

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
  /** No program can guess it, so a message that begins so is the shell's. */
  readonly #name = `kraft-slot-${randomBytes(8).toString("hex")}`;
  #shell: ShellProcess | undefined;

  constructor(host: SlotHost) {
    this.#host = host;
  }

  /** Runs `job`, one at a time. When `signal` aborts, it is ended together with all it started. */
  async run(job: ShellJob, signal: AbortSignal): Promise<SlotExit> {
    const problem = signal.aborted ? "it was cancelled before it began" : problemOf(job);
    if (problem !== undefined) return { exit: notStarted(problem), isSilent: false };
    const short = isDash(shellPath) ? shortScriptOf(job, isDash) : undefined;
    if (short !== undefined) {
      const ended = await this.#carryOut(job, short, signal);
      // The shell that was left out would have complained, and shall do so in its own words.
      if (ended.exit.kind !== "not-started" || this.#shell === undefined) return ended;
    }
    return await this.#carryOut(job, scriptOf(job, isDash(shellPath)), signal);
  }

  async #carryOut(job: ShellJob, script: string, signal: AbortSignal): Promise<SlotExit> {
    this.#shell ??= new ShellProcess(this.#name, this.#host.kill);
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
    if (killer !== undefined || reply.kind === "died") await this.close();
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
    if (!text.startsWith(`${this.#name}:`)) return undefined;
    truncateSync(stderrFile);
    const [line = ""] = text.split("\n");
    return `${argv[0]}: ${line.slice(line.lastIndexOf(": ") + 2)}`;
  }
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
