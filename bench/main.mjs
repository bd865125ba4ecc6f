// Times the engine beside its peers on the same work, in one run. Rows are in bench/rows/.
//
// Usage: node bench/main.mjs [--only ROW…] [--runs N] [--json FILE] [--jobs N] [--list]

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { bundleEngine, findPeers } from "./contenders.mjs";
import { hasPeakMemory } from "./launch.mjs";
import { measure } from "./measure.mjs";
import { headline, judge, lineOf, ratiosOf } from "./verdict.mjs";

/**
 * What rows are made of.
 * @typedef {object} BenchContext
 * @property {string} directory Absolute and empty; removed at the end.
 * @property {string} engine The bundled engine.
 * @property {Readonly<Record<"make" | "ninja" | "ccache", string | undefined>>} peers Versions, by name.
 * @property {number} jobs
 */

const { values, positionals } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    runs: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
    json: { type: "string" },
    list: { type: "boolean", default: false },
  },
  allowPositionals: true, // `--only` takes all that follow it.
});

const directory = mkdtempSync(join(tmpdir(), "kraft-bench-"));
// So that Ctrl-C leaves nothing behind.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

const peers = findPeers();
const context = {
  directory,
  engine: join(directory, "engine", "main.js"),
  peers,
  jobs: Number(values.jobs),
};
const rows = await chosenRows([...values.only, ...positionals]);
if (values.list) for (const { name, about } of rows) console.log(`${name}: ${about}`);
else await run();

async function chosenRows(only) {
  const names = readdirSync(new URL("rows", import.meta.url)).filter((name) =>
    name.endsWith(".mjs"),
  );
  const modules = await Promise.all(names.sort().map((name) => import(`./rows/${name}`)));
  const all = modules.flatMap((module) => module.rows(context));
  const isChosen = ({ name }) => only.some((one) => `/${name}/`.includes(`/${one}/`));
  const chosen = only.length === 0 ? all : all.filter(isChosen);
  if (chosen.length > 0) return chosen;
  throw new Error(`no row is called ${only.join(" or ")}; --list shows all`);
}

async function run() {
  mkdirSync(join(directory, "engine"));
  bundleEngine(join(directory, "engine"));
  const machine = machineFacts();
  console.log(
    Object.entries(machine)
      .map(([name, fact]) => `${name} ${fact}`)
      .join(", "),
  );
  console.log(headline());
  const measured = [];
  for (const row of rows) {
    const runs = values.runs === undefined ? undefined : Number(values.runs);
    const samples = await measure(row, { runs, scratch: directory });
    // At once, as some look at what the last build left.
    const bounds = row.bounds.map((bound) => ({ ...bound, ...judge(bound, samples, measured) }));
    measured.push({ row, samples, bounds });
    console.log(lineOf(row.name, samples, row.note?.()));
  }
  console.log();
  const verdicts = measured.flatMap(({ row, bounds }) =>
    bounds.map((bound) => ({ ...bound, row: row.name })),
  );
  for (const { row, verdict, text } of verdicts)
    console.log(`${verdict.padEnd(7)} ${row}: ${text}`);
  if (values.json !== undefined) writeJson(values.json, { machine, measured, verdicts });
}

function machineFacts() {
  const missing = "missing";
  return {
    cpus: availableParallelism(),
    jobs: context.jobs,
    architecture: process.arch,
    kernel: release(),
    node: process.versions.node,
    make: peers.make ?? missing,
    ninja: peers.ninja ?? missing,
    ccache: peers.ccache ?? missing,
    peakMemory: hasPeakMemory ? "by wait4" : missing,
  };
}

function writeJson(path, { machine, measured, verdicts }) {
  const results = measured.map(({ row, samples }) => ({
    name: row.name,
    about: row.about,
    contenders: Object.fromEntries(samples),
    ratios: Object.fromEntries(ratiosOf(samples)),
  }));
  const bounds = verdicts.map(({ row, verdict, text }) => ({ row, verdict, text }));
  writeFileSync(path, `${JSON.stringify({ machine, rows: results, bounds }, undefined, 2)}\n`);
}
