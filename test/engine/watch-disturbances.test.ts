import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";

import { appTargets, watchedWorkspace } from "./watch-workspace.ts";

type Rig = Awaited<ReturnType<typeof watchedWorkspace>>;

/** Something that happens, and exactly the actions that must run then. */
type Disturbance = readonly [what: string, act: (rig: Rig) => void, executed: readonly string[]];

const word = ["app/first/first", "app/loud/loud", "app/shout/shout"];
const object = ["code/object/main.o"];

const disturbances: readonly Disturbance[] = [
  [
    "a source is saved in place",
    ({ write }) => write("app/word.txt", "jello\n"),
    [...word, "app/twice/twice"].sort(),
  ],
  [
    "a source is saved so that a step in between gives the same",
    ({ write }) => write("app/word.txt", "hallo\n"),
    word,
  ],
  ["a source is saved with the same text", ({ write }) => write("app/word.txt", "hello\n"), []],
  [
    "a source is touched",
    ({ path }) => utimesSync(path("app/word.txt"), 1_000_000_000, 1_000_000_000),
    [],
  ],
  [
    "a source is replaced at once, as by rename",
    ({ write, move }) => {
      write("app/.word.tmp", "hallo\n");
      move("app/.word.tmp", "app/word.txt");
    },
    word,
  ],
  [
    "an editor keeps the old text beside the new one, and then removes it",
    ({ write, move, remove }) => {
      move("app/word.txt", "app/word.txt~");
      write("app/word.txt", "hallo\n");
      remove("app/word.txt~");
    },
    word,
  ],
  [
    "a source is deleted, and is there again as it was",
    ({ write, remove }) => {
      remove("app/word.txt");
      write("app/word.txt", "hello\n");
    },
    [],
  ],
  [
    "a source becomes executable",
    ({ path }) => chmodSync(path("app/tool.sh"), 0o755),
    ["app/tool/tool"],
  ],
  ["a source is no longer for the group", ({ path }) => chmodSync(path("app/tool.sh"), 0o600), []],
  [
    "a file comes that a glob matches",
    ({ write }) => write("app/parts/3.txt", "3\n"),
    ["app/parts/parts"],
  ],
  [
    "a file goes that a glob matched",
    ({ remove }) => remove("app/parts/2.txt"),
    ["app/parts/parts"],
  ],
  [
    "a file is renamed that a glob matches",
    ({ move }) => move("app/parts/1.txt", "app/parts/9.txt"),
    ["app/parts/parts"],
  ],
  ["a file comes that no glob matches", ({ write }) => write("app/parts/NOTES", "-\n"), []],
  [
    "an editor opens a file",
    ({ write, remove }) => {
      write("app/.word.txt.swp", "swap");
      write("app/4913", "");
      remove("app/4913");
    },
    [],
  ],
  ["a file is edited that nobody reads", ({ write }) => write("app/unused.txt", "still\n"), []],
  [
    "a file is edited in a directory that is no package",
    ({ write }) => write("docs/guide.md", "-\n"),
    [],
  ],
  [
    "an output is edited",
    ({ path }) => {
      rmSync(path(".kraft/out/app/loud/loud"));
      writeFileSync(path(".kraft/out/app/loud/loud"), "by hand\n");
    },
    [],
  ],
  [
    "a link is made to lead elsewhere",
    ({ path }) => {
      rmSync(path("app/link.txt"));
      symlinkSync("store/b.txt", path("app/link.txt"));
    },
    ["app/linked/linked"],
  ],
  [
    "what a link leads to is edited",
    ({ write }) => write("app/store/a.txt", "aa\n"),
    ["app/linked/linked"],
  ],
  [
    "a link becomes a file with the same text",
    ({ path, write }) => {
      rmSync(path("app/link.txt"));
      write("app/link.txt", "a\n");
    },
    [],
  ],
  [
    "a header is edited that is read",
    ({ write }) => write("code/two/a.h", "#define A 2\n"),
    object,
  ],
  ["a header is edited that nobody reads", ({ write }) => write("code/two/unread.h", "-\n"), []],
  [
    "a header comes that shadows another",
    ({ write }) => write("code/one/a.h", "#define A 3\n"),
    object,
  ],
  [
    "a header comes that nobody asks for",
    ({ write }) => write("code/one/b.h", "#define B 3\n"),
    [],
  ],
  [
    "a directory is deleted, and is there again as it was",
    ({ remove, write }) => {
      remove("deep/tree/x");
      write("deep/tree/x/1", "one\n");
      write("deep/tree/x/2", "two\n");
    },
    [],
  ],
  [
    "a directory is deleted, and is there again with another file",
    ({ remove, write }) => {
      remove("deep/tree/x");
      write("deep/tree/x/1", "another\n");
    },
    ["deep/names/names"],
  ],
  [
    "a directory is moved away and back",
    ({ move }) => {
      move("deep/tree", "deep/away");
      move("deep/away", "deep/tree");
    },
    [],
  ],
  [
    "a file comes deep in a directory",
    ({ write }) => write("deep/tree/y/4", "4\n"),
    ["deep/names/names"],
  ],
  [
    "a directory with a file comes into a directory",
    ({ write }) => write("deep/tree/z/new/5", "5\n"),
    ["deep/names/names"],
  ],
  [
    "an empty directory comes into a directory",
    ({ path }) => mkdirSync(path("deep/tree/empty")),
    ["deep/names/names"],
  ],
  [
    "a comment comes into a build file",
    ({ path }) => appendFileSync(path("app/kraft.build.yaml"), "# a comment\n"),
    [],
  ],
  [
    "a command is edited",
    ({ write }) => write("app/kraft.build.yaml", appTargets.replace("s/$/!/", "s/$/?/")),
    ["app/shout/shout"],
  ],
  [
    "a target comes",
    ({ path }) =>
      appendFileSync(
        path("app/kraft.build.yaml"),
        "  - name: more\n    rule: exec\n    outs: [more]\n    command: echo > $OUT\n",
      ),
    ["app/more/more"],
  ],
  [
    "a package comes",
    ({ write }) =>
      write(
        "new/kraft.build.yaml",
        "version: 1\ntargets:\n  - name: new\n    rule: exec\n    outs: [new]\n    command: echo > $OUT\n",
      ),
    ["new/new/new"],
  ],
  ["a package goes", ({ remove }) => remove("deep"), []],
  ["a package is ignored", ({ write }) => write(".kraftignore", "/code/\n"), []],
  [
    "the workspace file is edited",
    ({ write }) => write("kraft.workspace.yaml", "version: 1\nbuild: { jobs: 1 }\n"),
    [],
  ],
  [
    "two sources are saved one after the other",
    ({ write }) => {
      write("app/other.txt", "more\n");
      write("app/store/a.txt", "aa\n");
    },
    ["app/linked/linked", "app/other/other"],
  ],
];

