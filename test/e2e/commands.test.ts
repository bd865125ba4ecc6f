import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { filesBelow, rig } from "./rig.ts";

for (const [expression, answer] of [
  ["deps(//app:sum)", "//app:sum //app:sum.c //lib:add //lib:add-debug //lib:add.c //lib:add.h"],
  ["deps(//app:sum, 1)", "//app:sum //app:sum.c //lib:add //lib:add.h"],
  ["rdeps(//..., //lib:add.h)", "//app:sum //lib:add //lib:add-debug //lib:add.h"],
  ["//... except //lib/...", "//app:sum //app:zero"],
  ["deps(//app:sum) ^ deps(//app:zero)", ""],
  ["deps(//app:sum) intersect //lib:*", "//lib:add //lib:add-debug //lib:add.c //lib:add.h"],
  ["set(//app //app:zero) - //app", "//app:zero"],
  ["somepath(//app, //lib:add.c)", "//app:sum //lib:add //lib:add-debug //lib:add.c"],
  ['kind("source file", deps(//app:zero))', "//app:zero.c"],
  ["let x = //app:sum in deps($x, 1) - $x", "//app:sum.c //lib:add //lib:add.h"],
] as const) {
  test(`query '${expression}' answers "${answer}"`, async () => {
    const ran = await rig(cWorkspace).run(["query", expression]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout.trimEnd().replaceAll("\n", " ")).toBe(answer);
  });
}

