// A row over the page: how long a frame takes while a graph of 5,000 nodes is moved.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const count = 5_000;

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows({ directory, engine }) {
  if (!existsSync("/usr/bin/chromium")) return [];
  const result = join(directory, "page-times.json");
  const times = () => JSON.parse(readFileSync(result, "utf8"));
  return [
    {
      name: `page/${count}`,
      about: `the page of ${count} nodes in Chromium without a GPU; the time of the row is with starting it`,
      runs: 1,
      contenders: [
        {
          name: "ours",
          prepare: () => undefined,
          command: {
            argv: [
              process.execPath,
              fileURLToPath(new URL("../page-program.mjs", import.meta.url)),
              String(count),
              join(engine, "..", "page.html"),
              result,
            ],
            directory,
            env: { PATH: process.env.PATH ?? "", HOME: directory },
          },
        },
      ],
      bounds: [{ what: "ms for a frame", atMost: 50, measured: () => times()["frame"] }],
      note: () =>
        Object.entries(times())
          .map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`)
          .join(", "),
    },
  ];
}
