import { expect, onTestFinished, test, vi } from "vitest";

import type { Action } from "../../src/action/action.ts";
import { DiskSandbox } from "../../src/sandbox/disk-sandbox.ts";
import { compileAction } from "./compile-rig.ts";
import { executionRig, outs, owner } from "./execution-rig.ts";

/** What the sandbox is told of the programs of `action`, in order. */
async function toldOf(action: Action): Promise<(boolean | undefined)[]> {
  const run = vi.spyOn(DiskSandbox.prototype, "run");
  onTestFinished(() => run.mockRestore());
  const rig = executionRig();
  rig.write("app/main.c", "int main(void) { return 0; }\n");
  for (const directory of ["one", "two"]) rig.write(`${directory}/.keep`, "");
  await rig.build([action], { wanted: action.outputs });
  const told = run.mock.calls.map(([request]) => request.sharesSandbox);
  run.mockRestore();
  return told;
}

test("both steps of compiling may share a sandbox, and a command that says so", async () => {
  expect(await toldOf(compileAction({}))).toEqual([true, true]);
  const path = `${outs}/copy`;
  const command = {
    kind: "command",
    mnemonic: "Exec",
    owner,
    argv: ["gcc", "-E", "app/main.c", "-o", path],
    env: {},
    inputs: ["app/main.c"],
    outputs: [path],
    tools: ["gcc"],
  } as const;
  expect(await toldOf(command)).toEqual([false]);
  expect(await toldOf({ ...command, sharesSandbox: true })).toEqual([true]);
});
