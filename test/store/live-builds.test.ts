import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { LiveBuilds } from "../../src/store/live-builds.ts";
import { openTemporary } from "../../src/store/temporary.ts";
import { rigHost, temporaryDirectory } from "./store-rig.ts";

const dayMs = 86_400_000;
const hasProc = existsSync("/proc/self/stat");

function liveRig() {
  const directory = temporaryDirectory();
  const host = rigHost();
  const temporary = openTemporary(join(directory, "tmp"));
  const running = join(directory, "running");
  const asProcess = (processId: number) =>
    new LiveBuilds(running, temporary, { epochMs: host.epochMs, processId });
  return { ...host, running, asProcess, builds: asProcess(process.pid) };
}

test("no build is live in a new store", () => {
  expect(liveRig().builds.oldestStartMs()).toBeUndefined();
});

test("the oldest of the live builds counts, until it ends", () => {
  const rig = liveRig();
  const first = rig.builds.begin();
  const startMs = rig.builds.oldestStartMs() ?? 0;
  rig.passMs(60_000);
  const second = rig.builds.begin();
  expect(rig.builds.oldestStartMs()).toBe(startMs);
  first.end();
  expect(rig.builds.oldestStartMs()).toBeGreaterThanOrEqual(startMs + 60_000);
  second.end();
  second.end();
  expect(rig.builds.oldestStartMs()).toBeUndefined();
});

test("two builds of one process at one moment are two", () => {
  const rig = liveRig();
  const [one, two] = [rig.builds.begin(), rig.builds.begin()];
  one.end();
  expect(rig.builds.oldestStartMs()).toBeDefined();
  two.end();
});

test("a build whose process was killed is forgotten", async (context) => {
  if (!hasProc) context.skip("no /proc: processes cannot be asked after");
  const rig = liveRig();
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log()"]);
  await once(child.stdout, "data");
  rig.asProcess(child.pid ?? 0).begin();
  expect(rig.builds.oldestStartMs()).toBeDefined();
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  expect(rig.builds.oldestStartMs()).toBeUndefined();
  expect(readdirSync(rig.running)).toEqual([]);
});

test("another process that got the same id does not keep a build alive", (context) => {
  if (!hasProc) context.skip("no /proc: processes cannot be asked after");
  const rig = liveRig();
  rig.builds.begin();
  const path = onlyFile(rig.running);
  const [boot, namespace] = readFileSync(path, "utf8").split(" ");
  writeFileSync(path, `${boot} ${namespace} 1`);
  expect(rig.builds.oldestStartMs()).toBeUndefined();
});

test("a build of another machine, boot or container is believed for a day", () => {
  const rig = liveRig();
  rig.builds.begin();
  const path = onlyFile(rig.running);
  writeFileSync(path, "00000000-0000-0000-0000-000000000000 pid:[1] 1");
  expect(rig.builds.oldestStartMs()).toBeDefined();
  rig.passMs(dayMs + 1000);
  expect(rig.builds.oldestStartMs()).toBeUndefined();
});

test("a live build of this machine is believed however long it takes", (context) => {
  if (!hasProc) context.skip("no /proc: processes cannot be asked after");
  const rig = liveRig();
  rig.builds.begin();
  rig.passMs(10 * dayMs);
  expect(rig.builds.oldestStartMs()).toBeDefined();
});

test("files that name no build are left alone", () => {
  const rig = liveRig();
  rig.builds.begin();
  renameSync(onlyFile(rig.running), join(rig.running, "README"));
  expect(rig.builds.oldestStartMs()).toBeUndefined();
  expect(readdirSync(rig.running)).toEqual(["README"]);
});

function onlyFile(directory: string): string {
  return join(directory, readdirSync(directory)[0] ?? "");
}
