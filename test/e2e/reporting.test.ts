// What the real program tells of a build, by its options and by its environment.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { removeTree } from "../../src/sandbox/remove-tree.ts";
import { programFile, rig, temporaryDirectory } from "./rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\nbuild: {sandbox: links}\n",
  "app/kraft.build.yaml": `targets:
  - {name: good, rule: exec, srcs: [a], outs: [b], command: 'cat $SRCS > $OUT; echo said >&2'}
  - {name: bad, rule: exec, srcs: [a], outs: [c], command: 'echo wrong >&2; exit 3'}
`,
  "app/a": "a\n",
};

const red = "\u001B[1;31merror\u001B[m";

test("--color says whether a pipe gets colours, and NO_COLOR yields to it", async () => {
  const { run } = rig(files);
  const begins = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { stderr, code } = await run(["build", "//app:bad", ...words], { env });
    expect(code).toBe(1);
    return /^(.*?)(?:\[[a-z-]+\])?: \/\/app:bad: /m.exec(stderr)?.[1];
  };
  expect(await begins([])).toBe("error");
  expect(await begins(["--color", "never"])).toBe("error");
  expect(await begins(["--color=always"])).toBe(red);
  expect(await begins(["--color=always"], { NO_COLOR: "1" })).toBe(red);
  const wrong = await run(["build", "//app:bad", "--color", "sometimes"]);
  expect(wrong.code).toBe(2);
});

const python = "/usr/bin/python3";

test.skipIf(!existsSync(python))(
  "a terminal gets colours, unless NO_COLOR or --color says otherwise, or it is a dumb one",
  () => {
    const { root, home, cache } = rig(files);
    const driver = join(import.meta.dirname, "terminal.py");
    const shown = (words: readonly string[], more: Readonly<Record<string, string>>): string => {
      // It waits for a text that is never shown, and so only shows what the program does.
      const program = [process.execPath, programFile(), "build", "//app:bad", ...words];
      const { stdout, status } = spawnSync(python, [driver, "never shown", "/", ...program], {
        cwd: root,
        env: {
          HOME: home,
          KRAFT_GRAPH_CACHE_DIR: cache,
          PATH: "/usr/bin:/bin",
          TERM: "xterm-256color",
          ...more,
        },
        encoding: "utf8",
      });
      expect(status, stdout).toBe(1);
      expect(stdout).toContain(": //app:bad: ");
      return stdout;
    };
    expect(shown([], {})).toContain(red);
    expect(shown([], { NO_COLOR: "" })).toContain(red);
    expect(shown([], { NO_COLOR: "1" })).not.toContain("[1;31m");
    expect(shown(["--color=never"], {})).not.toContain("[1;31m");
    expect(shown([], { TERM: "dumb" })).not.toContain("\u001B");
  },
);

test("-s prints the command of each action that runs, and nothing of those that do not", async () => {
  const { run } = rig(files);
  const first = await run(["build", "//app:good", "-s"]);
  expect(first.text).toContain("# //app:good: ");
  expect(first.text).toContain("\nSRCS=app/a OUT=.kraft/out/app/good/b ");
  const again = await run(["build", "//app:good", "--subcommands"]);
  expect(again.text).toBe("done: 1 action: 1 up to date; TIME\n");
  expect((await run(["build", "//app:bad"])).text).not.toContain("# //app:bad");
});

test("-q tells of what is wrong and of what actions print, and of nothing else", async () => {
  const { run } = rig(files);
  const good = await run(["build", "//app:good", "-q"]);
  expect([good.code, good.text]).toEqual([0, "Exec app/good/b:\nsaid\n"]);
  expect((await run(["build", "//app:good", "--quiet"])).text).toBe("");
  const bad = await run(["build", "//app:bad", "-q"]);
  expect(bad.code).toBe(1);
  expect(bad.text).toContain("error: //app:bad: ");
  expect(bad.text).toContain("  | wrong\n");
  expect(bad.text).not.toContain("done");
});

test("--verbose has a line for each action, also for those whose results were in a cache", async () => {
  const { run, path } = rig(files);
  await run(["build", "//app:good"]);
  const cached = async (...words: readonly string[]): Promise<string> => {
    removeTree(path(".kraft"));
    return (await run(["build", "//app:good", ...words])).text;
  };
  expect(await cached()).not.toContain("[1/1]");
  const text = await cached("--verbose");
  expect(text).toMatch(/^\[1\/1\] Exec app\/good\/b \(from the local cache\)$/m);
  expect(text).toContain("1 packages, ");
});

test("in GitHub Actions, marks name files as the checkout does, and the first error is marked", async () => {
  const checkout = temporaryDirectory();
  const lines = ["one", "two", "three", "four", "five", "six"].map(
    (name) => `int ${name}(void) { return ${name}_is_unknown; }\n`,
  );
  const { run } = rig(
    {
      "kraft.workspace.yaml": files["kraft.workspace.yaml"],
      "app/kraft.build.yaml":
        "targets:\n  - {name: c, rule: exec, srcs: [m.c], outs: [m.o], command: cc -c -o $OUT $SRCS, tools: [cc]}\n",
      "app/m.c": lines.join(""),
      "broken/kraft.build.yaml": "targets:\n  - {name: x, rule: exce, outs: [x]}\n",
    },
    { root: join(checkout, "kernels/here") },
  );
  const env = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: checkout, LC_ALL: "C" };
  const marks = (text: string): readonly string[] =>
    text.match(/(?<=^::error file=)[^:]*?,line=\d+/gm) ?? [];
  const file = "kernels/here/app/m.c";
  const wanted = lines.map((_, at) => `${file},line=${at + 1}`);
  const failed = await run(["build", "//app:c"], { env });
  expect(failed.code, failed.text).toBe(1);
  expect(marks(failed.text)).toEqual(wanted);
  // From below the root of the workspace, too.
  expect(marks((await run(["build", ":c"], { env, directory: "app" })).text)).toEqual(wanted);
  const mistaken = await run(["build", "//broken:x"], { env });
  expect(mistaken.code).toBe(2);
  expect(marks(mistaken.text)).toEqual(["kernels/here/broken/kraft.build.yaml,line=2"]);
  // Elsewhere than there, nobody would understand a mark.
  expect((await run(["build", "//app:c"])).text).not.toContain("::error");
});
