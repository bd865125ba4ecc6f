import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Action } from "../../src/action/action.ts";
import { formatYielded, parseYielded } from "../../src/action/yielded.ts";
import { labelOf } from "../../src/label/label.ts";
import { paths } from "./arbitraries.ts";

const owner = labelOf({ packagePath: "apps/nginx", name: "qemu-x86_64" });

const command = {
  kind: "command",
  mnemonic: "CC",
  inputs: ["src/a.c", "."],
  outputs: ["out/a.o"],
  argv: ["gcc", "-c", ""],
  env: { A: "1" },
  tools: ["gcc"],
};
const program = {
  kind: "program",
  mnemonic: "Rootfs",
  inputs: [],
  outputs: ["out/x"],
  program: "unikraft/cpio",
  version: 0,
  args: ["a"],
};
const write = { kind: "write", mnemonic: "W", inputs: [], outputs: ["out/w"], text: "" };

describe("yielded actions", () => {
  test("come back as they were, as actions of the same owner", () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 4 }), (list) => {
        expect(parseYielded(formatYielded(list), owner)).toEqual(list);
      }),
    );
  });

  test("are the same text whatever the order of their fields", () => {
    fc.assert(
      fc.property(actions, (action) => {
        expect(formatYielded([reversed(action)])).toBe(formatYielded([action]));
      }),
    );
  });

  test("are written one to a line, without their owner", () => {
    expect(formatYielded([{ ...write, kind: "write", outputs: ["out/w"], owner }])).toBe(
      '{"version":1,"actions":[\n' +
        '{"inputs":[],"kind":"write","mnemonic":"W","outputs":["out/w"],"text":""}\n' +
        "]}\n",
    );
  });

  test("may be none", () => {
    expect(parseYielded(formatYielded([]), owner)).toEqual([]);
  });

  test.each([
    ["", "it is not JSON"],
    ["[]", "it is not an object"],
    ["null", "it is not an object"],
    ['{"actions":[]}', "it has no version"],
    ['{"version":2,"actions":[]}', "version is not 1"],
    ['{"version":1}', "it has no actions"],
    ['{"version":1,"actions":{}}', "actions is not a list"],
    ['{"version":1,"actions":[],"more":1}', "more is not a known field"],
    ['{"version":1,"actions":[null]}', "actions[0] is not an object"],
    ['{"version":1,"actions":[{}]}', "actions[0] has no kind"],
  ])("are refused as %s", (text, problem) => {
    expect(parseYielded(text, owner)).toEqual({ problem });
  });

  test.each([
    [{ ...command, kind: "shell" }, 'is of no known kind: "shell"'],
    [{ ...command, kind: 1 }, ".kind is not a string"],
    [{ ...command, owner }, ".owner is not a known field"],
    [{ ...command, text: "" }, ".text is not a known field"],
    [{ ...command, mnemonic: undefined }, " has no mnemonic"],
    [{ ...command, mnemonic: "" }, ".mnemonic is empty"],
    [{ ...command, subject: null }, ".subject is not a string"],
    [{ ...command, inputs: "src/a.c" }, ".inputs is not a list"],
    [{ ...command, inputs: ["a", 1] }, ".inputs[1] is not a string"],
    [{ ...command, inputs: ["../a"] }, '.inputs[0] is no path in an input root: "../a"'],
    [{ ...command, inputs: ["a", "a"] }, ".inputs has a path twice"],
    [{ ...command, outputs: [] }, ".outputs is empty"],
    [{ ...command, outputs: ["."] }, '.outputs[0] is no path in an input root: "."'],
    [{ ...command, outputs: ["/a"] }, '.outputs[0] is no path in an input root: "/a"'],
    [{ ...command, outputs: ["a/../b"] }, '.outputs[0] is no path in an input root: "a/../b"'],
    [{ ...command, outputs: ["a", "a"] }, ".outputs has a path twice"],
    [{ ...command, outputs: ["src/a.c"] }, ".outputs has an input in it"],
    [{ ...command, yields: "out/b" }, ".yields is none of the outputs"],
    [{ ...command, modesOf: ["out"] }, ".modesOf has a path that is no input"],
    [{ ...command, without: { out: [] } }, ".without.out is for none of the inputs"],
    [{ ...command, without: { ".": [1] } }, ".without..[0] is not a string"],
    [{ ...command, within: { out: "." } }, ".within.out is for none of the inputs"],
    [{ ...command, within: { ".": ".." } }, '.within.. is no path in an input root: ".."'],
    [{ ...command, resources: { cpu: -1 } }, ".resources.cpu is not a number of at least 0"],
    [{ ...command, argv: [] }, ".argv does not begin with a program"],
    [{ ...command, argv: ["", "a"] }, ".argv does not begin with a program"],
    [{ ...command, argv: ["a", "b\0c"] }, ".argv[1] has a zero byte"],
    [{ ...command, env: [] }, ".env is not an object"],
    [{ ...command, env: { A: 1 } }, ".env.A is not a string"],
    [{ ...command, env: { "A=B": "1" } }, ".env.A=B is not a name that a variable can have"],
    [{ ...command, tools: [""] }, ".tools[0] is empty"],
    [{ ...command, network: "yes" }, ".network is not true or false"],
    [{ ...command, sharesSandbox: 1 }, ".sharesSandbox is not true or false"],
    [{ ...program, version: 1.5 }, ".version is not a whole number"],
    [{ ...program, version: -1 }, ".version is not a whole number"],
    [{ ...program, args: undefined }, " has no args"],
    [{ ...program, argv: [] }, ".argv is not a known field"],
    [{ ...write, text: undefined }, " has no text"],
    [{ ...write, executable: 1 }, ".executable is not true or false"],
  ])("are refused with %j", (action, problem) => {
    const text = JSON.stringify({ version: 1, actions: [write, action] });
    const where = problem.startsWith("is ") ? `actions[1] ${problem}` : `actions[1]${problem}`;
    expect(parseYielded(text, owner)).toEqual({ problem: where });
  });

  test("are refused, and nothing thrown, for any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseYielded(text, owner)).toHaveProperty("problem");
        const inside = parseYielded(`{"version":1,"actions":[${text}]}`, owner);
        expect(inside).toHaveProperty("problem");
      }),
    );
  });
});

