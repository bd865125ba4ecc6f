import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, type watch as watchDirectory } from "node:fs";
import { expect, test } from "vitest";

import { watchRig } from "./watch-rig.ts";

/** A workspace with one target in `app`, which runs `command`. */
function oneTarget(command: string, more: Readonly<Record<string, string>> = {}) {
  return watchRig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/kraft.build.yaml": `version: 1
targets:
  - name: made
    rule: exec
    srcs: [word.txt]
    outs: [made]
    command: ${JSON.stringify(command)}
`,
    "app/word.txt": "hello\n",
    ...more,
  });
}

const made = ["app/made/made"];

/** The same, where the action says that it runs, and goes on for ever when the word is `wait`. */
async function waitingTarget() {
  const rig = oneTarget("");
  const gate = rig.path("gate");
  execFileSync("mkfifo", [gate]);
  const wait = `if grep -q wait $SRCS; then echo > ${gate}; read -r _ < ${gate}; fi`;
  rig.write(
    "app/kraft.build.yaml",
    `version: 1
targets:
  - name: made
    rule: exec
    srcs: [word.txt]
    outs: [made]
    command: "cat $SRCS > $OUT; ${wait}"
`,
  );
  const watch = rig.watch("//app:made");
  await watch.next();
  const shell = (line: string) => once(spawn("sh", ["-c", line]), "close");
  return {
    ...rig,
    watch,
    isWaiting: () => shell(`read -r _ < '${gate}'`),
    letGo: () => shell(`echo > '${gate}'`),
  };
}

test("an edit during a build ends it, with all that it started, and the next one begins", async () => {
  const { watch, write, isWaiting } = await waitingTarget();
  write("app/word.txt", "wait\n");
  await isWaiting();
  write("app/word.txt", "go\n");
  const [stale, next] = await watch.cyclesUntil(({ ok }) => ok);
  expect(stale).toMatchObject({ ok: false, isStale: true, executed: [] });
  expect(next).toMatchObject({ executed: made, changed: ["app/word.txt"] });
});

test("an edit that a build does not depend on does not end it", async () => {
  const { watch, write, isWaiting, letGo } = await waitingTarget();
  write("app/word.txt", "wait\n");
  await isWaiting();
  write("app/.word.txt.swp", "an editor's\n");
  write("app/nobody.txt", "reads this\n");
  await letGo();
  const [cycle, ...more] = await watch.cyclesUntil(({ executed }) => executed.length > 0);
  expect(cycle).toMatchObject({ ok: true, executed: made });
  expect(more).toEqual([]);
});

test("a source that changes whenever it is built is told of, and built less and less often", async () => {
  const rig = oneTarget("");
  const word = rig.path("app/word.txt");
  rig.write(
    "app/kraft.build.yaml",
    `version: 1
targets:
  - name: made
    rule: exec
    srcs: [word.txt]
    outs: [made]
    command: echo again >> ${word}; cat $SRCS > $OUT
`,
  );
  const watch = rig.watch("//app:made", {
    flags: [{ name: "--sandbox", key: "build.sandbox", text: "none" }],
  });
  const notice = await watch.until(() =>
    watch.events.find((event) => event.kind === "notice" && event.message.includes("whenever")),
  );
  expect(notice).toMatchObject({
    message: "app/word.txt changes whenever it is built: does an action write it?",
  });
});

const manyFiles = 5_000;

test(`a checkout of ${manyFiles} files is one build`, async () => {
  const rig = oneTarget("cat $SRCS > $OUT");
  rig.write(
    "app/kraft.build.yaml",
    "version: 1\ntargets:\n  - { name: made, rule: exec, glob: ['files/*'], outs: [made], command: 'cat $SRCS > $OUT' }\n",
  );
  mkdirSync(rig.path("app/files"));
  const git = (...words: string[]): void => {
    const identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
    execFileSync("git", [...identity, ...words], { cwd: rig.root });
  };
  const fill = (text: string): void => {
    for (let i = 0; i < manyFiles; i++) rig.write(`app/files/${i}`, `${text} ${i}\n`);
    git("add", "app");
    git("commit", "--quiet", "--message", text);
  };
  git("init", "--quiet", "--initial-branch", "main");
  fill("one");
  git("checkout", "--quiet", "-b", "other");
  fill("two");
  const watch = rig.watch("//app:made", {
    flags: [{ name: "--sandbox", key: "build.sandbox", text: "none" }],
  });
  await watch.next();
  const checkout = spawn("git", ["checkout", "--quiet", "main"], { cwd: rig.root });
  await once(checkout, "close");
  const cycles = await watch.cyclesUntil(({ executed }) => executed.length > 0);
  expect(cycles).toHaveLength(1);
  rig.write("app/files/0", "an edit\n");
  expect(await watch.cyclesUntil(({ executed }) => executed.length > 0)).toHaveLength(1);
}, 120_000);

test("where no directory can be watched, changes are looked for, and that is told", async () => {
  const rig = oneTarget("cat $SRCS > $OUT");
  const refused = (() => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  }) as unknown as typeof watchDirectory;
  const watch = rig.watch("//app:made", { watchDirectory: refused });
  expect((await watch.next()).notices).toContain(
    "changes are looked for every second, as fs.inotify.max_user_watches is reached",
  );
  rig.write("app/word.txt", "polled\n");
  expect(await watch.next()).toMatchObject({ executed: made });
  expect(watch.events.findLast(({ kind }) => kind === "watching")).toMatchObject({
    isPolling: true,
  });
});

test("whoever asks for it looks for changes without being told of any", async () => {
  const rig = oneTarget("cat $SRCS > $OUT");
  const watch = rig.watch("//app:made", { polls: true });
  await watch.next();
  rig.write("app/word.txt", "polled\n");
  expect(await watch.next()).toMatchObject({ executed: made });
});

const listed = (text: string): string =>
  JSON.stringify({
    version: 1,
    actions: [
      {
        kind: "write",
        mnemonic: "Write",
        inputs: [],
        outputs: [".kraft/out/app/plan/one"],
        text,
      },
    ],
  });

test("an action that lists others than before has those made", async () => {
  const rig = watchRig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/kraft.build.yaml": `version: 1
targets:
  - name: plan
    rule: exec
    srcs: [plan.json]
    outs: [list.json]
    command: tr -d ' ' < $SRCS > $OUT
    yields: list.json
    yielded: [one]
  - { name: reader, rule: exec, srcs: [":plan"], outs: [o], command: cat .kraft/out/app/plan/one > $OUT }
`,
    "app/plan.json": listed("1"),
  });
  const watch = rig.watch("//app:reader");
  expect((await watch.next()).executed).toEqual([
    "app/plan/list.json",
    "app/plan/one",
    "app/reader/o",
  ]);
  rig.write("app/plan.json", ` ${listed("1")}`);
  expect((await watch.next()).executed).toEqual(["app/plan/list.json"]);
  rig.write("app/plan.json", listed("2"));
  const next = await watch.next();
  expect(next.ok).toBe(true);
  expect(next.executed).toEqual(["app/plan/list.json", "app/plan/one", "app/reader/o"]);
});
