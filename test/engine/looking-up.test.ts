import { expect, test } from "vitest";

import type { Action } from "../../src/action/action.ts";
import { capacitiesFor, resourcesToRun } from "../../src/engine/looking-up.ts";
import type { Label } from "../../src/label/label.ts";

const command = {
  kind: "command",
  mnemonic: "Exec",
  owner: "//:t" as Label,
  argv: ["true"],
  env: {},
  tools: [],
  inputs: [],
  outputs: ["out"],
} satisfies Action;

const write: Action = {
  kind: "write",
  mnemonic: "Write",
  owner: "//:t" as Label,
  text: "",
  inputs: [],
  outputs: ["out"],
};

/** How many CPUs `action` takes of those that there are, in tenths of a percent. */
function share(action: Action, jobs: number): number {
  const { cpu = 0 } = resourcesToRun(action, { jobs });
  return Math.round((1000 * cpu) / (capacitiesFor(jobs)["cpu"] ?? 1));
}

test.each([
  [2, 333],
  [3, 250],
  [9, 100],
])("with %i jobs one more action begins than programs can run", (jobs, expected) => {
  expect(share(command, jobs)).toBe(expected);
});

test("with one job, one action is done after the other", () => {
  expect(share(command, 1)).toBe(1000);
});

test("what says itself what it takes gets that, and so does what the engine does", () => {
  expect(share({ ...command, resources: { cpu: 1 } }, 2)).toBe(500);
  expect(share({ ...command, resources: { cpu: 2 } }, 2)).toBe(1000);
  expect(share(write, 2)).toBe(500);
});
