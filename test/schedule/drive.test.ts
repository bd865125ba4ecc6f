import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";

import { drive } from "../../src/schedule/drive.ts";
import { Plan } from "../../src/schedule/plan.ts";
import type { Finish } from "../../src/schedule/plan-event.ts";
import type { Refusal } from "../../src/schedule/plan-graph.ts";
import { parseGraph } from "../rig/plan-rig.ts";

const succeeded: Finish = { outcome: "succeeded" };

type Run = (id: string, signal: AbortSignal) => Finish | Promise<Finish>;

function driveRig(graph: string, run: Run, jobs = Infinity) {
  const nodes = parseGraph(graph);
  const goals = nodes.map(({ id }) => id);
  const plan = new Plan(nodes, { goals, capacities: { cpu: jobs }, keepGoing: true });
  const controller = new AbortController();
  const refused: [string, Refusal][] = [];
  const prepared: string[] = [];
  let breaths = 0;
  let nowMs = 0;
  const ended = () =>
    drive(plan, {
      run,
      prepare: (id) => prepared.push(id),
      refuse: (id, refusal) => refused.push([id, refusal]),
      signal: controller.signal,
      now: () => nowMs,
      breathe: async () => {
        breaths++;
        await setImmediate();
      },
    });
  return {
    plan,
    ended,
    refused,
    prepared,
    stop: () => controller.abort(),
    passMs: (ms: number) => void (nowMs += ms),
    breaths: () => breaths,
  };
}

/** Resolves as cancelled when `signal` aborts. */
function untilCancelled(signal: AbortSignal): Promise<Finish> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve({ outcome: "cancelled" }), { once: true });
  });
}

test("runs each node after what it needs, and reports that all is well", async () => {
  const log: string[] = [];
  const rig = driveRig("kernel: app lib, app:, lib:", async (id) => {
    await setImmediate();
    log.push(id);
    return succeeded;
  });
  expect(await rig.ended()).toBe(true);
  expect(log).toEqual(["app", "lib", "kernel"]);
});

test("says what starts next while all that may run does, and only of what is ready", async () => {
  const run = async () => await setImmediate(succeeded);
  const rig = driveRig("c: a, a:, b:", run, 1);
  expect(await rig.ended()).toBe(true);
  // After a, c is started, which comes before b in the graph.
  expect(rig.prepared).toEqual(["b", "b"]);
  const alone = driveRig("c: b, b: a, a:", run, 1);
  expect(await alone.ended()).toBe(true);
  expect(alone.prepared).toEqual([]);
});

test("reports a failure, and runs what does not need it", async () => {
  const log: string[] = [];
  const rig = driveRig("b: a, a:, c:", async (id) => {
    log.push(id);
    return { outcome: id === "a" ? "failed" : "succeeded" };
  });
  expect(await rig.ended()).toBe(false);
  expect(log).toEqual(["a", "c"]);
});

test("a stop cancels what runs and waits for it", async () => {
  const rig = driveRig("a:, b: a", async (_, signal) => {
    const finish = await untilCancelled(signal);
    await setImmediate();
    return finish;
  });
  const ended = rig.ended();
  await setImmediate();
  rig.stop();
  expect(await ended).toBe(false);
  expect(["a", "b"].map((id) => rig.plan.stateOf(id))).toEqual(["skipped", "skipped"]);
});

test("a stop before the beginning runs nothing", async () => {
  const rig = driveRig("a:", () => {
    throw new Error("must not run");
  });
  rig.stop();
  expect(await rig.ended()).toBe(false);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("bug: here");
    },
  ],
  ["rejects", () => Promise.reject(new Error("bug: here"))],
])(
  "when a run %s, the others are cancelled and awaited before that is passed on",
  async (_, fail) => {
    const log: string[] = [];
    const rig = driveRig("a:, b:, c: b", async (id, signal) => {
      if (id === "b") return await setImmediate().then(fail);
      const finish = await untilCancelled(signal);
      await setImmediate();
      log.push(`${id} ${finish.outcome}`);
      return finish;
    });
    await expect(rig.ended()).rejects.toThrow("bug: here");
    expect(log).toEqual(["a cancelled"]);
  },
);

