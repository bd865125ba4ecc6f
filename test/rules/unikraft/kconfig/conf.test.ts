import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { diskWorld } from "../../../../rules/unikraft/kconfig/disk-world.ts";
import { formatDotConfig } from "../../../../rules/unikraft/kconfig/dot-config.ts";
import { readKconfig, resolveDefconfig } from "../../../../rules/unikraft/kconfig/kconfig.ts";
import { seed } from "../../../seed.ts";
import { type ConfOracle, confOf } from "./conf-oracle.ts";
import { randomFrom, randomRequest } from "./random-request.ts";

const examples = join(import.meta.dirname, "../../../../examples");

/** Compares whole files, and gives how many lines that were. */
function compare(oracle: ConfOracle, rounds: number): number {
  const random = randomFrom(seed);
  const kconfig = readKconfig(oracle.kconfig, diskWorld(oracle));
  const symbols = [...kconfig.table.options.values()].filter(({ nodes }) => nodes.length > 0);
  let lines = 0;
  for (let round = 0; round < rounds; round++) {
    const request = randomRequest(symbols, random);
    const expected = oracle.answer(request);
    const got = formatDotConfig(kconfig.root, resolveDefconfig(kconfig, request));
    expect(got, `KRAFT_GRAPH_SEED=${seed}, round ${round}, for:\n${request}`).toBe(expected);
    lines += expected.split("\n").length;
  }
  return lines;
}

test("random wishes for the example core come to what its conf makes of them", () => {
  const libraries = ["lib-crc", "lib-wordcount"].map((name) => join(examples, "libs", name));
  const oracle = confOf(join(examples, "core"), join(examples, "hello"), libraries);
  expect(compare(oracle, 200)).toBeGreaterThan(200 * 20);
}, 120_000);

const core = process.env["KRAFT_GRAPH_UNIKRAFT"] ?? "";

test.runIf(existsSync(join(core, "support/kconfig/confdata.c")))(
  "random wishes for the core that KRAFT_GRAPH_UNIKRAFT names come to what its conf makes of them",
  () => {
    const oracle = confOf(core, join(examples, "hello"), []);
    expect(compare(oracle, 60)).toBeGreaterThan(60 * 100);
  },
  600_000,
);
