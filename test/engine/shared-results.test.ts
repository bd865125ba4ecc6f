import { expect, test } from "vitest";

import { digestOf, emptyDigest } from "../../src/digest/digest.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import { SharedResults } from "../../src/engine/shared-results.ts";
import type { Remote } from "../../src/remote/remote.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryDirectory } from "../store/store-rig.ts";

/** For a machine that has other things to do. */
const patient = { interval: 1, timeout: 30_000 };

/** Results that are given to a remote, which takes them when the test says, by a clock of the test. */
function givingRig(count: number) {
  let pending = count;
  let resolve = (): void => undefined;
  const drained = new Promise<void>((done) => {
    resolve = done;
  });
  const waits: { readonly ms: number; readonly pass: () => void }[] = [];
  const told: string[] = [];
  let isClosed = false;
  const traffic = { receivedBytes: 0, sentBytes: 5, uploaded: 0, failed: 0 };
  const remote: Remote = {
    lookUp: async () => undefined,
    fetch: async () => true,
    upload: () => undefined,
    pending: () => pending,
    drained: () => drained,
    traffic: () => traffic,
    close: () => void (isClosed = true),
  };
  const shared = new SharedResults({
    store: openStore(temporaryDirectory(), { epochMs: () => 0, processId: 1 }),
    open: async () => remote,
    address: "grpc://cache",
    uploads: true,
    keeps: true,
    listen: (event: BuildEvent) => void (event.kind === "notice" && told.push(event.message)),
    wait: (ms, signal) =>
      new Promise((passed, reject) => {
        waits.push({ ms, pass: passed });
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      }),
  });
  const result = { exitCode: 0, outputs: new Map(), stdout: emptyDigest, stderr: emptyDigest };
  shared.give({ key: digestOf("key"), result: { ...result, wallMs: 1 } });
  const stop = new AbortController();
  const closed = shared.close(stop.signal);
  /** Has the wait number `at` pass, which takes `ms`. */
  const pass = async (at: number, ms: number) => {
    await expect.poll(() => waits[at]?.ms, patient).toBe(ms);
    waits[at]?.pass();
  };
  return {
    told,
    traffic,
    closed,
    pass,
    stop: () => stop.abort(),
    isClosed: () => isClosed,
    take: (some: number) => {
      pending -= some;
      if (pending === 0) resolve();
    },
  };
}

test("who waits for what is given is told after a second, and no longer waits after a minute", async () => {
  const { told, traffic, closed, pass, take, isClosed } = givingRig(3);
  await pass(0, 1000);
  await expect.poll(() => told, patient).toEqual(["giving 3 results to the remote cache"]);
  take(2);
  expect(isClosed()).toBe(false);
  await pass(1, 60_000);
  expect(await closed).toBe(traffic);
  expect(told.slice(1)).toEqual(["1 result not given to the remote cache, as that took over 60 s"]);
  expect(isClosed()).toBe(true);
});

test("nothing is told of what is given within a second", async () => {
  const { told, traffic, closed, take } = givingRig(3);
  take(3);
  expect(await closed).toBe(traffic);
  expect(told).toEqual([]);
});

test("what is given within the minute is told once, and nobody waits for its end", async () => {
  const { told, traffic, closed, pass, take, isClosed } = givingRig(1);
  await pass(0, 1000);
  await expect.poll(() => told, patient).toEqual(["giving 1 result to the remote cache"]);
  take(1);
  expect(await closed).toBe(traffic);
  expect(told).toHaveLength(1);
  expect(isClosed()).toBe(true);
});

test("a build that is stopped waits for nobody, and says no more", async () => {
  const { told, traffic, closed, pass, stop, isClosed } = givingRig(3);
  await pass(0, 1000);
  await expect.poll(() => told, patient).toHaveLength(1);
  stop();
  expect(await closed).toBe(traffic);
  expect(told).toHaveLength(1);
  expect(isClosed()).toBe(true);
});
