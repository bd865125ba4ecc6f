#!/usr/bin/env node
// Touches the process, as program-main.ts alone does besides: its arguments, environment, clocks and streams.

import { writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { Host } from "./base/host.ts";
import { builtIn } from "./built-in.ts";
import { exitCodes } from "./cli/context.ts";

declare const KRAFT_GRAPH_VERSION: string;
declare const KRAFT_GRAPH_BUILD_ID: string;

// What reads command lines takes as long to load as Node to start, and scripts often ask for this.
if (process.argv.length === 3 && process.argv[2] === "--version" && isWritten()) process.exit();

// V8 lets a heap of 50 MiB grow to 150 before it looks for garbage. Heeded at each collection, so
// that it is not too late: memory of 10,000 actions goes from 220 to 145 MiB, and time stays.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=30");
// Its helpers wait for a processor, and the programs of a build have them all: collecting young
// objects took 40 % of the time without them.
setFlagsFromString("--no-parallel-scavenge");
// So does what optimizes code, and that pays off only after most builds are over: when a function
// has to be sixty times as hot as usual, 1,000 actions take a fifth less, and 10,000 as long as ever.
// A query waits for no program, and is a tenth slower with that than when it is six times.
// Newer ones have a quicker compiler in between, and complain about a flag that they do not know.
if (process.versions.node.startsWith("20.")) {
  const isQuery = process.argv[2] === "query";
  setFlagsFromString(`--interrupt-budget=${isQuery ? 400_000 : 4_000_000}`);
}

const host: Host = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  env: process.env,
  workingDirectory: process.cwd(),
  cpus: availableParallelism(),
  processId: process.pid,
  architecture: process.arch,
  kill: (processId, signal) => void process.kill(processId, signal),
  spendYoungMemory: () => setFlagsFromString("--semi-space-growth-factor=2"),
  spendMemory: () => {
    setFlagsFromString("--semi-space-growth-factor=2");
    // What is received counts as memory, too: a GB of it had all else looked through 80 times.
    setFlagsFromString("--heap-growing-percent=200");
  },
  releaseMemory: () => {
    // There is no other way to ask for it, short of a flag on the command line of Node.
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect !== "function") return;
    // What is left would lie scattered over twice its size. V8 moves it together only in parts,
    // half of all pages at a time when it is put under stress.
    setFlagsFromString("--stress-compaction");
    collect();
    collect();
    setFlagsFromString("--no-stress-compaction");
    // Pages that were emptied go back to the system.
    collect();
  },
};

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // Twice: whoever waits no longer gets what everybody understands.
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort();
  });
}

const { stdout, stderr, env } = process;
let lost: "reader" | "text" | undefined;
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // What is said after the first is lost for the same reason, or for the signal.
    if (interrupt.signal.aborted) return;
    // A reader that went away, as `| head` does, wants no more: an answer needs no more words, and
    // a build is cancelled, so that nothing that it started goes on.
    lost = error.code === "EPIPE" ? "reader" : "text";
    interrupt.abort();
    if (lost === "reader") return;
    if (stream === stdout) stderr.write(`error: standard output: ${error.message}\n`);
    // The command may be over already, and think that all went well.
    process.exitCode = exitCodes.failed;
  });
}
// A file or a pipe has no such property, whatever the types say.
const isTerminal = stderr.isTTY === true && env["TERM"] !== "dumb";

try {
  const { runCommandLine } = await import("./cli/cli.ts");
  const code = await runCommandLine(process.argv.slice(2), {
    host,
    builtIn,
    engine: { version: KRAFT_GRAPH_VERSION, buildId: KRAFT_GRAPH_BUILD_ID },
    nodeVersion: process.versions.node,
    // Node keeps these two as they are, whenever the window changes.
    screen: () => (isTerminal ? { columns: stderr.columns, rows: stderr.rows } : undefined),
    hasColor: isTerminal && (env["NO_COLOR"] ?? "") === "",
    signal: interrupt.signal,
    env,
    stdin: process.stdin,
    stdout,
    stderr,
    colorDepth: 1,
  });
  const isCancelled = lost === "reader" && code === exitCodes.interrupted;
  process.exitCode = lost === "text" ? exitCodes.failed : isCancelled ? exitCodes.unread : code;
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(
    `${text}\nThis is a defect of kraft-graph ${KRAFT_GRAPH_VERSION}: please report it.\n`,
  );
  process.exitCode = exitCodes.failed;
}

/** Writes the version; false when it cannot be, which is told as for any command. */
function isWritten(): boolean {
  try {
    writeSync(1, `${KRAFT_GRAPH_VERSION}\n`);
    return true;
  } catch {
    return false;
  }
}
