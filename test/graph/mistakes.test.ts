import { expect, test } from "vitest";

import type { RuleSet } from "../../src/rule/rule.ts";
import { load, moreRules, testRules } from "./graph-rig.ts";

/** What is printed of the workspace `files`. */
function printed(files: Readonly<Record<string, string>>): string {
  return load(files).printed;
}

test("unknown names in attributes are reported where they stand, each with what is near", () => {
  const files = {
    "apps/nginx/BUILD": `x:
  srcs:
    - //apps/nginx:kernal
    - main.h
    - //apps/ngnix:kernel
    - //apps/nginx/src:main.c
    - inner/deep/file.c
    - nothing-like-it
    - no/such.file
    - //libs
  rule: copy
kernel: {}
`,
    "apps/nginx/main.c": "",
    "apps/nginx/src/main.c": "",
    "apps/nginx/inner/BUILD": "{}",
    "libs/BUILD": "one: {}\ntwo: {}",
  };
  expect(printed(files)).toMatchInlineSnapshot(`
    "error[unknown-target]: package //apps/nginx has no target "kernal"
     --> apps/nginx/BUILD:3:7
      |
    3 |     - //apps/nginx:kernal
      |       ^^^^^^^^^^^^^^^^^^^
      = help: did you mean "kernel"?
    error[missing-file]: package //apps/nginx has no file "main.h"
     --> apps/nginx/BUILD:4:7
      |
    4 |     - main.h
      |       ^^^^^^
      = help: did you mean "main.c"?
    error[unknown-package]: there is no package //apps/ngnix
     --> apps/nginx/BUILD:5:7
      |
    5 |     - //apps/ngnix:kernel
      |       ^^^^^^^^^^^^^^^^^^^
      = help: did you mean "//apps/nginx"?
    error[unknown-package]: there is no package //apps/nginx/src
     --> apps/nginx/BUILD:6:7
      |
    6 |     - //apps/nginx/src:main.c
      |       ^^^^^^^^^^^^^^^^^^^^^^^
      = help: that directory belongs to a package: write "//apps/nginx:src/main.c"
    error[bad-label]: //apps/nginx:inner/deep/file.c reaches into the package //apps/nginx/inner
     --> apps/nginx/BUILD:7:7
      |
    7 |     - inner/deep/file.c
      |       ^^^^^^^^^^^^^^^^^
      = help: write "//apps/nginx/inner:deep/file.c"
    error[unknown-target]: package //apps/nginx has no target "nothing-like-it"
     --> apps/nginx/BUILD:8:7
      |
    8 |     - nothing-like-it
      |       ^^^^^^^^^^^^^^^
    error[missing-file]: package //apps/nginx has no file "no/such.file"
     --> apps/nginx/BUILD:9:7
      |
    9 |     - no/such.file
      |       ^^^^^^^^^^^^
    error[unknown-target]: package //libs has no default target
      --> apps/nginx/BUILD:10:7
       |
    10 |     - //libs
       |       ^^^^^^
       = help: name one of its targets: //libs:one, //libs:two"
  `);
});

test("attributes that are unknown, missing or of another type are reported", () => {
  const text = `x: {scrs: [main.c], mode: medium}
y: {rule: alias}
z: {rule: alias, actual: [1]}
v: {srcs: ["//a//b"]}
w: {rule: cpoy}
u: {srcs: [w]}
constructor: {toString: 1}
`;
  expect(printed({ "a/BUILD": text })).toMatchInlineSnapshot(`
    "error[unknown-attribute]: the rule copy has no attribute "scrs"
     --> a/BUILD:1:11
      |
    1 | x: {scrs: [main.c], mode: medium}
      |           ^^^^^^^^
      = help: did you mean "srcs"?
    error[bad-attribute]: the attribute "mode" of //a:x is not valid: expected one of fast, slow
     --> a/BUILD:1:27
      |
    1 | x: {scrs: [main.c], mode: medium}
      |                           ^^^^^^
    error[missing-attribute]: //a:y needs the attribute "actual": a label
     --> a/BUILD:2:1
      |
    2 | y: {rule: alias}
      | ^
    error[bad-attribute]: the attribute "actual" of //a:z is not valid: expected a label
     --> a/BUILD:3:26
      |
    3 | z: {rule: alias, actual: [1]}
      |                          ^^^
    error[bad-attribute]: the attribute "srcs" of //a:v is not valid: expected a list of labels
     --> a/BUILD:4:11
      |
    4 | v: {srcs: ["//a//b"]}
      |           ^^^^^^^^^^
    error[unknown-rule]: no rule set has a rule "cpoy"
     --> a/BUILD:5:1
      |
    5 | w: {rule: cpoy}
      | ^
      = help: did you mean "copy"?
    error[unknown-attribute]: the rule copy has no attribute "toString"
     --> a/BUILD:7:25
      |
    7 | constructor: {toString: 1}
      |                         ^"
  `);
});

