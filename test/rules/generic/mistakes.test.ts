import { expect, test } from "vitest";

import { build, printed } from "./generic-rig.ts";

test("a build file of another shape is refused", () => {
  expect(printed("- name: x")).toMatchInlineSnapshot(`
    "error[wrong-type]: a build file is a map with the key \`targets\`
     --> kraft.build.yaml:1:1
      |
    1 | - name: x
      | ^^^^^^^^^"
  `);
  expect(printed("targets: {x: {rule: exec}}")).toMatchInlineSnapshot(`
    "error[wrong-type]: \`targets\` must be a list, each with \`name\` and \`rule\`
     --> kraft.build.yaml:1:10
      |
    1 | targets: {x: {rule: exec}}
      |          ^^^^^^^^^^^^^^^^^"
  `);
  expect(printed("version: 1")).toMatchInlineSnapshot(`
    "warning[missing-attribute]: no targets here
     --> kraft.build.yaml:1:1
      |
    1 | version: 1
      | ^"
  `);
  expect(printed("version: 2\ntragets: []\ntargets: []")).toMatchInlineSnapshot(`
    "error[unsupported-version]: this version of build files is not known; it must be 1
     --> kraft.build.yaml:1:10
      |
    1 | version: 2
      |          ^
    error[unknown-attribute]: a build file has no key "tragets"
     --> kraft.build.yaml:2:1
      |
    2 | tragets: []
      | ^^^^^^^
      = help: did you mean "targets"?"
  `);
});

test("each target with a mistake is reported, and the others are there", () => {
  const text = `targets:
  - just text
  - {rule: exec}
  - {name: a}
  - {name: [b], rule: exec}
  - {name: "", rule: exec}
  - {name: c, rule: filegruop}
  - {name: d, rule: filegroup, default: maybe}
  - {name: e, rule: filegroup, glob: {a: b}}
  - {name: f, rule: filegroup, glob: [1]}
  - {name: g, rule: filegroup, exclude: '*.c'}
  - {name: h, rule: filegroup, glob: '*.nope'}
  - {name: i, rule: filegroup, glob: '*.c', srcs: main.c}
  - {name: ok, rule: filegroup, srcs: [main.c]}
`;
  const { graph, printed: all } = build({ "kraft.build.yaml": text, "main.c": "" });
  expect([...graph.targets.keys()].join(" ")).toBe("//:d //:e //:f //:g //:h //:i //:ok //:main.c");
  expect(all).toMatchInlineSnapshot(`
    "error[wrong-type]: a target is a map with \`name\` and \`rule\`
     --> kraft.build.yaml:2:5
      |
    2 |   - just text
      |     ^^^^^^^^^
    error[missing-attribute]: this target has no \`name\`
     --> kraft.build.yaml:3:5
      |
    3 |   - {rule: exec}
      |     ^^^^^^^^^^^^
    error[missing-attribute]: this target has no \`rule\`
     --> kraft.build.yaml:4:5
      |
    4 |   - {name: a}
      |     ^^^^^^^^^
    error[wrong-type]: \`name\` must be a string
     --> kraft.build.yaml:5:12
      |
    5 |   - {name: [b], rule: exec}
      |            ^^^
    error[wrong-type]: \`name\` must be a string
     --> kraft.build.yaml:6:12
      |
    6 |   - {name: "", rule: exec}
      |            ^^
    error[unknown-rule]: no rule set has a rule "filegruop"
     --> kraft.build.yaml:7:12
      |
    7 |   - {name: c, rule: filegruop}
      |            ^
      = help: did you mean "filegroup"?
    error[wrong-type]: \`default\` must be true or false
     --> kraft.build.yaml:8:41
      |
    8 |   - {name: d, rule: filegroup, default: maybe}
      |                                         ^^^^^
    error[wrong-type]: \`glob\` must be a pattern or a list of patterns
     --> kraft.build.yaml:9:38
      |
    9 |   - {name: e, rule: filegroup, glob: {a: b}}
      |                                      ^^^^^^
    error[wrong-type]: \`glob\` must be a pattern or a list of patterns
      --> kraft.build.yaml:10:38
       |
    10 |   - {name: f, rule: filegroup, glob: [1]}
       |                                      ^^^
    error[missing-attribute]: \`exclude\` takes from what \`glob\` finds, and there is no \`glob\`
      --> kraft.build.yaml:11:32
       |
    11 |   - {name: g, rule: filegroup, exclude: '*.c'}
       |                                ^^^^^^^
    warning[missing-file]: no file of the package matches this
      --> kraft.build.yaml:12:38
       |
    12 |   - {name: h, rule: filegroup, glob: '*.nope'}
       |                                      ^^^^^^^^
    error[bad-attribute]: the attribute "srcs" of //:i is not valid: expected a list of labels
      --> kraft.build.yaml:13:51
       |
    13 |   - {name: i, rule: filegroup, glob: '*.c', srcs: main.c}
       |                                                   ^^^^^^"
  `);
});

