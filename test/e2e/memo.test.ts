import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { type Ran, type RunOptions, filesBelow, rig, temporaryDirectory } from "./rig.ts";

/** Whether a build was told from a glance at the files alone. */
function isRemembered({ events }: Ran): boolean {
  return events.some((event) => event.kind === "loaded" && event["isRemembered"] === true);
}

/** A workspace that was built when its files were old, so that the build is remembered. */
async function remembered() {
  const tools = temporaryDirectory();
  const tool = `${tools}/shout`;
  const makeTool = (text: string): void => {
    writeFileSync(tool, `#!/bin/sh\necho '${text}'\n`);
    chmodSync(tool, 0o755);
  };
  makeTool("loud");
  const here = rig({
    "kraft.workspace.yaml": `version: 1\nbuild: {path: "${tools}:/usr/bin:/bin"}\n`,
    "kraft.build.yaml": `targets:
  - name: song
    rule: exec
    default: true
    glob: ["data/*.txt"]
    srcs: [in]
    outs: [o]
    tools: [shout]
    command: '{ shout; cat $SRCS; } > $OUT'
`,
    in: "in\n",
    "data/one.txt": "1\n",
    "data/other.md": "",
  });
  // Files that were touched just now might change again unseen, so nothing is remembered.
  const build = (...words: readonly string[]) => run(["build", "//...", ...words]);
  const run = (words: readonly string[], how: RunOptions = {}) =>
    here.run(words, { aheadMs: 10_000, ...how });
  const first = await build();
  expect(first).toMatchObject({ code: 0, counts: { executed: 1 } });
  // It makes .kraft, and so alters the listing of the workspace that it was based on.
  expect(await build()).toMatchObject({ code: 0, counts: { upToDate: 1 } });
  const second = await build();
  expect(isRemembered(second)).toBe(true);
  expect(second).toMatchObject({ code: 0, counts: { upToDate: 1 }, outputs: first.outputs });
  expect(second).toMatchObject({ stdout: ".kraft/out/song/o\n" });
  expect(second.text).toBe("done: 1 action: 1 up to date; TIME\n");
  return { ...here, run, build, makeTool, first };
}

test("a build of files that were just touched is not remembered", async () => {
  const { build } = rig({
    "kraft.build.yaml": "targets: [{name: a, rule: exec, outs: [o], command: ': > $OUT'}]\n",
  });
  await build("//...");
  await build("//...");
  const second = await build("//...");
  expect(isRemembered(second)).toBe(false);
  expect(second.counts).toEqual({ upToDate: 1 });
});

type Remembered = Awaited<ReturnType<typeof remembered>>;

for (const [title, change, counts] of [
  ["a source is edited", ({ write }: Remembered) => write({ in: "other\n" }), { executed: 1 }],
  ["a source is removed", ({ path }: Remembered) => rmSync(path("in")), undefined],
  [
    "a file comes into a directory with a glob",
    ({ write }: Remembered) => write({ "data/two.txt": "2\n" }),
    { executed: 1 },
  ],
  [
    "an output is removed",
    ({ path }: Remembered) => rmSync(path(".kraft/out/song/o")),
    { upToDate: 1 },
  ],
  [
    "an output is overwritten",
    ({ path, write }: Remembered) => {
      chmodSync(path(".kraft/out/song/o"), 0o644);
      write({ ".kraft/out/song/o": "junk" });
    },
    // The blob is the same file, so it is junk now, too.
    { executed: 1 },
  ],
  [
    "a build file is edited",
    ({ write, read }: Remembered) =>
      write({ "kraft.build.yaml": read("kraft.build.yaml").replace("shout;", "shout; echo -;") }),
    { executed: 1 },
  ],
  [
    "the workspace file is edited",
    ({ write, read }: Remembered) =>
      write({ "kraft.workspace.yaml": `${read("kraft.workspace.yaml")}name: other\n` }),
    { upToDate: 1 },
  ],
  [
    "a package is added",
    ({ write }: Remembered) =>
      write({ "p/kraft.build.yaml": "targets: [{name: g, rule: group, targets: []}]\n" }),
    { upToDate: 1 },
  ],
  ["a tool is replaced", ({ makeTool }: Remembered) => makeTool("LOUD"), { executed: 1 }],
] as const) {
  test(`a build is no longer remembered once ${title}`, async () => {
    const here = await remembered();
    change(here);
    const third = await here.build();
    expect(isRemembered(third)).toBe(false);
    if (counts === undefined) return expect(third.code).toBe(2);
    expect(third).toMatchObject({ code: 0, counts });
    const clean = rig(filesOf(here));
    const expected = await clean.run(["build", "//..."], { aheadMs: 10_000 });
    expect(third.outputs).toEqual(expected.outputs);
    await here.build();
    expect(isRemembered(await here.build())).toBe(true);
  });
}

