import { expect, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import { digestOf } from "../../src/digest/digest.ts";
import type { Input } from "../../src/engine/inputs.ts";
import { mountedAction, mountedInputs, unmountedResult } from "../../src/engine/mounted.ts";
import { LaterDirectory } from "../../src/engine/staged-later.ts";
import { owner } from "./execution-rig.ts";

const action: CommandAction = {
  kind: "command",
  mnemonic: "Exec",
  owner,
  argv: ["cp", "app/a", "build/b"],
  env: {},
  tools: [],
  inputs: ["apps/one", "core"],
  outputs: [".kraft/out/t/b", ".kraft/out/t/list"],
  yields: ".kraft/out/t/list",
  modesOf: ["core"],
  without: { "apps/one": ["/x"] },
  mounts: { "apps/one": "app", ".kraft/out/t": "build" },
};
const node = { kind: "file", digest: digestOf("x"), executable: false } as const;

test("an action that mounts nothing stays the same object, as do its inputs and result", () => {
  const { mounts: _, ...plain } = action;
  const result = {
    exitCode: 0,
    outputs: new Map(),
    stdout: digestOf(""),
    stderr: digestOf(""),
    wallMs: 1,
  };
  const inputs: readonly Input[] = [];
  expect(mountedAction(plain)).toBe(plain);
  expect(mountedInputs(plain, inputs)).toBe(inputs);
  expect(unmountedResult(plain, result)).toBe(result);
});

test("every path of an action is said as it sees it", () => {
  expect(mountedAction(action)).toMatchObject({
    argv: action.argv,
    inputs: ["app", "core"],
    outputs: ["build/b", "build/list"],
    yields: "build/list",
    modesOf: ["core"],
    without: { app: ["/x"] },
  });
});

test("inputs are staged where they are seen, and keep their name in the graph", () => {
  let asked = 0;
  const staged = new LaterDirectory("apps/one", () => {
    asked += 1;
    return "/somewhere";
  });
  const [input] = mountedInputs(action, [{ path: "apps/one", node, staged, isSource: true }]);
  expect(input).toMatchObject({ path: "apps/one", node, isSource: true });
  expect(input?.staged.path).toBe("app");
  expect(asked, "its directory is made though nobody needs it").toBe(0);
  expect(input?.staged).toMatchObject({ kind: "directory", directory: "/somewhere" });
});

test("outputs that an action left where it sees them are those of the graph", () => {
  const outputs = new Map([["build/b", node]]);
  const result = { exitCode: 0, outputs, stdout: digestOf(""), stderr: digestOf(""), wallMs: 1 };
  expect([...unmountedResult(action, result).outputs]).toEqual([[".kraft/out/t/b", node]]);
});