test("each cycle is reported once, as a path, where its first target needs the second", () => {
  const files = {
    "a/BUILD": "x: {srcs: [y, z]}\ny: {srcs: [//b]}\nz: {srcs: [z]}\ntop: {srcs: [x, y]}",
    "b/BUILD": "b: {srcs: ['//a:x', c]}\nc: {srcs: [b]}",
  };
  expect(printed(files)).toMatchInlineSnapshot(`
    "error[dependency-cycle]: these targets depend on each other: //a:x -> //a:y -> //b:b -> //a:x
     --> a/BUILD:1:12
      |
    1 | x: {srcs: [y, z]}
      |            ^
    error[dependency-cycle]: these targets depend on each other: //a:z -> //a:z
     --> a/BUILD:3:12
      |
    3 | z: {srcs: [z]}
      |            ^
    error[dependency-cycle]: these targets depend on each other: //b:b -> //b:c -> //b:b
     --> b/BUILD:1:21
      |
    1 | b: {srcs: ['//a:x', c]}
      |                     ^"
  `);
});

test("of very many cycles, some are shown", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `t${i}: {srcs: [t${i}]}`);
  expect(load({ BUILD: lines.join("\n") }).diagnostics).toHaveLength(20);
});

test("names are checked, and two build files share one package's names", () => {
  const files = {
    "a/BUILD": `"x:y": {}\nall: {}\na/../b: {}\nok: {}`,
    "a/BUILD.more": "ok: {}\nother: {srcs: [ok]}",
  };
  expect(printed(files)).toMatchInlineSnapshot(`
    "error[bad-name]: "x:y" cannot be the name of a target
     --> a/BUILD:1:1
      |
    1 | "x:y": {}
      | ^^^^^
      = help: a name has no colon, asterisk or backslash, and no part of it is empty, . or ..
    error[bad-name]: "all" cannot be the name of a target
     --> a/BUILD:2:1
      |
    2 | all: {}
      | ^^^
      = help: :all stands for every target of a package
    error[bad-name]: "a/../b" cannot be the name of a target
     --> a/BUILD:3:1
      |
    3 | a/../b: {}
      | ^^^^^^
      = help: a name has no colon, asterisk or backslash, and no part of it is empty, . or ..
    error[duplicate-target]: the target "ok" is stated twice in this package
     --> a/BUILD.more:1:1
      |
    1 | ok: {}
      | ^^
    note: first here
     --> a/BUILD:4:1
      |
    4 | ok: {}
      | ^^"
  `);
});

test("a rule set that throws, or gives no list, is named and takes nothing else down", () => {
  const noList: RuleSet = {
    ...testRules,
    name: "no-list",
    buildFiles: ["LIST"],
    rules: [],
    load: () => undefined as never,
  };
  const files = {
    "a/BUILD": "throw: it hurts",
    "a/BUILD.more": "x: {}",
    "b/LIST": "",
    "c/BUILD": "y: {rule: broken, bad: 1}\nz: {srcs: ['//a:x']}",
  };
  const { graph, printed: text } = load(files, [testRules, moreRules, noList]);
  expect([...graph.targets.keys()]).toEqual(["//a:x", "//c:y", "//c:z"]);
  expect(text).toMatchInlineSnapshot(`
    "error[broken-rule-set]: the rule set test failed on a/BUILD: throw: it hurts
     --> a/BUILD:1:1
      |
    1 | throw: it hurts
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: the rule set no-list failed on b/LIST: it gave no list of declarations
     --> b/LIST:1:1
      |
    1 | 
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: the rule broken failed to read the attributes of //c:y: out of cheese
     --> c/BUILD:1:1
      |
    1 | y: {rule: broken, bad: 1}
      | ^
      = help: this is a defect of the rule set, not of your file"
  `);
});

test("a package that settings leave out is said to be so", () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\npackages: [a]",
    "a/BUILD": "x: {srcs: ['//b:y']}",
    "b/BUILD": "y: {}",
  };
  expect(printed(files)).toMatchInlineSnapshot(`
    "error[unknown-package]: there is no package //b
     --> a/BUILD:1:12
      |
    1 | x: {srcs: ['//b:y']}
      |            ^^^^^^^
      = help: \`packages\` or a .kraftignore leaves that directory out"
  `);
});

test("a target with a mistake is still there, so that nothing else is reported to be missing", () => {
  const { graph, diagnostics } = load({ BUILD: "x: {mode: 3}\ny: {srcs: [x]}" });
  expect(diagnostics.map(({ code }) => code)).toEqual(["bad-attribute"]);
  expect(graph.order).toEqual(["//:x", "//:y"]);
});