const shared = fc
  .record(
    {
      mnemonic: fc.string({ minLength: 1 }),
      files: fc.uniqueArray(paths, { minLength: 3, maxLength: 6 }),
      subject: fc.string({ minLength: 1 }),
      resources: fc.dictionary(fc.string(), fc.double({ min: 0, max: 1e9, noNaN: true })),
      patterns: fc.array(fc.string()),
    },
    { requiredKeys: ["mnemonic", "files"] },
  )
  .map(({ mnemonic, files: [first, second, ...inputs], subject, resources, patterns }) => ({
    mnemonic,
    owner,
    inputs,
    outputs: [first!, second!] as const,
    yields: second!,
    modesOf: inputs.slice(1),
    ...(subject !== undefined && { subject }),
    ...(resources !== undefined && { resources }),
    ...(patterns !== undefined && { without: { [inputs[0]!]: patterns } }),
    ...(patterns !== undefined && { within: { [inputs[0]!]: "." } }),
  }));

const argument = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "0"));

/** Actions of every kind, with and without each optional field. */
const actions: fc.Arbitrary<Action> = fc.oneof(
  fc
    .record({
      shared,
      argv: fc.array(argument),
      env: fc.dictionary(fc.stringMatching(/^[A-Za-z_]+$/), argument),
      tools: fc.array(fc.string({ minLength: 1 })),
      network: fc.constantFrom({}, { network: true }, { network: false }),
      isolation: fc.constantFrom({}, { sharesSandbox: true }, { sharesSandbox: false }),
    })
    .map(({ shared: all, argv, env, tools, network, isolation }): Action => {
      const more = { ...network, ...isolation };
      return { ...all, kind: "command", argv: ["cc", ...argv], env, tools, ...more };
    }),
  fc
    .record({
      shared,
      version: fc.nat(),
      args: fc.array(fc.string()),
      places: fc.option(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string())),
    })
    .map(({ shared: all, version, args, places }): Action => {
      const shown = places === null ? {} : { places };
      return { ...all, kind: "program", program: "rules/name", version, args, ...shown };
    }),
  fc
    .record({ shared, text: fc.string({ unit: "binary" }), executable: fc.boolean() })
    .map(({ shared: all, text, executable }): Action => {
      return { ...all, kind: "write", text, ...(executable && { executable }) };
    }),
);

/** The same object with its fields, and theirs, in the opposite order. */
function reversed<T>(value: T): T {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).reverse();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same fields again
  return Object.fromEntries(entries.map(([name, item]) => [name, reversed(item)])) as T;
}
