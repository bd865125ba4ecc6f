import { expect, test } from "vitest";

import type { Label } from "../../../src/label/label.ts";
import { build } from "./generic-rig.ts";

const generator = {
  "gen/kraft.build.yaml": `version: 1
targets:
  - name: table
    rule: exec
    default: true
    srcs: [make-table.sh, input.txt, //data:all-data]
    outs: [table.h, table.c]
    command: sh gen/make-table.sh $SRCS > $OUT
    env: {SEED: 7, WIDE: true}
    tools: [awk]
    resources: {cpu: 2, memory: 512}
  - {name: check, rule: exec, srcs: [":table"], outs: [ok], argv: [cmp, $(locations :table)]}
`,
  "gen/make-table.sh": "",
  "gen/input.txt": "",
  "data/kraft.build.yaml": `targets:
  - {name: all-data, rule: filegroup, srcs: [one.csv, sub/two.csv]}`,
  "data/one.csv": "",
  "data/sub/two.csv": "",
};

test("an exec is one action, with its sources, outputs and program in it", () => {
  const { actions, printed, resultOf } = build(generator);
  expect(printed).toBe("");
  const inputs = ["gen/make-table.sh", "gen/input.txt", "data/one.csv", "data/sub/two.csv"];
  const outputs = [".kraft/out/gen/table/table.h", ".kraft/out/gen/table/table.c"];
  expect(actions[0]).toEqual({
    kind: "command",
    mnemonic: "Exec",
    owner: "//gen:table",
    argv: ["sh", "-ec", "sh gen/make-table.sh $SRCS > $OUT"],
    env: {
      SEED: "7",
      WIDE: "true",
      SRCS: inputs.join(" "),
      OUT: outputs[0],
      OUTS: outputs.join(" "),
    },
    inputs,
    outputs,
    tools: ["sh", "awk"],
    resources: { cpu: 2, memory: 512 },
  });
  expect(resultOf("//gen:table").outputs).toEqual(outputs);
});

test("an exec that names another reads what that one makes", () => {
  const { actions, graph } = build(generator);
  expect(graph.resolve("//gen" as Label)).toBe("//gen:table");
  expect(actions.map(({ owner }) => owner)).toEqual(["//gen:table", "//gen:check"]);
  expect(actions[1]).toMatchObject({
    argv: ["cmp", ".kraft/out/gen/table/table.h .kraft/out/gen/table/table.c"],
    inputs: [".kraft/out/gen/table/table.h", ".kraft/out/gen/table/table.c"],
    tools: ["cmp"],
    resources: { cpu: 1 },
  });
});

test("$(location) gives the path of a source or output, in commands, arguments and environment", () => {
  const { actions, printed } = build({
    "a/kraft.build.yaml": `targets:
  - {name: tool, rule: exec, outs: [tool.sh], command: echo > $OUT}
  - name: use
    rule: exec
    srcs: [tool, data.txt, "//b:data.txt"]
    outs: [out]
    argv: [$(location tool), "--in=$(location :data.txt):$(location //b:data.txt)", $(HOME)]
    env: {DATA: $(location //a:data.txt)}
  - {name: shell, rule: exec, srcs: [tool], outs: [o], command: "$(location //a:tool) > $OUT"}`,
    "a/data.txt": "",
    "b/kraft.build.yaml": "targets: []",
    "b/data.txt": "",
  });
  expect(printed).toBe("");
  expect(actions[1]).toMatchObject({
    argv: [".kraft/out/a/tool/tool.sh", "--in=a/data.txt:b/data.txt", "$(HOME)"],
    env: { DATA: "a/data.txt" },
    // A program that another action makes is an input, and none of the machine's.
    tools: [],
  });
  expect(actions[2]).toMatchObject({ argv: ["sh", "-ec", ".kraft/out/a/tool/tool.sh > $OUT"] });
});

test("the places of a set of no files are no text", () => {
  const { actions, printed } = build({
    "kraft.build.yaml": `targets:
  - {name: none, rule: filegroup}
  - {name: x, rule: exec, srcs: [none], outs: [o], argv: [cat, "<$(locations none)>"]}`,
  });
  expect(printed).toBe("");
  expect(actions[0]).toMatchObject({ argv: ["cat", "<>"] });
});

test.each([
  ["cc", ["cc"]],
  ["/usr/bin/cc", ["/usr/bin/cc"]],
  ["./gen.sh", []],
  ["scripts/gen.sh", []],
])("the program %s makes %j part of the key as a tool", (program, tools) => {
  const { actions } = build({
    "kraft.build.yaml": `targets: [{name: x, rule: exec, outs: [o], argv: [${program}]}]`,
  });
  expect(actions[0]).toMatchObject({ tools });
});