test.each(disturbances)("what runs when %s", async (_what, act, executed) => {
  const rig = await watchedWorkspace();
  act(rig);
  const settled = await rig.settled();
  expect(settled.executed).toEqual(executed);
  expect(settled.failed).toEqual([]);
  expect(settled.mistakes).toEqual([]);
});

test("a file that nobody reads is not even told of", async () => {
  const rig = await watchedWorkspace();
  rig.write("app/unused.txt", "still\n");
  rig.write("code/two/unread.h", "-\n");
  rig.write("docs/guide.md", "-\n");
  expect((await rig.settled()).changed).toEqual([]);
});

test("an edit looks at no action that it does not reach", async () => {
  const rig = await watchedWorkspace();
  rig.write("app/other.txt", "more\n");
  const { cycles } = await rig.settled();
  // The file itself, and the mark.
  expect(cycles.reduce((sum, { looked }) => sum + looked, 0)).toBe(2);
});

test("outputs that somebody removed are all there after the next build", async () => {
  const rig = await watchedWorkspace();
  rmSync(rig.path(".kraft/out"), { recursive: true });
  rig.write("app/word.txt", "hallo\n");
  expect((await rig.settled()).executed).toEqual(word);
  expect(readFileSync(rig.path(".kraft/out/app/shout/shout"), "utf8")).toBe("HALLO!\n");
  expect(readFileSync(rig.path(".kraft/out/app/parts/parts"), "utf8")).toBe("one\ntwo\n");
});

test("a failure is told, all else is built, and a fix runs just what failed", async () => {
  const rig = await watchedWorkspace();
  rig.write("app/strict.txt", "BROKEN\n");
  const broken = await rig.settled();
  expect(new Set(broken.failed)).toEqual(new Set(["app/strict/strict"]));
  rig.write("app/strict.txt", "mended\n");
  expect(await rig.settled()).toMatchObject({ executed: ["app/strict/strict"], failed: [] });
});

test("a source that is missing is waited for", async () => {
  const rig = await watchedWorkspace();
  rig.remove("app/other.txt");
  const [cycle] = await rig.watch.cyclesUntil(({ ok }) => !ok);
  expect(cycle?.executed).toEqual([]);
  rig.write("app/other.txt", "again\n");
  expect(await rig.watch.next()).toMatchObject({ ok: true, executed: ["app/other/other"] });
});

test("a broken header that is mended compiles again", async () => {
  const rig = await watchedWorkspace();
  rig.write("code/two/a.h", "#error broken\n");
  const [broken] = await rig.watch.cyclesUntil(({ ok }) => !ok);
  expect(broken?.failed).toEqual(object);
  rig.write("code/two/a.h", "#define A 7\n");
  expect(await rig.watch.next()).toMatchObject({ ok: true, executed: object });
});

test("a header that was missing is found where it comes to be", async () => {
  const rig = await watchedWorkspace();
  rig.remove("code/two/a.h");
  await rig.watch.cyclesUntil(({ ok }) => !ok);
  rig.write("code/one/a.h", "#define A 7\n");
  expect(await rig.watch.next()).toMatchObject({ ok: true, executed: object });
});

test("a package that moves away and back is built as it was", async () => {
  const rig = await watchedWorkspace();
  renameSync(rig.path("app"), rig.path("elsewhere"));
  await rig.settled();
  renameSync(rig.path("elsewhere"), rig.path("app"));
  expect((await rig.settled()).failed).toEqual([]);
  rig.write("app/word.txt", "hallo\n");
  expect((await rig.settled()).executed).toEqual(word);
});
