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

/** Our time and that of the peer which `bound` names, as it wants them; undefined: not measured. */
function timesOf({ peer, of }, samples) {
  const time = of === undefined ? "medianMs" : "processorMs";
  return { ours: samples.get("ours")?.[time], theirs: samples.get(peer)?.[time] };
}

const columns = [32, 9, 9];

/** The heads of the columns of {@link lineOf}. */
export function headline() {
  return `${inColumns(["row", "ours ms", "peak MiB"])}   peers, each with ours over theirs`;
}

/**
 * @param {string} name
 * @param {ReadonlyMap<string, Sample>} samples
 * @param {string} [note]
 */
export function lineOf(name, samples, note) {
  const ours = samples.get("ours");
  const ratios = [...ratiosOf(samples)];
  const peers = ratios.map(
    ([peer, ratio]) => `${peer} ${shown(samples.get(peer)?.medianMs, 0)} (${shown(ratio, 2)})`,
  );
  const cells = inColumns([name, shown(ours?.medianMs, 0), shown(ours?.peakMiB, 0)]);
  return [cells, peers.join("  "), ...(note === undefined ? [] : [note])].join("   ");
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
 * @param {readonly { row: import("./measure.mjs").Row, samples: ReadonlyMap<string, Sample> }[]} before
 * @returns {{ verdict: "holds" | "misses" | "unknown", text: string }}
 */
export function judge(bound, samples, before) {
  const { measured, atMost, atLeast, unit } = termsOf(bound, samples, before);
  const holds = measured <= (atMost ?? measured) && measured >= (atLeast ?? measured);
  const verdict = measured === undefined ? "unknown" : holds ? "holds" : "misses";
  const limit = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  return { verdict, text: `${shown(measured, 2)} of ${limit} ${unit}` };
}

function termsOf(bound, samples, before) {
  if ("measured" in bound) return { ...bound, measured: bound.measured(), unit: bound.what };
  if ("peakMiB" in bound) {
    const { peakMiB } = samples.get("ours") ?? {};
    return { measured: peakMiB, atMost: bound.peakMiB, unit: "MiB" };
  }
  if ("peer" in bound) {
    const { ours, theirs } = timesOf(bound, samples);
    const isKnown = ours !== undefined && theirs !== undefined;
    const by = bound.of === undefined ? "" : ` by ${bound.of}`;
    if ("atMostMsOver" in bound) {
      const measured = isKnown ? ours - theirs : undefined;
      return { measured, atMost: bound.atMostMsOver, unit: `ms over ${bound.peer}${by}` };
    }
    const measured = isKnown ? ours / theirs : undefined;
    return { measured, atMost: bound.atMost, unit: `× ${bound.peer}${by}` };
  }
  const other = before.find(({ row }) => row.name === bound.row)?.samples.get("ours")?.medianMs;
  const ours = samples.get("ours")?.medianMs;
  const measured = other === undefined || ours === undefined ? undefined : ours / other;
  return { measured, atMost: bound.atMost, unit: `× ${bound.row}` };
}