test("a run that throws at once is passed on too", async () => {
  const rig = driveRig("a:, b: a", () => {
    throw new Error("bug: here");
  });
  await expect(rig.ended()).rejects.toThrow("bug: here");
});

test("of several errors the first counts, and none is left unhandled", async () => {
  const rig = driveRig("a:, b:", async (id) => {
    await setImmediate();
    throw new Error(`bug: ${id}`);
  });
  await expect(rig.ended()).rejects.toThrow("bug: a");
});

test("what a node brings is run, and what cannot be is reported", async () => {
  const log: string[] = [];
  const rig = driveRig("image: gen, gen:, bad:", (id) => {
    log.push(id);
    if (id === "gen") {
      return { ...succeeded, adds: parseGraph("cc: gen"), edges: [["image", "cc"]] };
    }
    return id === "bad" ? { ...succeeded, adds: parseGraph("x: x") } : succeeded;
  });
  expect(await rig.ended()).toBe(false);
  expect(log).toEqual(["gen", "bad", "cc", "image"]);
  expect(rig.refused).toEqual([["bad", { kind: "cycle", ids: ["x"] }]]);
  expect(rig.plan.stateOf("image")).toBe("done");
});

test("100,000 nodes that finish at once neither grow the stack nor take turns", async () => {
  const chain = Array.from({ length: 50_000 }, (_, i) => `n${i}: ${i === 0 ? "" : `n${i - 1}`}`);
  const wide = Array.from({ length: 50_000 }, (_, i) => `w${i}:`);
  let runs = 0;
  const rig = driveRig([...chain, ...wide].join(","), () => {
    runs++;
    return succeeded;
  });
  expect(await rig.ended()).toBe(true);
  expect(runs).toBe(100_000);
  expect(rig.breaths()).toBe(0);
});

test("others have a turn at least every 10 ms of work that finishes at once", async () => {
  const graph = Array.from({ length: 100 }, (_, i) => `n${i}:`).join(",");
  const rig = driveRig(graph, () => {
    rig.passMs(1);
    return succeeded;
  });
  expect(await rig.ended()).toBe(true);
  expect(rig.breaths()).toBe(10);
});

test("a stop is heeded while nodes finish at once", async () => {
  let runs = 0;
  const graph = Array.from({ length: 100 }, (_, i) => `n${i}:`).join(",");
  const rig = driveRig(
    graph,
    () => {
      runs++;
      rig.passMs(1);
      if (runs === 1) void setImmediate().then(rig.stop);
      return succeeded;
    },
    1,
  );
  expect(await rig.ended()).toBe(false);
  expect(runs).toBe(11);
});

test("does what can wait in pieces, while less runs than could, and still hears what ends", async () => {
  const log: string[] = [];
  const plan = new Plan(parseGraph("kernel: app lib, app:, lib:"), {
    goals: ["kernel"],
    capacities: { cpu: 2 },
    keepGoing: true,
  });
  let pieces = 0;
  const ok = await drive(plan, {
    run: async (id) => {
      log.push(`begin ${id}`);
      for (let turn = 0; turn < (id === "lib" ? 2 : 6); turn++) await setImmediate();
      log.push(`end ${id}`);
      return succeeded;
    },
    // Endless: so a node that ends must not have to wait for its last piece.
    rest: () => log.push("piece") > 0 && ++pieces > 0,
    refuse: () => undefined,
    signal: new AbortController().signal,
    now: () => 0,
    breathe: () => setImmediate(),
  });
  expect(ok).toBe(true);
  const [atLib, atApp] = [log.indexOf("end lib"), log.indexOf("end app")];
  expect(log.slice(0, atLib)).toEqual(["begin app", "begin lib"]);
  expect(log.slice(atLib + 1, atApp)).toContain("piece");
  expect(log.slice(atApp, atApp + 2)).toEqual(["end app", "begin kernel"]);
  expect(log.at(-1)).toBe("end kernel");
  expect(pieces).toBeGreaterThan(3);
});
