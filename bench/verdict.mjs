// Numbers → what people read: a line for each row, and one for each bound.

/** @typedef {import("./measure.mjs").Sample} Sample */

/**
 * Ours over each peer's, by peer.
 * @param {ReadonlyMap<string, Sample>} samples
 */
export function ratiosOf(samples) {
  const ours = samples.get("ours")?.medianMs ?? Number.NaN;
  const peers = [...samples].filter(([name]) => name !== "ours");
  return new Map(peers.map(([name, { medianMs }]) => [name, ours / medianMs]));
}

const columns = [40, 10, 10, 10, 12, 12, 10];

/** The heads of the columns of {@link lineOf}. */
export function headline() {
  return inColumns([
    "row",
    "ours ms",
    "make ms",
    "ninja ms",
    "ours/make",
    "ours/ninja",
    "peak MiB",
  ]);
}

/**
 * @param {string} name
 * @param {ReadonlyMap<string, Sample>} samples
 */
export function lineOf(name, samples) {
  const ratios = ratiosOf(samples);
  const times = ["ours", "make", "ninja"].map((one) => shown(samples.get(one)?.medianMs, 0));
  const over = ["make", "ninja"].map((one) => shown(ratios.get(one), 2));
  return inColumns([name, ...times, ...over, shown(samples.get("ours")?.peakMiB, 0)]);
}

function shown(number, digits) {
  return number === undefined ? "missing" : number.toFixed(digits);
}

function inColumns(cells) {
  const padded = cells.map((cell, i) =>
    i === 0 ? cell.padEnd(columns[0]) : cell.padStart(columns[i]),
  );
  return padded.join(" ");
}

/**
 * Whether `bound` holds; `unknown` when what it speaks of was not measured.
 * @param {import("./measure.mjs").Bound} bound
 * @param {ReadonlyMap<string, Sample>} samples
 * @returns {{ verdict: "holds" | "misses" | "unknown", text: string }}
 */
export function judge(bound, samples) {
  const [measured, limit, unit] =
    "peer" in bound
      ? [ratiosOf(samples).get(bound.peer), bound.atMost, `× ${bound.peer}`]
      : [samples.get("ours")?.peakMiB, bound.peakMiB, "MiB"];
  const verdict = measured === undefined ? "unknown" : measured <= limit ? "holds" : "misses";
  return { verdict, text: `${shown(measured, 2)} of at most ${limit} ${unit}` };
}
