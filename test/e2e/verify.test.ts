import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { rig } from "./rig.ts";

test("--verify runs known results again, and says how many", async () => {
  const { build } = rig(cWorkspace);
  const first = await build("//...");
  const second = await build("//...", "--verify", "100%");
  expect(second.text).toBe(
    "note: ran 4 of 4 actions again whose results were known\ndone: 4 actions: 4 up to date; TIME\n",
  );
  expect(second).toMatchObject({ code: 0, outputs: first.outputs });
});

test("--verify fails the build when a result is another one the second time", async () => {
  const { build } = rig({
    "kraft.build.yaml": `targets:
  - {name: dice, rule: exec, outs: [a], command: 'head -c 16 /dev/urandom > $OUT'}
`,
  });
  await build(":dice");
  const second = await build(":dice", "--verify", "100");
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(
    "its known result is not what it gives when it runs again: .kraft/out/dice/a differs",
  );
});

test("--verify takes a percentage, and nothing else", async () => {
  const { build } = rig(cWorkspace);
  for (const word of ["101", "ten", "-1", ""]) {
    const { code, stderr } = await build("//...", `--verify=${word}`);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: --verify ${word} is no percentage from 0 to 100\n`,
    });
  }
});