test("attributes are checked, and a label in a list is pointed at", () => {
  const text = `targets:
  - name: x
    rule: exec
    srcs:
      - main.c
      - mian.c
      - ":tabel"
    out: [o]
    command: [cc]
    env: [A=1]
  - {name: table, rule: group}
  - {name: y, rule: alias, actual: "a//b"}
  - {name: z, rule: alias, actual: x, glob: '*.c'}
  - {name: z, rule: alias, actual: x}
`;
  expect(printed(text, { "main.c": "" })).toMatchInlineSnapshot(`
    "error[missing-attribute]: //:x needs the attribute "outs": a list of strings
     --> kraft.build.yaml:2:11
      |
    2 |   - name: x
      |           ^
    error[missing-file]: package // has no file "mian.c"
     --> kraft.build.yaml:6:9
      |
    6 |       - mian.c
      |         ^^^^^^
      = help: did you mean "main.c"?
    error[unknown-target]: package // has no target "tabel"
     --> kraft.build.yaml:7:9
      |
    7 |       - ":tabel"
      |         ^^^^^^^^
      = help: did you mean "table"?
    error[unknown-attribute]: the rule exec has no attribute "out"
     --> kraft.build.yaml:8:5
      |
    8 |     out: [o]
      |     ^^^
      = help: did you mean "outs"?
    error[bad-attribute]: the attribute "command" of //:x is not valid: expected a string
     --> kraft.build.yaml:9:5
      |
    9 |     command: [cc]
      |     ^^^^^^^
    error[bad-attribute]: the attribute "env" of //:x is not valid: expected a map of strings
      --> kraft.build.yaml:10:5
       |
    10 |     env: [A=1]
       |     ^^^
    error[missing-attribute]: //:table needs the attribute "targets": a list of labels
      --> kraft.build.yaml:11:12
       |
    11 |   - {name: table, rule: group}
       |            ^^^^^
    error[bad-attribute]: the attribute "actual" of //:y is not valid: expected a label
      --> kraft.build.yaml:12:36
       |
    12 |   - {name: y, rule: alias, actual: "a//b"}
       |                                    ^^^^^^
    error[unknown-attribute]: the rule alias has no attribute "srcs"
      --> kraft.build.yaml:13:39
       |
    13 |   - {name: z, rule: alias, actual: x, glob: '*.c'}
       |                                       ^^^^
    error[duplicate-target]: the target "z" is stated twice in this package
      --> kraft.build.yaml:14:12
       |
    14 |   - {name: z, rule: alias, actual: x}
       |            ^
    note: first here
      --> kraft.build.yaml:13:12
       |
    13 |   - {name: z, rule: alias, actual: x, glob: '*.c'}
       |            ^"
  `);
});

