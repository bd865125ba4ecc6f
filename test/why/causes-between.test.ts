import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { causesBetween } from "../../src/why/causes-between.ts";
import type { State, StateFacts } from "../../src/why/state.ts";
import { describeCause } from "../../src/why/words.ts";

const file = (text: string, more = ""): string => `${digestOf(text).slice(0, 32)}${more}`;

const command = {
  kind: "command",
  argv: ["cc", "-c", "-O1", "main.c"],
  env: { LANG: "C" },
  tools: ["cc"],
  outputs: ["main.o"],
};

interface Parts {
  readonly command?: Readonly<Record<string, unknown>>;
  readonly tools?: State["tools"];
  readonly inputs?: State["inputs"];
  readonly options?: readonly string[];
}

const usual = { "main.c": file("x"), lib: `${file("lib")}/` };

function state(parts: Parts = {}): State {
  const { tools = { cc: "1" }, inputs = usual, options } = parts;
  const fields = { ...command, ...parts.command };
  const commandDigest = digestOf(JSON.stringify(fields));
  const more = options === undefined ? {} : { options: { names: options, path: "config.h" } };
  return { command: fields, commandDigest, tools, inputs, ...more };
}

const trees = new Map([
  [
    `${file("lib")}/`,
    new Map([
      ["a", file("a")],
      ["sub/b", file("b")],
      ["l", "-> a"],
    ]),
  ],
  [
    `${file("lib 2")}/`,
    new Map([
      ["a", file("a", "x")],
      ["sub/c", file("b")],
      ["l", "-> b"],
    ]),
  ],
]);

const facts: StateFacts = {
  toolVersion: (digest) => (digest === "?" ? undefined : `cc ${digest}`),
  filesIn: (text) => trees.get(text),
};

function told(before: State, now: State): string[] {
  return causesBetween(before, now, facts).map(describeCause);
}

