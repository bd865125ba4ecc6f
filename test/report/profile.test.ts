import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

import type { BuildEvent } from "../../src/engine/event.ts";
import { openProfile } from "../../src/report/profile.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { about, event } from "./report-rig.ts";

type Trace = readonly (Readonly<Record<string, unknown>> & { ph: string; tid: number })[];

/** A profile with a clock that goes a millisecond on with each event. */
function profileRig(name = "trace.json") {
  const path = join(temporaryDirectory(), name);
  let nowMs = 0;
  const sink = openProfile(path, () => nowMs);
  const read = (): Trace => {
    const bytes = readFileSync(path);
    return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()) as Trace;
  };
  const tell = (...events: readonly BuildEvent[]): void => {
    for (const one of events) {
      nowMs += 1;
      sink.listen(one);
    }
  };
  return { tell, read, close: sink.close };
}

const begin: readonly BuildEvent[] = [
  { kind: "started", version: "1", patterns: [] },
  { kind: "loaded", packages: 1, targets: 1, isRemembered: false },
  { kind: "sandbox", sandbox: "links", reason: "it was asked for" },
  event.planned(4, { jobs: 2 }),
];

function after(one: BuildEvent, name: string): BuildEvent {
  return { ...one, after: `.kraft/out/app/${name}` } as BuildEvent;
}

test("a profile has a row for each slot, phases, flows and the critical path", () => {
  const { tell, read, close } = profileRig();
  tell(...begin, event.started("CC a.c"), event.started("CC b.c"), event.executed("CC a.c"));
  tell(event.executed("CC b.c"), after(event.upToDate("AR c.a"), "b.c"));
  tell(event.started("LD d"), after(event.executed("LD d"), "c.a"), event.finished({}));
  close();
  const slices = read()
    .filter(({ ph }) => ph === "X")
    .map(({ tid, name, ts, dur }) => [tid, name, ts, dur]);
  expect(slices).toEqual([
    [1, "load", 1000, 1000],
    [1, "analyze", 2000, 1000],
    [1, "plan", 3000, 1000],
    [10, "CC a.c", 5000, 2000],
    [11, "CC b.c", 6000, 2000],
    [10, "LD d", 10_000, 1000],
    [1, "execute", 4000, 7000],
    [1, "place", 11_000, 1000],
    [2, "CC b.c", 6000, 2000],
    [2, "LD d", 10_000, 1000],
  ]);
  const counts = read().filter(({ ph }) => ph === "C");
  expect(counts.map(({ args }) => (args as { actions: number }).actions)).toEqual([
    1, 2, 1, 0, 1, 0,
  ]);
});

test("a sandbox that is chosen when an action runs begins no phase", () => {
  const { tell, read, close } = profileRig();
  tell(...begin.slice(0, 2), event.planned(1, { jobs: 1 }), event.started("CC a.c"));
  tell({ kind: "sandbox", sandbox: "links", reason: "it was asked for" }, event.executed("CC a.c"));
  tell(event.finished({}));
  close();
  const phases = read().filter(({ ph, tid }) => ph === "X" && tid === 1);
  expect(phases.map(({ name }) => name)).toEqual(["load", "analyze", "execute", "place"]);
});

test("an arrow leads from what an action waited for to where it ran", () => {
  const { tell, read, close } = profileRig();
  tell(...begin, event.started("CC a.c"), event.executed("CC a.c"));
  tell(event.started("LD d"), after(event.executed("LD d"), "a.c"), event.finished({}));
  close();
  expect(read().filter(({ ph }) => ph === "s" || ph === "f")).toEqual([
    { pid: 1, tid: 10, ph: "s", ts: 5999, name: "needs", cat: "needs", id: 1 },
    { pid: 1, tid: 10, ph: "f", bp: "e", ts: 7000, name: "needs", cat: "needs", id: 1 },
  ]);
});

for (const name of ["trace.json", "trace.json.gz"]) {
  test(`${name} is whole JSON after each write, though the build goes on or is killed`, () => {
    const { tell, read, close } = profileRig(name);
    expect(read()).toEqual([]);
    tell(...begin);
    for (let i = 0; i < 1000; i++) tell(event.started(`CC ${i}.c`), event.executed(`CC ${i}.c`));
    expect(read().length).toBeGreaterThan(1000);
    tell(event.started("CC long.c"));
    close();
    const slices = read().filter(({ ph, tid }) => ph === "X" && tid >= 10);
    expect(slices).toHaveLength(1001);
    expect(slices.at(-1)).toMatchObject({ name: "CC long.c", args: { outcome: "stopped" } });
  });
}

test("a failure is told in its slice, with why it ran", () => {
  const { tell, read, close } = profileRig();
  tell(...begin, event.started("CC a.c", "a.c changed"), {
    ...about("CC a.c"),
    kind: "action-finished",
    outcome: "failed",
    wallMs: 1,
    recordedMs: 0,
    failure: { message: "exit code 1", lastLines: "", reasons: [] },
  });
  close();
  expect(slice(read())).toMatchObject({
    cat: "CC",
    args: {
      owner: "//app:image",
      outcome: "failed",
      reasons: ["a.c changed"],
      failure: "exit code 1",
    },
  });
});

function slice(trace: Trace) {
  return trace.find(({ ph, tid }) => ph === "X" && tid === 10);
}

test("a profile that cannot be written is an error of the store", () => {
  expect(() => openProfile("/dev/null/x", () => 0)).toThrow(StoreError);
  expect(() => openProfile("/dev/full", () => 0)).toThrow(StoreError);
});

test("requests to the remote cache have rows of their own, of which none has two at once", () => {
  const { tell, read, close } = profileRig();
  const call = (name: "readResult" | "readBatch", wallMs: number): BuildEvent => {
    return { kind: "remote-call", to: "cache", call: name, wallMs, ok: true, blobs: 1, bytes: 7 };
  };
  // They end at 5, 6, 7 and 8 ms.
  tell(...begin, call("readResult", 0.5), call("readBatch", 1.25), call("readBatch", 1));
  tell(call("readResult", 0.25), event.finished({}));
  close();
  const remote = read().filter(({ tid }) => tid >= 10_000);
  expect(
    remote.filter(({ ph }) => ph === "X").map(({ tid, name, ts, dur }) => [tid, name, ts, dur]),
  ).toEqual([
    [10_000, "readResult", 4500, 500],
    [10_001, "readBatch", 4750, 1250],
    [10_000, "readBatch", 6000, 1000],
    [10_000, "readResult", 7750, 250],
  ]);
  const names = remote.filter(({ name }) => name === "thread_name").map(({ args }) => args);
  expect(names).toEqual([{ name: "remote 1" }, { name: "remote 2" }]);
});
