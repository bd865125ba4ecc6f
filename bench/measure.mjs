// Row → numbers: contenders take turns, so that whatever else the machine does hits them alike.

import { execFileSync } from "node:child_process";

import { warmProgram } from "./warm-program.mjs";
import { launch } from "./launch.mjs";

/**
 * One row of work.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} about What is timed, in a line.
 * @property {number} runs How many times, unless `--runs` says otherwise.
 * @property {readonly Contender[]} contenders The engine's is called `ours`.
 * @property {readonly Bound[]} bounds
 * @property {() => void} [check] Throws when the contenders did not do the same.
 * @property {() => string} [note] What else there is to say of the engine's last run.
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(run: number) => void | Promise<void>} prepare What comes before each run, untimed.
 * @property {() => void} [warm] Reads what the run is going to read, so that no disk is timed.
 * @property {import("./launch.mjs").Command} command What is timed.
 */

/**
 * What the engine is to keep: its time over that of a peer, its peak memory, its time over its own
 * in an earlier row, or a number that it was measured to have reached. `of` compares the time of
 * processors, which other work on the machine makes less of a difference to.
 * @typedef {{ peer: string, atMost: number, of?: "processor time" }
 *   | { peer: string, atMostMsOver: number, of?: "processor time" } | { peakMiB: number } | { row: string, atMost: number }
 *   | { what: string, atMost?: number, atLeast?: number, measured: () => number }} Bound
 */

/**
 * @typedef {object} Sample
 * @property {readonly number[]} ms Of each run.
 * @property {number} medianMs
 * @property {number | undefined} peakMiB Of the run that had most; undefined when not measured.
 * @property {number | undefined} processorMs As `medianMs`, of all its processes; undefined when not measured.
 */

/**
 * @param {Row} row
 * @param {{ runs: number | undefined, scratch: string }} options
 * @returns {Promise<Map<string, Sample>>} By contender.
 */
export async function measure(row, { runs = row.runs, scratch }) {
  const results = new Map(row.contenders.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const { name, prepare, warm, command } of row.contenders) {
      await prepare(run);
      // What was removed and written before is not to be paid for by whoever comes next.
      execFileSync("sync");
      warm?.();
      warmProgram(command.argv);
      results.get(name)?.push(launch(command, scratch));
    }
  }
  row.check?.();
  return new Map([...results].map(([name, launches]) => [name, sampleOf(launches)]));
}

/** @returns {Sample} */
function sampleOf(launches) {
  const ms = launches.map((one) => one.ms);
  const peaks = launches.flatMap(({ peakMiB }) => peakMiB ?? []);
  const peakMiB = peaks.length === 0 ? undefined : Math.max(...peaks);
  const times = launches.flatMap(({ processorMs }) => processorMs ?? []);
  const processorMs = times.length === 0 ? undefined : medianOf(times);
  return { ms, medianMs: medianOf(ms), peakMiB, processorMs };
}

function medianOf(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
