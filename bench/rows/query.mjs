// A row over queries: of a graph that is loaded, in milliseconds that the program itself takes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const count = 100_000;

/** As in src/main.ts: without them V8 takes twice the memory, most of it for garbage. */
const engineFlags = [
  "--semi-space-growth-factor=1",
  "--heap-growing-percent=30",
  "--no-parallel-scavenge",
];

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows({ directory }) {
  const program = join(directory, "query-program.mjs");
  const result = join(directory, "query-times.json");
  const times = () => JSON.parse(readFileSync(result, "utf8"));
  return [
    {
      name: "query/100000",
      about: `queries of ${count} targets with an action each; the time of the row is with making them up`,
      runs: 3,
      contenders: [
        {
          name: "ours",
          prepare: (run) => {
            if (run === 0) bundle(program);
          },
          command: {
            argv: [process.execPath, ...engineFlags, program, String(count), result],
            directory,
            env: { PATH: process.env.PATH ?? "" },
          },
        },
      ],
      bounds: [
        { what: "ms for deps(//...)", atMost: 300, measured: () => times()["deps(//...)"] },
        { peakMiB: 700 },
      ],
      note: () =>
        Object.entries(times())
          .map(([query, ms]) => `${query} ${ms.toFixed(0)} ms`)
          .join(", "),
    },
  ];
}

function bundle(outfile) {
  buildSync({
    entryPoints: [fileURLToPath(new URL("../query-program.mjs", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}
