import { Readable } from "node:stream";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: sample\n",
  "app/kraft.build.yaml": `targets:
  - {name: app, rule: exec, srcs: [main.c, //lib], outs: [app], command: cat $SRCS > $OUT}
  - {name: doc, rule: exec, srcs: [doc.md], outs: [doc], command: cat $SRCS > $OUT}
`,
  "app/main.c": "main\n",
  "app/doc.md": "doc\n",
  "lib/kraft.build.yaml": `targets:
  - {name: lib, rule: exec, glob: "*.c", outs: [lib.a], command: cat $SRCS > $OUT}
`,
  "lib/lib.c": "lib\n",
};

const input = (text: string) => ({ stdin: Readable.from([Buffer.from(text)]) });

test("- in a query stands for the patterns on the standard input, one on each line", async () => {
  const { run } = cliRig(files);
  const text = "# what changed\n//lib:lib.c\r\n\n  //app:doc.md\n";
  expect(await run(["query", "rdeps(//..., -) - -"], input(text))).toEqual({
    code: 0,
    stdout: "//app:app\n//app:doc\n//lib:lib\n",
    stderr: "",
  });
  expect((await run(["query", "-"], input("//lib\n//app:doc"))).stdout).toBe(
    "//app:doc\n//lib:lib\n",
  );
  expect((await run(["query", "deps(-)"], input(""))).stdout).toBe("");
});

test("a pattern on the standard input that names nothing is shown on its line", async () => {
  const { run } = cliRig(files);
  expect(await run(["query", "deps(-)"], input("//lib\n//app:dok\n"))).toEqual({
    code: 2,
    stdout: "",
    stderr: `error[unknown-target]: package //app has no target "dok"
 --> standard input:2:1
  |
2 | //app:dok
  | ^^^^^^^^^
  = help: did you mean "doc"?
`,
  });
});

test("an expression is read from a file, or from the standard input", async () => {
  const { run, write } = cliRig(files);
  write("ci.query", "let changed = //lib in\n  rdeps(//..., $changed)\n");
  const answer = { code: 0, stdout: "//app:app\n//lib:lib\n", stderr: "" };
  expect(await run("query --query-file ci.query")).toEqual(answer);
  const asked = input("rdeps(//..., //lib)");
  expect(await run("query --query-file -", asked)).toEqual(answer);
  expect((await run("query --query-file gone.query")).stderr).toBe(
    "error[unreadable-file]: gone.query cannot be read\n",
  );
  expect(await run("query --query-file ci.query //app")).toMatchObject({ code: 2, stdout: "" });
});

test("a form of answers that there is not is refused with what may be meant", async () => {
  const { run } = cliRig(files);
  expect(await run("query --output lable_kind //app")).toEqual({
    code: 2,
    stdout: "",
    stderr: `error[unknown-output]: answers have no form "lable_kind"
 --> --output:1:1
  |
1 | lable_kind
  | ^^^^^^^^^^
  = help: did you mean "label_kind"?
`,
  });
});

test("an attribute that no rule has is worth a warning, and the answer is given", async () => {
  const { run } = cliRig(files);
  expect(await run(["query", "attr(scrs, main, //...)"])).toEqual({
    code: 0,
    stdout: "",
    stderr: `warning[unknown-attribute]: no rule in the graph has an attribute "scrs"
 --> query:1:6
  |
1 | attr(scrs, main, //...)
  |      ^^^^
  = help: did you mean "srcs"?
`,
  });
});

test("build takes its targets from the standard input, as query prints them", async () => {
  const { run } = cliRig(files);
  const built = await run("build -", input("//lib:lib\n"));
  expect(built).toMatchObject({ code: 0, stdout: ".kraft/out/lib/lib/lib.a\n" });
  const less = await run("build - -- -//app:doc", input("//...\n"));
  expect(less.stderr).toContain("done: 2 actions: 1 up to date, 1 run");
});

test("build takes further targets from a file, and refuses one that is not there", async () => {
  const { run, write } = cliRig(files);
  write("targets", "//lib\n# nothing else\n");
  const built = await run("build --target-pattern-file targets");
  expect(built).toMatchObject({ code: 0, stdout: ".kraft/out/lib/lib/lib.a\n" });
  expect(await run("build --target-pattern-file gone")).toEqual({
    code: 2,
    stdout: "",
    stderr: "error: gone cannot be read\n",
  });
});

test("an empty list of targets builds nothing, and not the current directory", async () => {
  const { run } = cliRig(files);
  const nothing = {
    code: 0,
    stdout: "",
    stderr: "nothing to build: the list of targets is empty\n",
  };
  expect(await run("build -", { ...input("\n"), directory: "app" })).toEqual(nothing);
  expect(await run("build --target-pattern-file -", input(""))).toEqual(nothing);
});

test("files are asked about by label, and by path from where the user is", async () => {
  const { run, root } = cliRig(files);
  const ask = async (query: string, directory = "") => {
    const { stdout, stderr } = await run(["query", query], { directory });
    return `${stderr}${stdout.trimEnd().replaceAll("\n", " ")}`;
  };
  expect(await ask("whatinputs(lib/lib.c)")).toBe("//lib:lib");
  expect(await ask("whatinputs(../lib/lib.c, doc.md)", "app")).toBe("//app:doc //lib:lib");
  expect(await ask("whatinputs(//app:main.c)", "lib")).toBe("//app:app");
  expect(await ask(`whatinputs("${root}/app")`)).toBe("//app:app //app:doc");
  expect(await ask("whatinputs(.kraft/out/lib/lib/lib.a)")).toBe("//app:app");
  expect(await ask("whatinputs(nobody.c)")).toBe("");
  expect(await ask("whatoutputs(.kraft/out/lib/lib/lib.a)")).toBe("//lib:lib");
  expect(await ask("whatoutputs(.kraft/out/app)")).toBe("//app:app //app:doc");
  expect(await ask("rdeps(//..., whatoutputs(lib.a))", ".kraft/out/lib/lib")).toBe(
    "//app:app //lib:lib",
  );
  expect(await ask("whatoutputs(lib/lib.c)")).toBe("");
  expect(await ask("rbuildfiles(lib/kraft.build.yaml)")).toBe("//lib:kraft.build.yaml");
  expect(await ask("whatinputs(../x)")).toBe(`\
error[bad-path]: "../x" is outside of the workspace, and in no component
 --> query:1:12
  |
1 | whatinputs(../x)
  |            ^^^^
`);
});
