// Runs one virtual machine monitor, alone in a process group. The only spawner of machines.

import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";

import type { Host } from "../base/host.ts";
import { type ControlReport, ControlReader, letRun } from "./control.ts";
import { GuestOutput } from "./guest-output.ts";

/** What is started. */
export interface MonitorCommand {
  /** The first is an absolute path. */
  readonly argv: readonly [program: string, ...args: string[]];
  readonly workingDirectory: string;
  readonly env: Host["env"];
  /** Whether it is told on file descriptor 3 to let the machine run. */
  readonly control: "descriptor-3" | "none";
}

/** Until when it runs, and who sees what it prints. */
export interface MonitorWatch {
  readonly signal: AbortSignal;
  readonly kill: Host["kill"];
  /** Gets the bytes of the serial console as they come; is not ended. */
  readonly stdout: Writable;
  /** The machine is stopped as soon as the guest has printed this. */
  readonly expect?: string;
  /** Milliseconds, from the start of the process; no limit unless said. */
  readonly timeoutMs?: number;
  /** Milliseconds between SIGTERM and SIGKILL; 2000 unless said. */
  readonly graceMs?: number;
}

/** How it ended: of its own accord, or because it was stopped. */
export interface MonitorEnd {
  readonly cause: "itself" | "expected" | "timed-out" | "stopped";
  /** An exit status, a signal, or why it was not started. */
  readonly exit:
    | { readonly kind: "status"; readonly status: number }
    | { readonly kind: "signal"; readonly signal: string }
    | { readonly kind: "not-started"; readonly reason: string };
  readonly lastLines: readonly string[];
  readonly errorText: string;
  readonly report: ControlReport;
}

/** How much of the monitor's own complaints is kept, in characters. */
const errorLimit = 16 * 1024;

/** Runs `command` until it ends, and leaves no process of its group. */
export async function runMonitor(
  command: MonitorCommand,
  watch: MonitorWatch,
): Promise<MonitorEnd> {
  try {
    return await new MonitorProcess(command, watch).end;
  } catch (error) {
    // The system refuses some at once, such as with a command line that is too long.
    const reason = error instanceof Error ? error.message : String(error);
    const nothing = { lastLines: [], errorText: "", report: new ControlReader().report };
    return { cause: "itself", exit: { kind: "not-started", reason }, ...nothing };
  }
}

class MonitorProcess {
  readonly end: Promise<MonitorEnd>;
  readonly #watch: MonitorWatch;
  readonly #child: ChildProcess;
  readonly #output: GuestOutput;
  readonly #control = new ControlReader();
  #errorText = "";
  #exit: MonitorEnd["exit"] | undefined;
  #cause: MonitorEnd["cause"] = "itself";
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onAbort = (): void => this.#stop("stopped");

  constructor({ argv, workingDirectory, env, control }: MonitorCommand, watch: MonitorWatch) {
    const [program, ...args] = argv;
    this.#watch = watch;
    this.#output = new GuestOutput(watch.expect);
    // Its own group: a Ctrl-C at the terminal reaches us, and we stop it in order. No stdin, as
    // a monitor would switch the terminal that it is to other modes.
    this.#child = spawn(program, args, {
      cwd: workingDirectory,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", control === "none" ? "ignore" : "pipe"],
    });
    this.end = new Promise((resolve) => this.#listen(resolve));
    this.#listenToStreams();
    if (control === "descriptor-3") this.#converse(this.#child.stdio[3] as Duplex);
    this.#stopWhenAsked();
  }

  #listen(resolve: (end: MonitorEnd) => void): void {
    this.#child.once("error", ({ message }) => {
      this.#exit ??= { kind: "not-started", reason: message };
    });
    this.#child.once("exit", (status, signal) => {
      this.#exit ??=
        status === null ? { kind: "signal", signal: String(signal) } : { kind: "status", status };
      this.#signalGroup("SIGKILL"); // What it left behind would hold its streams open.
    });
    this.#child.once("close", () => {
      for (const timer of this.#timers) clearTimeout(timer);
      this.#watch.signal.removeEventListener("abort", this.#onAbort);
      this.#watch.stdout.removeListener("error", this.#onAbort);
      resolve({
        cause: this.#cause,
        exit: this.#exit ?? { kind: "not-started", reason: "it was not started" },
        lastLines: this.#output.lastLines(),
        errorText: this.#errorText.trim(),
        report: this.#control.report,
      });
    });
  }

  #listenToStreams(): void {
    const stdout = this.#child.stdout as Readable;
    const stderr = this.#child.stderr as Readable;
    stdout.on("data", (chunk: Buffer) => {
      if (!this.#output.take(chunk) || this.#cause !== "itself") return;
      this.#cause = "expected"; // Also when it has ended, as its last output may come after that.
      this.#end();
    });
    stdout.pipe(this.#watch.stdout, { end: false });
    // A pipe that breaks, as of `| head`, leaves the guest with nobody to print for.
    this.#watch.stdout.once("error", this.#onAbort);
    stderr.setEncoding("utf8").on("data", (text: string) => {
      if (this.#cause !== "itself") return; // That it was told to end is no complaint.
      this.#errorText += text.slice(0, errorLimit - this.#errorText.length);
    });
  }

  #converse(control: Duplex): void {
    control.on("error", () => undefined); // It is followed by `close` of the process.
    control.setEncoding("utf8").on("data", (text: string) => this.#control.take(text));
    control.write(letRun);
  }

  #stopWhenAsked(): void {
    const { signal, timeoutMs } = this.#watch;
    if (signal.aborted) this.#onAbort();
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs === undefined) return;
    this.#timers.push(setTimeout(() => this.#stop("timed-out"), timeoutMs));
  }

  #stop(cause: "timed-out" | "stopped"): void {
    // What is left is read all the same, as the process ends only then; the reader may hang, also
    // when the machine has ended or is ending for another reason.
    (this.#child.stdout as Readable).unpipe(this.#watch.stdout).resume();
    if (this.#cause !== "itself" || this.#exit !== undefined) return;
    this.#cause = cause;
    this.#end();
  }

  #end(): void {
    this.#signalGroup("SIGTERM");
    const { graceMs = 2_000 } = this.#watch;
    this.#timers.push(setTimeout(() => this.#signalGroup("SIGKILL"), graceMs));
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      this.#watch.kill(-pid, signal);
    } catch {
      // It is gone already.
    }
  }
}
