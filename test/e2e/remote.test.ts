import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { formatDuration } from "../../src/report/describe.ts";
import { cWorkspace } from "./c-workspace.ts";
import { filledFolder } from "./filled-folder.ts";
import { filesBelow, type Ran, rig, temporaryDirectory } from "./rig.ts";

test("nothing is given to others unless that is asked for", async () => {
  const directory = join(temporaryDirectory(), "share");
  mkdirSync(directory);
  const remote = `--remote-cache=file:${directory}`;
  expect((await rig(cWorkspace).build("//...", remote)).code).toBe(0);
  const pull = { CI: "true", GITHUB_EVENT_NAME: "pull_request" };
  const words = ["build", "//...", remote, "--remote-upload=ci"];
  expect((await rig(cWorkspace).run(words, { env: pull })).code).toBe(0);
  expect((await rig(cWorkspace).run(words)).code).toBe(0);
  expect(filesBelow(directory)).toEqual([]);
  const push = { CI: "true", GITHUB_EVENT_NAME: "push" };
  expect((await rig(cWorkspace).run(words, { env: push })).code).toBe(0);
  expect(filesBelow(directory).length).toBeGreaterThan(4);
});

test("what a machine knew already is given to a remote that lacks it", async () => {
  const directory = join(temporaryDirectory(), "share");
  mkdirSync(directory);
  const words = ["//...", `--remote-cache=file:${directory}`, "--remote-upload=always"];
  const { build, run } = rig(cWorkspace);
  await build("//...");
  await run(["clean"]);
  const warm = await build(...words);
  expect(warm, warm.text).toMatchObject({ code: 0, counts: { localHit: 4 } });
  const elsewhere = await rig(cWorkspace).build(...words);
  expect(elsewhere, elsewhere.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
  const kept = filesBelow(directory);
  await run(["clean"]);
  const again = await build(...words);
  expect(again, again.text).toMatchObject({ code: 0, counts: { localHit: 4 } });
  expect(filesBelow(directory)).toEqual(kept);
});

test("who states another scope neither sees results nor replaces them", async () => {
  const { remote, directory } = await filledFolder();
  const kept = filesBelow(join(directory, "ac"));
  const words = [remote, "--remote-scope=pull-7", "--remote-upload=always"];
  const other = await rig(cWorkspace).build("//...", ...words);
  expect(other.counts).toEqual({ executed: 4 });
  expect(filesBelow(join(directory, "ac")).length).toBe(2 * kept.length);
  expect((await rig(cWorkspace).build("//...", ...words)).counts).toEqual({ remoteHit: 4 });
});

test("the work that results of other machines save is told, and no other", async () => {
  const { remote, first } = await filledFolder();
  const { build, run } = rig(cWorkspace);
  const one = await build("//lib:add", remote);
  expect(one.counts).toEqual({ remoteHit: 2 });
  await run(["clean"]);
  const others = await build("//...", remote);
  expect(others.counts).toEqual({ localHit: 2, remoteHit: 2 });
  expect(timesOf(others, "localHit", "savedMs")).toBe(0);
  const savedMs = timesOf(others, "remoteHit", "savedMs");
  expect(savedMsOf(others)).toBe(Math.round(savedMs));
  expect(others.text).toContain(`; ${formatDuration(Math.round(savedMs))} of work saved; `);
  const everything = savedMs + timesOf(one, "remoteHit", "savedMs");
  expect(everything).toBeCloseTo(timesOf(first, "executed", "wallMs"), 3);
  // What is run again to be compared is no work that was saved.
  const verified = await rig(cWorkspace).build("//...", remote, "--verify=100");
  expect(verified).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
  expect(savedMsOf(verified)).toBe(0);
});

test("with --download=toplevel only what was asked for comes here", async () => {
  const { remote, first } = await filledFolder();
  const { build, cache, outputs } = { ...rig(cWorkspace), outputs: first.outputs };
  const built = await build("//app:sum", remote, "--download=toplevel");
  expect(built, built.text).toMatchObject({ code: 0, counts: { remoteHit: 3 } });
  expect(built.outputs).toEqual({ "app/sum/sum": outputs["app/sum/sum"] });
  expect(filesBelow(join(cache, "cas")).length).toBe(1);
});

test("with --download=minimal nothing comes here until an action needs it", async () => {
  const { remote } = await filledFolder();
  const { build, cache, write } = rig(cWorkspace);
  const built = await build("//...", remote, "--download=minimal");
  expect(built, built.text).toMatchObject({ code: 0, counts: { remoteHit: 4 }, outputs: {} });
  expect(filesBelow(join(cache, "cas"))).toEqual([]);
  write({ "app/sum.c": '#include "add.h"\nint main(void) { return add(1, 2) - 3; }\n' });
  const changed = await build("//...", remote, "--download=minimal");
  expect(changed, changed.text).toMatchObject({ code: 0, counts: { remoteHit: 3, executed: 1 } });
  const here = await build("//...", remote);
  expect(here, here.text).toMatchObject({ code: 0 });
  expect(Object.keys(here.outputs).length).toBe(4);
});

test("a build that is not to use the network asks no remote", async () => {
  const { remote } = await filledFolder();
  const built = await rig(cWorkspace).build("//...", remote, "--offline");
  expect(built).toMatchObject({ code: 0, counts: { executed: 4 } });
});

test("an address that is none is refused, with what one looks like", async () => {
  const { code, text } = await rig(cWorkspace).build("//...", "--remote-cache=cache.example:9092");
  expect(code).toBe(2);
  expect(text).toContain("grpc://host:9092");
});

test("a secret that is missing costs the remote, and no word of any secret is said", async () => {
  const { remote } = await filledFolder();
  const header = "--remote-header=authorization=Bearer ${TOKEN_OF_TEST}";
  const without = await rig(cWorkspace).build("//app:zero", remote, header);
  expect(without).toMatchObject({ code: 0, counts: { executed: 1 } });
  expect(without.text).toContain("needs the variable TOKEN_OF_TEST, which is not set");
});

/** What the last event says that results of other machines saved. */
function savedMsOf({ events }: Ran): unknown {
  return (events.at(-1)?.["remote"] as Record<string, unknown> | undefined)?.["savedMs"];
}

/** The sum of `time` of the actions with `outcome`. */
function timesOf({ events }: Ran, outcome: string, time: "wallMs" | "savedMs"): number {
  const ended = events.filter((event) => event["outcome"] === outcome);
  return ended.reduce((sum, event) => sum + Number(event[time] ?? 0), 0);
}