test.each<[string, Parts, Parts, readonly string[]]>([
  ["a word", {}, { command: { argv: ["cc", "-c", "-O2", "main.c"] } }, ["argument 2: -O1 → -O2"]],
  [
    "a new word",
    {},
    { command: { argv: ["cc", "-g", "-c", "-O1", "main.c"] } },
    ["argument 1 is new: -g"],
  ],
  [
    "a word that is gone",
    {},
    { command: { argv: ["cc", "-c", "main.c"] } },
    ["argument 2 is gone: -O1"],
  ],
  [
    "words in another order",
    {},
    { command: { argv: ["cc", "-O1", "-c", "main.c"] } },
    ["the order of its arguments changed: -O1 comes before -c"],
  ],
  ["a variable", {}, { command: { env: { LANG: "de" } } }, ["variable LANG: C → de"]],
  ["a new variable", {}, { command: { env: { LANG: "C", A: "1" } } }, ["variable A: not set → 1"]],
  [
    "outputs",
    {},
    { command: { outputs: ["main.o", "main.d"] } },
    ['its outputs: ["main.o"] → ["main.o","main.d"]'],
  ],
  ["what is not known", { tools: { cc: "?" } }, {}, ["the tool cc changed"]],
  ["a tool", {}, { tools: { cc: "2" } }, ["the tool cc changed: cc 1 → cc 2"]],
  ["a tool more", {}, { tools: { cc: "1", "ld?": "2" } }, ["the tool ld is new: cc 2"]],
  ["a file", {}, { inputs: { ...usual, "main.c": file("y") } }, ["main.c changed"]],
  [
    "a mode",
    {},
    { inputs: { ...usual, "main.c": file("x", "x") } },
    ["the mode of main.c changed: not executable → executable"],
  ],
  [
    "permissions",
    { inputs: { a: file("x", "644") } },
    { inputs: { a: file("x", "600") } },
    ["the mode of a changed: 644 → 600"],
  ],
  [
    "a link",
    { inputs: { a: "-> b" } },
    { inputs: { a: "-> c" } },
    ["the link a changed: -> b → -> c"],
  ],
  [
    "a file that becomes a link",
    { inputs: { a: file("a") } },
    { inputs: { a: "-> c" } },
    ["a is now a link, and was a file"],
  ],
  ["a new file", {}, { inputs: { ...usual, "a.h": file("") } }, ["a.h is a new input"]],
  ["a file that is gone", {}, { inputs: { lib: usual.lib } }, ["main.c is gone"]],
  [
    "a name",
    {},
    { inputs: { "app.c": file("x"), lib: usual.lib } },
    ["main.c was renamed to app.c"],
  ],
  [
    "an order",
    {},
    { inputs: { lib: usual.lib, "main.c": file("x") } },
    ["the order of its inputs changed: lib comes before main.c"],
  ],
  [
    "what is in a directory",
    {},
    { inputs: { ...usual, lib: `${file("lib 2")}/` } },
    [
      "the mode of lib/a changed: not executable → executable",
      "the link lib/l changed: -> a → -> b",
      "lib/sub/b was renamed to lib/sub/c",
    ],
  ],
  [
    "a header that shadows",
    {},
    { inputs: { ...usual, "one/a.h": "would be found" } },
    ["one/a.h would now be found first"],
  ],
  [
    "options",
    {
      inputs: { CONFIG_A: "= 1", CONFIG_B: "not set", "C_*": '[["C_A","1"]]' },
      options: ["CONFIG_A", "CONFIG_B", "C_*"],
    },
    {
      inputs: { CONFIG_A: "not set", CONFIG_B: "= 5", "C_*": '[["C_A","1"],["C_B","2"]]' },
      options: ["CONFIG_A", "CONFIG_B", "C_*"],
    },
    ["CONFIG_A: 1 → not set", "CONFIG_B: not set → 5", "C_B: not set → 2"],
  ],
  [
    "lines of a text",
    { command: { kind: "write", text: "a\nb\n" } },
    { command: { kind: "write", text: "a\nc\n" } },
    ["line 2: b → no line", "line 2: no line → c"],
  ],
  [
    "lines of configuration",
    { command: { kind: "write", text: "CONFIG_A=y\nCONFIG_N=1\n" } },
    { command: { kind: "write", text: "# CONFIG_A is not set\nCONFIG_N=2\n" } },
    ["CONFIG_A: y → n", "CONFIG_N: 1 → 2"],
  ],
  [
    "options among the arguments",
    { command: { argv: ["x", '[{"symbol":"CONFIG_A","value":"y","place":1}]'] } },
    { command: { argv: ["x", '[{"symbol":"CONFIG_B","value":"8","place":2}]'] } },
    ["CONFIG_A: y → n", "CONFIG_B: not set → 8"],
  ],
  [
    "what is said of options besides",
    { command: { argv: ["x", '[{"symbol":"CONFIG_A","value":"y","place":1}]'] } },
    { command: { argv: ["x", '[{"symbol":"CONFIG_A","value":"y","place":2}]'] } },
    [
      'argument 1: [{"symbol":"CONFIG_A","value":"y","place":1}] → [{"symbol":"CONFIG_A","value":"y","place":2}]',
    ],
  ],
  [
    "a program's version",
    { command: { kind: "program", program: "a/b", version: 1 } },
    { command: { kind: "program", program: "a/b", version: 2 } },
    ["program a/b version 1 → a/b version 2"],
  ],
])("%s is one cause, and nothing beside it", (_, before, now, expected) => {
  expect(told(state(before), state(now))).toEqual(expected);
});

test("a list of inputs in the command is no cause of its own", () => {
  const before = state({
    command: { env: { SRCS: "a b" } },
    inputs: { a: file("a"), b: file("b") },
  });
  const now = state({ command: { env: { SRCS: "a c" } }, inputs: { a: file("a"), c: file("c") } });
  expect(told(before, now)).toEqual(["b is gone", "c is a new input"]);
  const turned = state({
    command: { env: { SRCS: "b a" } },
    inputs: { b: file("b"), a: file("a") },
  });
  expect(told(before, turned)).toEqual(["the order of its inputs changed: b comes before a"]);
});

test("of a command that is no longer known it is said that it changed", () => {
  const before = { ...state(), command: undefined, commandDigest: "1" };
  expect(told(before, state())).toEqual(["its command changed"]);
});

test("equal states have no cause, and of very many causes some are kept", () => {
  expect(told(state(), state())).toEqual([]);
  const names = Array.from({ length: 100 }, (_, i) => [`f${100 + i}`, file(String(i))] as const);
  const causes = told(state({ inputs: {} }), state({ inputs: Object.fromEntries(names) }));
  expect(causes.slice(-2)).toEqual(["f139 is a new input", "and 60 more"]);
});

test("long values are cut to where they differ", () => {
  const word = (end: string): Parts => ({ command: { argv: ["sh", `${"x".repeat(200)}${end}`] } });
  expect(told(state(word("1")), state(word("2")))).toEqual([
    `argument 1: …${"x".repeat(20)}1 → …${"x".repeat(20)}2`,
  ]);
});
