import { expect, test } from "vitest";

import { type Ran, rig } from "./rig.ts";

/** What `kraft-graph build` with `words` says about a workspace with `files`. */
async function refusalOf(
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<string> {
  const ran: Ran = await rig({ "kraft.workspace.yaml": "version: 1\n", ...files }).build(...words);
  expect(ran).toMatchObject({ code: 2, stdout: "", counts: {} });
  return ran.text;
}

const copy = (name: string, source: string): string =>
  `  - {name: ${name}, rule: exec, srcs: ["${source}"], outs: [o], command: 'cat $SRCS > $OUT'}\n`;

test("a target that is not there is refused, and one with a near name suggested", async () => {
  const files = { "app/kraft.build.yaml": `targets:\n${copy("server", "in")}`, "app/in": "" };
  expect(await refusalOf(files, "//app:sever")).toBe(`\
error[unknown-target]: package //app has no target "sever"
 = help: did you mean "server"?
failed: no actions; TIME
`);
});

test("a package that is not there is refused, and one with a near name suggested", async () => {
  const files = { "apps/kraft.build.yaml": `targets:\n${copy("server", "in")}`, "apps/in": "" };
  expect(await refusalOf(files, "//app")).toBe(`\
error[unknown-package]: there is no package //app
 = help: did you mean "//apps"?
failed: no actions; TIME
`);
});

test("a cycle is printed as a path", async () => {
  const targets = copy("a", ":b") + copy("b", ":c") + copy("c", ":a");
  const files = { "kraft.build.yaml": `targets:\n${targets}` };
  expect(await refusalOf(files, ":a")).toBe(`\
error[dependency-cycle]: these targets depend on each other: //:a -> //:b -> //:c -> //:a
 --> kraft.build.yaml:2:34
  |
2 |   - {name: a, rule: exec, srcs: [":b"], outs: [o], command: 'cat $SRCS > $OUT'}
  |                                  ^^^^
failed: no actions; TIME
`);
});

test("a file that is missing is pointed at", async () => {
  const files = { "kraft.build.yaml": `targets:\n${copy("a", "gone.txt")}` };
  expect(await refusalOf(files, "//...")).toBe(`\
error[missing-file]: package // has no file "gone.txt"
 --> kraft.build.yaml:2:34
  |
2 |   - {name: a, rule: exec, srcs: ["gone.txt"], outs: [o], command: 'cat $SRCS > $OUT'}
  |                                  ^^^^^^^^^^
failed: no actions; TIME
`);
});

test("broken YAML is shown with its line and column", async () => {
  const text =
    "targets:\n  - {name: a, rule: group, targets: []}\n  - {name: b, rule: group, targets: []\n";
  expect(await refusalOf({ "kraft.build.yaml": text }, "//...")).toBe(`\
error[yaml-syntax]: flow map in block collection must be sufficiently indented and end with a }
 --> kraft.build.yaml:4:1
  |
4 | 
  | ^
failed: no actions; TIME
`);
});

test("one run shows every mistake, sorted by file and place", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\nbuild:\n  jobs: many\n",
    "b/kraft.build.yaml": "targets:\n  - {name: y, rule: exec, out: [o], command: a}\n",
    "a/kraft.build.yaml":
      "targets:\n  - {name: x, rule: exce, outs: [o], command: a}\n  - {name: z, rule: group}\n",
  };
  expect(await refusalOf(files, "//...")).toBe(`\
error[unknown-rule]: no rule set has a rule "exce"
 --> a/kraft.build.yaml:2:12
  |
2 |   - {name: x, rule: exce, outs: [o], command: a}
  |            ^
  = help: did you mean "exec"?
error[missing-attribute]: //a:z needs the attribute "targets": a list of labels
 --> a/kraft.build.yaml:3:12
  |
3 |   - {name: z, rule: group}
  |            ^
error[missing-attribute]: //b:y needs the attribute "outs": a list of strings
 --> b/kraft.build.yaml:2:12
  |
2 |   - {name: y, rule: exec, out: [o], command: a}
  |            ^
error[unknown-attribute]: the rule exec has no attribute "out"
 --> b/kraft.build.yaml:2:27
  |
2 |   - {name: y, rule: exec, out: [o], command: a}
  |                           ^^^
  = help: did you mean "outs"?
error[bad-attribute]: \`build.jobs\` is not valid: expected a whole number from 1
 --> kraft.workspace.yaml:3:9
  |
3 |   jobs: many
  |         ^^^^
failed: no actions; TIME
`);
});

test("a mistake in the workspace file stops the build of any package", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\nbuild: {jobs: many}\n",
    "kraft.build.yaml": "targets: []\n",
    "a/kraft.build.yaml": `targets:\n${copy("a", "in")}`,
    "a/in": "",
  };
  expect(await refusalOf(files, "//a:a")).toBe(`\
error[bad-attribute]: \`build.jobs\` is not valid: expected a whole number from 1
 --> kraft.workspace.yaml:2:15
  |
2 | build: {jobs: many}
  |               ^^^^
failed: no actions; TIME
`);
});

test("a mistake in a package that is not needed is counted, and stops nothing", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\n",
    "a/kraft.build.yaml": `targets:\n${copy("a", "in")}`,
    "a/in": "",
    "b/kraft.build.yaml": "targets:\n  - {name: x, rule: exce}\n",
  };
  const ran = await rig(files).build("//a:a");
  expect(ran).toMatchObject({ code: 0, counts: { executed: 1 } });
  expect(ran.text).toBe(`\
note: 1 error in 1 file of other packages is not shown; "kraft-graph build //..." shows it
[1/1] Exec a/a/o
done: 1 action: 1 run; TIME
`);
});

test("flags and variables that are not valid are refused like files", async () => {
  const files = { "kraft.build.yaml": `targets:\n${copy("a", "in")}`, in: "" };
  expect(await refusalOf(files, ":a", "--sandbox", "docker")).toBe(`\
error[bad-attribute]: \`build.sandbox\` is not valid: expected one of auto, none, links, bwrap
 --> --sandbox:1:1
  |
1 | docker
  | ^^^^^^
failed: no actions; TIME
`);
  const { run } = rig({ "kraft.workspace.yaml": "version: 1\n", ...files });
  const ran = await run(["build", ":a"], { env: { KRAFT_GRAPH_BUILD_JOB: "2" } });
  expect(ran.code).toBe(0);
  expect(ran.text).toBe(`\
warning[unknown-attribute]: the variable KRAFT_GRAPH_BUILD_JOB is no setting
 = help: did you mean "KRAFT_GRAPH_BUILD_JOBS"?
[1/1] Exec a/o
done: 1 action: 1 run; TIME
`);
});
