import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { makeBuildDirectory, removeDeadBuilds } from "../../src/sandbox/build-directory.ts";
import { realHost, sandboxRig, temporaryDirectory } from "./sandbox-rig.ts";

const hasProc = existsSync("/proc/self/stat");

function buildRig() {
  const parent = temporaryDirectory();
  return {
    parent,
    make: (processId = process.pid) => makeBuildDirectory(parent, { ...realHost, processId }),
    clean: () => removeDeadBuilds(parent, realHost),
    /** Makes the directory `path` one whose name has another `part`. */
    rename: (path: string, part: number, text: string) => {
      const parts = basename(path).split("-");
      parts[part] = text;
      const renamed = join(parent, parts.join("-"));
      renameSync(path, renamed);
      return renamed;
    },
  };
}

test("a build that goes on keeps its directory, and another of the same process gets its own", () => {
  const rig = buildRig();
  const [one, two] = [rig.make(), rig.make()];
  rig.clean();
  expect(one).not.toBe(two);
  expect([one, two].map((path) => existsSync(path))).toEqual([true, true]);
});

test("what a build left whose process was killed is removed", async () => {
  const rig = buildRig();
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log()"]);
  await once(child.stdout, "data");
  const path = rig.make(child.pid);
  writeFileSync(join(path, "file"), "");
  rig.clean();
  expect(existsSync(path)).toBe(true);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  rig.clean();
  expect(existsSync(path)).toBe(false);
});

test("a later process with the same id does not keep a dead build's directory", (context) => {
  if (!hasProc) context.skip("no /proc: the start of a process is not known");
  const rig = buildRig();
  const path = rig.rename(rig.make(), 1, "1");
  rig.clean();
  expect(existsSync(path)).toBe(false);
});

test("a build of another machine, boot or container is believed for a day", () => {
  const rig = buildRig();
  const path = rig.rename(rig.make(), 2, "deadbeef1");
  rig.clean();
  expect(existsSync(path)).toBe(true);
  const twoDaysAgo = (Date.now() - 2 * 86_400_000) / 1000;
  utimesSync(path, twoDaysAgo, twoDaysAgo);
  rig.clean();
  expect(existsSync(path)).toBe(false);
});

test("what is no build's is left alone", () => {
  const rig = buildRig();
  mkdirSync(join(rig.parent, "notes"));
  rig.clean();
  expect(existsSync(join(rig.parent, "notes"))).toBe(true);
});

test("opening a sandbox removes what dead builds left, and nothing of live ones", async () => {
  const directory = join(temporaryDirectory(), "sandbox");
  const live = sandboxRig({ directory });
  const run = await live.run({});
  const dead = makeBuildDirectory(join(directory, "builds"), {
    ...realHost,
    processId: 999_999_999,
  });
  sandboxRig({ directory });
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(run.root)).toBe(true);
});
