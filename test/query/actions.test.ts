import { expect, test } from "vitest";

import { actionsAmong, formatCommands, formatCompileCommands } from "../../src/query/commands.ts";
import { actionGraph, ask, sampleGraph, show } from "./query-rig.ts";

const graph = actionGraph();

test.each([
  ['mnemonic("CC", //libs/tls)', "out/tls/tls.o"],
  ['mnemonic("C", //libs/tls)', ""],
  ['mnemonic("C.*", //libs/tls)', "out/tls/tls.o"],
  ['mnemonic("LD|AR", //...)', "out/tls/tls.a out/web/kernel"],
  ['mnemonic("CC", //libs/net)', ""],
  ['mnemonic(".*", //libs/tls:tls.c)', ""],
  ['mnemonic(".*", deps(//apps/web))', everything()],
  ['inputs("libs/tls/tls.c", //...)', "out/tls/tls.o"],
  ['inputs("tls.c", //...)', ""],
  ['inputs(".*/net.h", //...)', "out/tls/tls.o"],
  ['outputs(".*\\.o", //...)', "out/tls/tls.o out/web/it's.o"],
  ['outputs(".*\\.o", mnemonic("LD", //...))', ""],
  ['inputs(".*\\.a", mnemonic("LD", //...))', "out/web/kernel"],
  ['deps(mnemonic("AR", //libs/tls), 1)', "out/tls/tls.a out/tls/tls.o"],
  [
    'deps(mnemonic("AR", //libs/tls))',
    "//libs/tls:tls.c @unikraft//:uk/net.h out/tls/tls.a out/tls/tls.o",
  ],
  [
    'rdeps(//..., //apps/web:config.txt) ^ mnemonic(".*", //...)',
    "out/web/config.h out/web/it's.o out/web/kernel",
  ],
  ['somepath(mnemonic("LD", //...), //libs/tls:tls.c)', pathFromKernel()],
  ['kind("AR action", deps(//apps/web:kernel) + set()) - mnemonic("CC", //...)', "out/tls/tls.a"],
  ['let o = mnemonic("CC", //...) in some($o)', "out/tls/tls.o"],
])("%s names %s", (query, names) => {
  expect(show(query, graph).trim().split("\n").join(" ")).toBe(names);
});

function everything(): string {
  return "out/tls/tls.a out/tls/tls.o out/web/config.h out/web/it's.o out/web/kernel";
}

function pathFromKernel(): string {
  return "out/web/kernel out/tls/tls.a out/tls/tls.o //libs/tls:tls.c";
}

test("an action is shown with its kind of work, and a file that nothing names as a source", () => {
  const shown = show('deps(mnemonic("AR", //libs/tls))', graph, "label_kind");
  expect(shown).toBe(`source file //libs/tls:tls.c
source file @unikraft//:uk/net.h
AR action out/tls/tls.a
CC action out/tls/tls.o
`);
});

test("a query without a function of actions has none in its graph", () => {
  expect(show("deps(//libs/tls)", sampleGraph())).not.toContain("out/");
});

test.each([
  [
    'mnemonic("(", //...)',
    `error[bad-query]: this is no regular expression: unterminated group
 --> query:1:10
  |
1 | mnemonic("(", //...)
  |          ^^^`,
  ],
  [
    'inputs("x")',
    `error[bad-query]: expected ",", found ")"
 --> query:1:11
  |
1 | inputs("x")
  |           ^
  = help: it is used as inputs(regex, e)`,
  ],
  [
    'outputs(".*", //..., 1)',
    `error[bad-query]: outputs takes no more than this
 --> query:1:20
  |
1 | outputs(".*", //..., 1)
  |                    ^
  = help: it is used as outputs(regex, e)`,
  ],
  [
    'mnemonics("CC", //...)',
    `error[unknown-function]: there is no function "mnemonics"
 --> query:1:1
  |
1 | mnemonics("CC", //...)
  | ^^^^^^^^^
  = help: did you mean "mnemonic"?`,
  ],
])("%s is a mistake", (query, text) => {
  expect(show(query, graph)).toBe(text);
});

function actionsOf(query: string) {
  return actionsAmong(ask(query, graph).labels ?? [], graph);
}

test("commands are lines of shell, with environment and quotes", () => {
  expect(formatCommands(actionsOf('mnemonic("LD|CC", //apps/web:kernel)'))).toBe(
    `gcc -E -Iseen/uk -include seen/all.h apps/web/main.c -MD -o 'out/web/it'\\''s.i' && gcc -c -o 'out/web/it'\\''s.o' 'out/web/it'\\''s.i'
WORD='two words' make out/web/kernel
`,
  );
});

test("a target among the results stands for its actions, each listed once", () => {
  const named = actionsOf('//libs/tls + mnemonic("CC", //libs/tls)');
  expect(named.map(({ action }) => action.mnemonic)).toEqual(["CC", "AR"]);
});

test("a compilation database names the files of the machine", () => {
  const fileAt = (path: string): string => path.replace("external/unikraft", "/src/unikraft");
  const database = formatCompileCommands(actionsOf("//libs/tls"), { root: "/w", fileAt });
  expect(JSON.parse(database)).toEqual([
    {
      directory: "/w",
      file: "libs/tls/tls.c",
      arguments: [
        "gcc",
        "-c",
        "-I/src/unikraft/uk",
        "-include",
        "/src/unikraft/all.h",
        "libs/tls/tls.c",
        "-o",
        "out/tls/tls.o",
      ],
      output: "out/tls/tls.o",
    },
  ]);
});

test("a compilation database of nothing is an empty list", () => {
  const database = formatCompileCommands([], { root: "/w", fileAt: (path) => path });
  expect(JSON.parse(database)).toEqual([]);
});