test("a build in another environment, or of other targets, is not taken for this one", async () => {
  const { run } = await remembered();
  const other = await run(["build", "//..."], { env: { KRAFT_GRAPH_BUILD_SANDBOX: "none" } });
  expect(isRemembered(other)).toBe(false);
  expect(isRemembered(await run(["build", "//:song"]))).toBe(false);
  expect(isRemembered(await run(["build", "//..."], { directory: "data" }))).toBe(false);
  expect(isRemembered(await run(["build", "//..."]))).toBe(true);
});

test("a build with the usual options has the memo of one with others, and does not load what reads them", async () => {
  const { run, path } = await remembered();
  const [memo = ""] = filesBelow(path(".kraft/memo"));
  const { ino } = statSync(path(`.kraft/memo/${memo}`));
  const [bare, usual, other] = [0, 1, 2].map(temporaryDirectory) as [string, string, string];
  const ran = await run(["build", "//..."], { isBare: true, env: { NODE_V8_COVERAGE: bare } });
  expect(ran).toMatchObject({ code: 0, stdout: ".kraft/out/song/o\n" });
  expect(ran.text).toBe("done: 1 action: 1 up to date; TIME\n");
  // Only a build that looked at actions writes another one.
  expect(filesBelow(path(".kraft/memo"))).toEqual([memo]);
  expect(statSync(path(`.kraft/memo/${memo}`)).ino).toBe(ino);
  const words = ["build", "//..."];
  expect(isRemembered(await run(words, { env: { NODE_V8_COVERAGE: usual } }))).toBe(true);
  const colored = [...words, "--color=never"];
  expect(isRemembered(await run(colored, { env: { NODE_V8_COVERAGE: other } }))).toBe(true);
  expect(codeLoaded(bare)).not.toContain("clipanion");
  expect(codeLoaded(usual)).not.toContain("clipanion");
  expect(codeLoaded(other)).toContain("clipanion");
});

test("--recheck looks at every action all the same", async () => {
  const { build } = await remembered();
  const ran = await build("--recheck");
  expect(isRemembered(ran)).toBe(false);
  expect(ran.counts).toEqual({ upToDate: 1 });
});

test("a failure is not remembered", async () => {
  const { run } = rig({
    "kraft.build.yaml": "targets: [{name: a, rule: exec, outs: [o], command: 'exit 1'}]\n",
  });
  for (let round = 0; round < 2; round++) {
    const ran = await run(["build", "//..."], { aheadMs: 10_000 });
    expect(ran).toMatchObject({ code: 1, counts: { failed: 1 } });
  }
});

/** The text of all code of the program that ran, as Node lists it in `directory`. */
function codeLoaded(directory: string): string {
  const reports = readdirSync(directory).map((name) =>
    readFileSync(`${directory}/${name}`, "utf8"),
  );
  const scripts = reports.flatMap(
    (text) => (JSON.parse(text) as { result: { url: string }[] }).result,
  );
  const files = scripts.filter(({ url }) => url.startsWith("file:"));
  return files.map(({ url }) => readFileSync(fileURLToPath(url), "utf8")).join("");
}

/** The files of the user. */
function filesOf({ root, read }: Remembered): Record<string, string> {
  const paths = filesBelow(root).filter((path) => !path.startsWith(".kraft/"));
  return Object.fromEntries(paths.map((path) => [path, read(path)]));
}