test("query answers in the forms that Bazel has", async () => {
  const { run } = rig(cWorkspace);
  const answer = async (form: string): Promise<string> => {
    const ran = await run(["query", "deps(//lib:add)", "--output", form]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    return ran.stdout;
  };
  expect(await answer("label")).toBe("//lib:add\n//lib:add-debug\n//lib:add.c\n//lib:add.h\n");
  expect(await answer("label_kind")).toBe(`\
exec rule //lib:add
exec rule //lib:add-debug
source file //lib:add.c
source file //lib:add.h
`);
  expect(await answer("graph")).toBe(`\
digraph mygraph {
  node [shape=box];
  "//lib:add"
  "//lib:add" -> "//lib:add-debug"
  "//lib:add-debug"
  "//lib:add-debug" -> "//lib:add.c"
  "//lib:add-debug" -> "//lib:add.h"
  "//lib:add.c"
  "//lib:add.h"
}
`);
  expect(JSON.parse(await answer("json"))).toEqual([
    { label: "//lib:add", kind: "exec rule", dependencies: ["//lib:add-debug"] },
    {
      label: "//lib:add-debug",
      kind: "exec rule",
      dependencies: ["//lib:add.c", "//lib:add.h"],
    },
    { label: "//lib:add.c", kind: "source file", dependencies: [] },
    { label: "//lib:add.h", kind: "source file", dependencies: [] },
  ]);
});

test("a query with a mistake is shown with the place of it", async () => {
  const ran = await rig(cWorkspace).run(["query", "deps(//..."]);
  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(ran.stderr).toBe(`\
error[bad-query]: expected ")", found the end of the query
 --> query:1:11
  |
1 | deps(//...
  |           ^
note: to go with this one
 --> query:1:5
  |
1 | deps(//...
  |     ^
`);
});

test("info config shows where each setting comes from", async () => {
  const { run, write, home } = rig({
    "kraft.workspace.yaml": `version: 1
build: {jobs: 3, keepGoing: true}
configs:
  ci: {build: {sandbox: links}}
`,
  });
  write({ "../home/.config/kraft-graph/config.yaml": "version: 1\ncache: {maxSize: 5GiB}\n" });
  const ran = await run(["info", "config", "--config", "ci"], {
    env: { KRAFT_GRAPH_BUILD_JOBS: "7" },
  });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const lines = ran.stdout.replaceAll(home, "HOME").replaceAll(/ +\(/g, " (").split("\n");
  const rows = lines.filter((line) => /^(build|cache)\./.test(line));
  expect(rows.map((line) => line.replace(/= \/tmp\S+/, "= DIRECTORY"))).toEqual([
    "cache.dir = DIRECTORY (KRAFT_GRAPH_CACHE_DIR)",
    "cache.maxSize = 5368709120 (HOME/.config/kraft-graph/config.yaml:2)",
    "cache.maxAge = 2592000000 (default)",
    "cache.intermediates = keep (default)",
    "build.jobs = 7 (KRAFT_GRAPH_BUILD_JOBS)",
    "build.keepGoing = true (kraft.workspace.yaml:2)",
    "build.sandbox = links (kraft.workspace.yaml:4 (config ci))",
    "build.compress = none (default)",
    "build.compressLayers = none (default)",
    "build.keepFileOwners = false (default)",
    "build.strategy = [] (default)",
    "build.path = /usr/local/bin:/usr/bin:/bin (default)",
  ]);
});

test("after clean, a build takes everything from the cache", async () => {
  const { build, run, root } = rig(cWorkspace);
  const first = await build("//...");
  expect(await run(["clean"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(filesBelow(join(root, ".kraft"))).toEqual([]);
  const second = await build("//...");
  expect(second).toMatchObject({ code: 0, counts: { localHit: 4 }, outputs: first.outputs });
});

test("after clean --cache, a build runs everything", async () => {
  const { build, run } = rig(cWorkspace);
  const first = await build("//...");
  const cleaned = await run(["clean", "--cache"]);
  expect(cleaned).toMatchObject({ code: 0, stdout: "" });
  expect(cleaned.text).toMatch(/^freed \d+\.\d MiB in CACHE\n$/);
  const second = await build("//...");
  expect(second).toMatchObject({ code: 0, counts: { executed: 4 }, outputs: first.outputs });
});

const commands = ["build", "run", "query", "info", "clean"];

test("--help lists every command, and each has help of its own", async () => {
  const { run } = rig({});
  const general = await run(["--help"]);
  expect(general).toMatchObject({ code: 0, stderr: "" });
  for (const command of commands) {
    expect(general.stdout).toContain(`\n  ${command} `);
    const own = await run([command, "--help"]);
    expect(own).toMatchObject({ code: 0, stderr: "" });
    expect(own.stdout).toContain(`$ kraft-graph ${command}`);
  }
  expect(await run([])).toMatchObject({ code: 0, stdout: general.stdout });
});

for (const [words, text] of [
  [["nope"], 'error: there is no command "nope"\nkraft-graph --help lists all commands\n'],
  [
    ["biuld"],
    'error: there is no command "biuld"; did you mean "build"?\nkraft-graph --help lists all commands\n',
  ],
  [
    ["build", "--nope"],
    'error: unsupported option name ("--nope")\nkraft-graph build --help lists its options\n',
  ],
  [
    ["query"],
    "error: not enough positional arguments\nkraft-graph query --help lists its options\n",
  ],
  [
    ["info", "nope"],
    'error: invalid value for topic: expected one of "config", "rules", "sandbox", "sources", or "workspace" (got "nope")\nkraft-graph info --help lists its options\n',
  ],
  [
    ["build", "--jobs"],
    "error: not enough arguments to option --jobs\nkraft-graph build --help lists its options\n",
  ],
] as const) {
  test(`"${words.join(" ")}" is wrong usage, told on standard error alone`, async () => {
    const ran = await rig(cWorkspace).run(words);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toBe(text);
  });
}

test("nothing that goes to a pipe is coloured", async () => {
  const { run, build } = rig({
    "kraft.build.yaml": "targets: [{name: a, rule: exec, outs: [o], command: 'exit 1'}]\n",
  });
  const env = { FORCE_COLOR: "1", TERM: "xterm-256color", COLORTERM: "truecolor" };
  const texts = [
    await run(["build", "//..."], { env }),
    await run(["build", "//:nope"], { env }),
    await run(["--help"], { env }),
    await run(["build", "--help"], { env }),
    await run(["info"], { env }),
    await build("--nope"),
  ].map(({ stdout, stderr }) => stdout + stderr);
  for (const text of texts) expect(text).not.toContain("\u001B");
});

test("--events - writes lines of JSON to standard output, and nothing else", async () => {
  const { run } = rig({
    "kraft.build.yaml": "targets: [{name: a, rule: exec, outs: [o], command: ': > $OUT'}]\n",
  });
  const ran = await run(["build", ":a", "--events", "-"]);
  const events = ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string });
  expect(events.map(({ kind }) => kind)).toEqual([
    "started",
    "loaded",
    "planned",
    "action-started",
    "sandbox",
    "action-finished",
    "finished",
  ]);
});

test("a reader of standard output that goes away is no mistake", async () => {
  const { run } = rig(cWorkspace);
  const wrapper = ["bash", "-c", '"$@" | head -n 1; exit ${PIPESTATUS[0]}', "bash"];
  const ran = await run(["query", "deps(//...)"], { wrapper });
  expect(ran).toMatchObject({ code: 0, stderr: "", stdout: "//app:sum\n" });
  const nobody = ["bash", "-c", '"$@" | exec true; exit ${PIPESTATUS[0]}', "bash"];
  expect(await run(["info"], { wrapper: nobody })).toMatchObject({ code: 0, stderr: "" });
});

test.each([["--version"], ["query", "//..."], ["info"], ["build", "//...", "--events", "-"]])(
  "what cannot be written to standard output is an error: %s",
  async (...words) => {
    const wrapper = ["sh", "-c", '"$@" > /dev/full', "sh"];
    const ran = await rig(cWorkspace).run(words, { wrapper });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/^error: standard output: ENOSPC: no space left on device, write$/m);
    expect(ran.stderr.match(/ENOSPC/g)).toHaveLength(1);
  },
);

test("a page is called what was asked, wherever the query was read", async () => {
  const { run, write } = rig(cWorkspace);
  write({ "all.query": "deps(\n  //lib:add\n)\n" });
  const { code, stdout } = await run(["query", "--query-file", "all.query", "--output", "html"]);
  expect(code).toBe(0);
  const [, packed = ""] = /<script id="data"[^>]*>([^<]*)</.exec(stdout) ?? [];
  const data: unknown = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString());
  expect(data).toMatchObject({ title: "deps( //lib:add )" });
});