test("an action that yields others says by which output", () => {
  const { actions } = build({
    "kraft.build.yaml":
      "targets: [{name: x, rule: exec, outs: [o, more.json], command: ':', yields: more.json}]",
  });
  expect(actions[0]?.yields).toBe(".kraft/out/x/more.json");
});

test("alias, filegroup and group give what their targets give, each file once", () => {
  const { actions, printed, resultOf } = build({
    "kraft.build.yaml": `targets:
  - {name: x, rule: exec, outs: [one, two], command: ':'}
  - {name: other-name, rule: alias, actual: x}
  - {name: files, rule: filegroup, srcs: [x, main.c, other-name]}
  - {name: everything, rule: group, targets: [files, other-name, //sub]}
  - {name: nothing, rule: filegroup}`,
    "main.c": "",
    "sub/kraft.build.yaml": "targets: [{name: y, rule: filegroup, srcs: [//:main.c, z]}]",
    "sub/z": "",
  });
  expect(printed).toBe("");
  expect(actions).toHaveLength(1);
  const made = [".kraft/out/x/one", ".kraft/out/x/two"];
  expect(resultOf("//:other-name").outputs).toEqual(made);
  expect(resultOf("//:files").outputs).toEqual([...made, "main.c"]);
  expect(resultOf("//:everything").outputs).toEqual([...made, "main.c", "sub/z"]);
  expect(resultOf("//:nothing").outputs).toEqual([]);
});

const tree = {
  "p/main.c": "",
  "p/src/a.c": "",
  "p/src/a.h": "",
  "p/src/deep/b.c": "",
  "p/src/deep/.hidden.c": "",
  "p/.git/c.c": "",
  "p/node_modules/m/d.c": "",
  "p/inner/kraft.build.yaml": "targets: []",
  "p/inner/e.c": "",
  "p/app/Kraftfile": "",
  "p/app/f.c": "",
};

test.each([
  ["glob: '*.c'", "p/main.c"],
  ["glob: '**/*.c'", "p/main.c p/src/a.c p/src/deep/b.c"],
  ["glob: 'src/*'", "p/src/a.c p/src/a.h"],
  ["glob: [main.c, 'src/**/*.h']", "p/main.c p/src/a.h"],
  ["glob: '**/*.c', exclude: 'src/**'", "p/main.c"],
  ["glob: '**/*.{c,h}', exclude: ['**/a.*', main.c]", "p/src/deep/b.c"],
  ["glob: 'src/*.c', srcs: [src/a.h]", "p/src/a.h p/src/a.c"],
  ["glob: 'src/*.c', srcs: [src/a.c]", "p/src/a.c"],
  ["glob: []", ""],
])("%s finds the files %s", (given, files) => {
  const text = `targets: [{name: x, rule: filegroup, ${given}}]`;
  const { printed, resultOf } = build({ ...tree, "p/kraft.build.yaml": text });
  expect(printed).toBe("");
  expect(resultOf("//p:x").outputs.join(" ")).toBe(files);
});

test.each(["a:b.c", "x*.c", "tab\t.c", "src/a\\b.c"])("a glob that finds %j says so", (name) => {
  const matching = (more: string) =>
    build({
      ...tree,
      [`p/${name}`]: "",
      "p/kraft.build.yaml": `targets: [{name: x, rule: filegroup, glob: '**/*.c'${more}}]`,
    });
  const { printed } = matching("");
  expect(printed).toContain(
    `error[bad-name]: no label can name the file ${JSON.stringify(name)}, which this matches`,
  );
  expect(printed).toContain("= help: rename it, or leave it out with `exclude`");
  const rest = matching(", exclude: '**/*[^a-z.]*.c'");
  expect(rest.printed).toBe("");
  expect(rest.resultOf("//p:x").outputs).toEqual(["p/main.c", "p/src/a.c", "p/src/deep/b.c"]);
});

test("a build file may be empty, say its version, and have keys of one's own", () => {
  expect(build({ "kraft.build.yaml": "" }).printed).toBe("");
  const text = `version: 1
x-common: &common {rule: filegroup}
targets:
  - {<<: *common, name: a}
  - {<<: *common, name: b, default: false}`;
  const { graph, printed } = build({ "kraft.build.yaml": text });
  expect(printed).toBe("");
  expect([...graph.targets.keys()]).toEqual(["//:a", "//:b"]);
});
