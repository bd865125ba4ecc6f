// Runs one program to its end, and says how long it took and how much memory it had.

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Command
 * @property {readonly [string, ...string[]]} argv
 * @property {string} directory
 * @property {Readonly<Record<string, string>>} env
 */

const timePath = "/usr/bin/time";

/** Whether peak memory can be measured: GNU time asks the kernel, by wait4, about its child. */
export const hasPeakMemory = existsSync(timePath);

/**
 * Runs `command`, whose failure ends the benchmark. The peak is of the largest of its processes.
 * @param {Command} command
 * @param {string} scratch A directory for a file of ours.
 * @returns {{ ms: number, peakMiB: number | undefined, processorMs: number | undefined }}
 */
export function launch({ argv, directory, env }, scratch) {
  const report = join(scratch, "peak");
  // A file, as who reads a pipe takes turns with whom is timed.
  const log = join(scratch, "errors");
  const errors = openSync(log, "w");
  const [program, ...args] = hasPeakMemory
    ? [timePath, "--quiet", "--format=%M %U %S", `--output=${report}`, ...argv]
    : argv;
  const start = performance.now();
  const run = spawnSync(program, args, {
    cwd: directory,
    env,
    stdio: ["ignore", "ignore", errors],
  });
  const ms = performance.now() - start;
  closeSync(errors);
  if (run.status !== 0) {
    const reason = run.error?.message ?? readFileSync(log, "utf8").slice(-2000);
    throw new Error(`${argv.join(" ")} ended with ${run.status ?? run.signal}:\n${reason}`);
  }
  if (!hasPeakMemory) return { ms, peakMiB: undefined, processorMs: undefined };
  const [peak, user, system] = readFileSync(report, "utf8").split(" ").map(Number);
  return { ms, peakMiB: peak / 1024, processorMs: (user + system) * 1000 };
}