test("an exec that cannot work is reported when it is analyzed", () => {
  const text = `targets:
  - {name: a, rule: exec, outs: [], command: ':'}
  - {name: b, rule: exec, outs: [o]}
  - {name: c, rule: exec, outs: [o], command: ':', argv: [cc]}
  - {name: d, rule: exec, outs: [o], argv: []}
  - {name: e, rule: exec, outs: [o, ../o], command: ':'}
  - {name: f, rule: exec, outs: [/tmp/o], command: ':'}
  - {name: g, rule: exec, outs: [o, p, o], command: ':'}
  - {name: h, rule: exec, outs: [o], yields: p, command: ':'}
  - {name: i, rule: exec, outs: [o], command: ':', resources: {cpu: lots}}
  - {name: j, rule: exec, outs: [o], command: ':', resources: {memory: -1}}
  - {name: k, rule: exec, outs: [o, o/p], command: ':'}
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[bad-attribute]: //:a makes no file: "outs" is empty
     --> kraft.build.yaml:2:12
      |
    2 |   - {name: a, rule: exec, outs: [], command: ':'}
      |            ^
    error[bad-attribute]: //:b needs either "command" or "argv"
     --> kraft.build.yaml:3:12
      |
    3 |   - {name: b, rule: exec, outs: [o]}
      |            ^
    error[bad-attribute]: //:c needs either "command" or "argv"
     --> kraft.build.yaml:4:12
      |
    4 |   - {name: c, rule: exec, outs: [o], command: ':', argv: [cc]}
      |            ^
    error[bad-attribute]: //:d runs nothing: "argv" is empty
     --> kraft.build.yaml:5:12
      |
    5 |   - {name: d, rule: exec, outs: [o], argv: []}
      |            ^
    error[bad-attribute]: //:e cannot make "../o": "outs" stay in the target's directory
     --> kraft.build.yaml:6:12
      |
    6 |   - {name: e, rule: exec, outs: [o, ../o], command: ':'}
      |            ^
    error[bad-attribute]: //:f cannot make "/tmp/o": "outs" stay in the target's directory
     --> kraft.build.yaml:7:12
      |
    7 |   - {name: f, rule: exec, outs: [/tmp/o], command: ':'}
      |            ^
    error[bad-attribute]: //:g has "o" twice in "outs"
     --> kraft.build.yaml:8:12
      |
    8 |   - {name: g, rule: exec, outs: [o, p, o], command: ':'}
      |            ^
    error[bad-attribute]: //:h yields actions by "p", which is not one of its "outs"
     --> kraft.build.yaml:9:12
      |
    9 |   - {name: h, rule: exec, outs: [o], yields: p, command: ':'}
      |            ^
    error[bad-attribute]: //:i needs a number for "cpu" in "resources"
      --> kraft.build.yaml:10:12
       |
    10 |   - {name: i, rule: exec, outs: [o], command: ':', resources: {cpu: lots}}
       |            ^
    error[bad-attribute]: //:j needs a number for "memory" in "resources"
      --> kraft.build.yaml:11:12
       |
    11 |   - {name: j, rule: exec, outs: [o], command: ':', resources: {memory: -1}}
       |            ^
    error[output-conflict]: //:k and //:k both make .kraft/out/k/o
      --> kraft.build.yaml:12:12
       |
    12 |   - {name: k, rule: exec, outs: [o, o/p], command: ':'}
       |            ^"
  `);
});

test("a place that cannot be told is reported", () => {
  const text = `targets:
  - {name: two, rule: exec, outs: [o, p], command: ':'}
  - {name: a, rule: exec, srcs: [two], outs: [o], command: "cat $(location two)"}
  - {name: b, rule: exec, outs: [o], command: "cat $(location two)"}
  - {name: c, rule: exec, outs: [o], argv: [cat, "$(locations main.c)"]}
`;
  expect(printed(text, { "main.c": "" })).toMatchInlineSnapshot(`
    "error[bad-attribute]: //:a asks for the place of two, which has 2 outputs: use $(locations …)
     --> kraft.build.yaml:3:12
      |
    3 |   - {name: a, rule: exec, srcs: [two], outs: [o], command: "cat $(location two)"}
      |            ^
    error[bad-attribute]: //:b asks for the place of two, which is not one of its "srcs"
     --> kraft.build.yaml:4:12
      |
    4 |   - {name: b, rule: exec, outs: [o], command: "cat $(location two)"}
      |            ^
    error[bad-attribute]: //:c asks for the place of main.c, which is not one of its "srcs"
     --> kraft.build.yaml:5:12
      |
    5 |   - {name: c, rule: exec, outs: [o], argv: [cat, "$(locations main.c)"]}
      |            ^"
  `);
});

test("targets that make the same path in different ways are reported", () => {
  const text = `targets:
  - {name: a, rule: exec, outs: [b/o], command: one}
  - {name: a/b, rule: exec, outs: [o], command: other}
  - {name: c, rule: exec, outs: [o], command: other}
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[output-conflict]: //:a/b and //:a both make .kraft/out/a/b/o
     --> kraft.build.yaml:3:12
      |
    3 |   - {name: a/b, rule: exec, outs: [o], command: other}
      |            ^^^"
  `);
});
