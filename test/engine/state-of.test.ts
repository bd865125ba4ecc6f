import { expect, test } from "vitest";

import type { Action, CommandAction } from "../../src/action/action.ts";
import type { Node } from "../../src/action/result.ts";
import { digestOf } from "../../src/digest/digest.ts";
import type { Input } from "../../src/engine/inputs.ts";
import { type ActionState, stateOf } from "../../src/engine/state-of.ts";
import type { Label } from "../../src/label/label.ts";

const compile: CommandAction = {
  kind: "command",
  mnemonic: "CC",
  owner: "//:t" as Label,
  argv: ["cc", "-c", "main.c"],
  env: { LANG: "C" },
  tools: ["cc", "ld?"],
  inputs: ["main.c", "lib"],
  outputs: ["main.o"],
};

const file = (text: string, more: { executable?: boolean; mode?: number } = {}): Node => ({
  kind: "file",
  digest: digestOf(text),
  executable: false,
  ...more,
});

const input = (path: string, node: Node): Input => {
  return { path, node, staged: { kind: "source", path, file: `/w/${path}` }, isSource: true };
};

const tree = (text: string): Node => ({
  kind: "tree",
  root: digestOf(text),
  tree: digestOf(`tree of ${text}`),
});

const inputs = [input("main.c", file("x")), input("lib", tree("lib"))];
const tools = new Map([["cc", "gcc 13"]]);

function state(
  action: Action = compile,
  given: readonly Input[] = inputs,
  identities: ReadonlyMap<string, string> = tools,
): ActionState {
  return stateOf(action, given, identities);
}

test("every kind of change of an input is seen", () => {
  const nodes: readonly Node[] = [
    file("x"),
    file("y"),
    file("x", { executable: true }),
    file("x", { mode: 0o644 }),
    file("x", { mode: 0o640 }),
    { kind: "symlink", target: "x" },
    { kind: "symlink", target: "y" },
    tree("x"),
    tree("y"),
  ];
  const states = nodes.map((node) => state(compile, [input("main.c", node)]));
  expect(new Set(states.map(({ fingerprint }) => fingerprint)).size).toBe(nodes.length);
});

test("who asked for an action, and how it is shown and run, is no part of its state", () => {
  const other: Action = {
    ...compile,
    owner: "//else" as Label,
    mnemonic: "Compile",
    subject: "s",
    resources: { cpu: 2 },
    sharesSandbox: true,
  };
  expect(state(other)).toEqual(state());
});

test("programs and written files have states, too", () => {
  const { argv: _, env: __, tools: ___, ...shared } = compile;
  const program = { ...shared, kind: "program", program: "a/b", version: 1, args: [] } as const;
  const write = { ...shared, kind: "write", text: "x" } as const;
  const placed = { ...program, places: { name: " --> a.yaml:1:1" } };
  expect(state(placed)).toEqual(state(program));
  const states = [
    state(program),
    state({ ...program, version: 2 }),
    state(write),
    state({ ...write, text: "y" }),
    state({ ...write, executable: true }),
  ];
  expect(new Set(states.map(({ command }) => command)).size).toBe(states.length);
});
