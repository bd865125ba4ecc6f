import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import type { Equipment } from "../../src/engine/equipment.ts";
import type { Toolchain } from "../../src/engine/toolchain.ts";
import { ProgramError } from "../../src/rule/program.ts";
import {
  executionRig,
  joinInputs,
  listing,
  outs,
  owner,
  rule,
  type Work,
} from "./execution-rig.ts";

const chain = [rule("out/a: main.c"), rule("out/b: out/a"), rule("out/c: out/b")];

test("a first build runs everything in order, and says what it does", async () => {
  const rig = executionRig({ "main.c": "x" });
  const build = await rig.build(chain);
  expect(build.log).toEqual([
    "planned 3",
    "out/a runs: it was not built here before",
    "out/a executed",
    "out/b runs: it was not built here before",
    "out/b executed",
    "out/c runs: it was not built here before",
    "out/c executed",
  ]);
  expect(build).toMatchObject({
    ok: true,
    counts: { executed: 3 },
    ran: ["out/a", "out/b", "out/c"],
  });
  expect(build.text("out/c")).toBe("x");
});

test("a second build finds all up to date, and starts nothing", async () => {
  const rig = executionRig({ "main.c": "x" });
  await rig.build(chain);
  const again = await rig.build(chain);
  expect(again).toMatchObject({ ok: true, counts: { upToDate: 3 }, ran: [] });
  expect(again.log).toEqual(["planned 3", "out/a upToDate", "out/b upToDate", "out/c upToDate"]);
});

test("what was built before the last build comes from the cache, with what it printed", async () => {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/a", (context, paths) => {
    context.print("warning: old");
    joinInputs(context, paths);
  });
  await rig.build(chain);
  rig.write("main.c", "y");
  await rig.build(chain);
  rig.write("main.c", "x");
  const back = await rig.build(chain);
  expect(back).toMatchObject({ ok: true, counts: { localHit: 3 }, ran: [] });
  expect(back.log).toEqual([
    "planned 3",
    "out/a prints warning: old",
    "out/a localHit",
    "out/b localHit",
    "out/c localHit",
  ]);
  expect(back.text("out/c")).toBe("x");
});

test("a result whose blobs are gone is a miss, and is made again", async () => {
  const rig = executionRig({ "main.c": "x" });
  await rig.build([rule("out/a: main.c")]);
  rig.loseBlob("x");
  const again = await rig.build([rule("out/a: main.c")]);
  expect(again).toMatchObject({ ok: true, counts: { executed: 1 } });
  expect(again.log).toContain("out/a runs: its result is no longer in the cache");
  expect(again.text("out/a")).toBe("x");
});

test("an action that gives the same bytes as before stops what comes after it", async () => {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/a", ({ resolve }) => writeFileSync(resolve(`${outs}/a`), "always the same"));
  await rig.build(chain);
  rig.write("main.c", "y");
  const again = await rig.build(chain);
  expect(again).toMatchObject({ counts: { executed: 1, upToDate: 2 }, ran: ["out/a"] });
  expect(again.log).toContain("out/a runs: main.c changed");
});

test("a source that changes after a command was prepared spoils nothing that is kept", async () => {
  const rig = executionRig({ "main.c": "x" });
  const copy: CommandAction = {
    kind: "command",
    mnemonic: "Exec",
    owner,
    argv: ["cp", "main.c", `${outs}/b`],
    env: {},
    tools: ["cp"],
    inputs: ["main.c"],
    outputs: [`${outs}/b`],
  };
  rig.work("out/a", async ({ resolve }) => {
    // By then all that may run does, and so what comes next was prepared.
    await setImmediate();
    rig.write("main.c", "changed");
    writeFileSync(resolve(`${outs}/a`), "");
  });
  // What needs it has it go first.
  const next = { ...copy, argv: ["cp", `${outs}/a`, `${outs}/c`] as const };
  const rules = [
    rule("out/a:"),
    copy,
    { ...next, inputs: [`${outs}/a`], outputs: [`${outs}/c`] as const },
  ];
  const first = await rig.build(rules);
  expect(first).toMatchObject({ ok: true, counts: { executed: 3 } });
  expect(first.text("out/b")).toBe("changed");
  rig.write("main.c", "x");
  const back = await rig.build(rules);
  expect(back.counts).toEqual({ upToDate: 2, executed: 1 });
  expect(back.text("out/b")).toBe("x");
});

test("a failure skips what needs it; with keepGoing, the rest is built", async () => {
  const rules = [rule("out/a:"), rule("out/b: out/a"), rule("out/x:"), rule("out/y: out/x")];
  const rig = executionRig();
  rig.work("out/a", () => {
    throw new ProgramError("no such luck");
  });
  const stopped = await rig.build(rules, { wanted: ["out/b", "out/y"] });
  expect(stopped).toMatchObject({ ok: false, counts: { failed: 1, skipped: 3 }, ran: ["out/a"] });
  expect(stopped.log.slice(1)).toEqual([
    "out/a runs: it was not built here before",
    "out/a failed: no such luck",
    "out/b skipped",
    "out/x skipped",
    "out/y skipped",
  ]);
  const going = await rig.build(rules, { wanted: ["out/b", "out/y"], keepGoing: true });
  expect(going).toMatchObject({ ok: false, counts: { failed: 1, skipped: 1, executed: 2 } });
});

test("a failure tells where in a file of the user it comes from", async () => {
  const rig = executionRig();
  rig.work("out/a", () => {
    throw new ProgramError("no such luck", { place: "luck" });
  });
  rig.work("out/b", () => {
    throw new ProgramError("none either", { place: "charm" });
  });
  const places = { luck: " --> app/bunnyfile:3:7" };
  const rules = [
    { ...rule("out/a:"), places },
    { ...rule("out/b:"), places },
  ];
  const { log } = await rig.build(rules, { wanted: ["out/a", "out/b"], keepGoing: true });
  expect(log).toContain("out/a failed: no such luck\n --> app/bunnyfile:3:7");
  expect(log).toContain("out/b failed: none either");
});

test("a failure is not cached: it is tried anew, with the reasons of its run", async () => {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/a", ({ print }) => {
    print("line 1");
    throw new ProgramError("no such luck");
  });
  const [first, second] = [await rig.build(chain), await rig.build(chain)];
  expect(first.counts).toEqual({ failed: 1, skipped: 2 });
  expect(second.ran).toEqual(["out/a"]);
  const [failed] = second.events.filter(
    (event) => event.kind === "action-finished" && event.outcome === "failed",
  );
  expect(failed).toMatchObject({
    failure: {
      message: "no such luck",
      lastLines: "line 1",
      reasons: ["it was not built here before"],
    },
  });
});

test("a program that leaves an output out has failed", async () => {
  const rig = executionRig();
  rig.work("out/a", ({ resolve }) => writeFileSync(resolve(`${outs}/a`), ""));
  const { counts, log } = await rig.build([rule("out/a out/b:")]);
  expect(counts).toEqual({ failed: 1 });
  expect(log.at(-1)).toBe("out/a failed: the program rig/join failed: it did not make out/b");
});

test("a defect of a program fails its action, with the stack for its author", async () => {
  const rig = executionRig();
  rig.work("out/a", () => {
    throw new TypeError("out of cheese");
  });
  const { log } = await rig.build([rule("out/a:")]);
  expect(log.at(-1)).toContain(
    "out/a failed: the program rig/join broke: TypeError: out of cheese\n",
  );
});

test("an input that is not there fails what needs it, without a run", async () => {
  const rig = executionRig();
  const { log, counts, ran } = await rig.build([rule("out/a: gone.c"), rule("out/b: out/a")]);
  expect(log.slice(1)).toEqual(["out/a failed: there is no gone.c", "out/b skipped"]);
  expect({ counts, ran }).toEqual({ counts: { failed: 1, skipped: 1 }, ran: [] });
});

test("what an earlier build left below .kraft/out is no input", async () => {
  const rig = executionRig();
  rig.write(`${outs}/gone`, "old");
  const { log } = await rig.build([rule("out/a: out/gone")]);
  expect(log.at(-1)).toBe("out/a failed: there is no out/gone");
});

test("actions that nobody wants are not run, and are in no count", async () => {
  const rig = executionRig({ "main.c": "x" });
  const { counts, ran } = await rig.build(chain, { wanted: ["out/a"] });
  expect({ counts, ran }).toEqual({ counts: { executed: 1 }, ran: ["out/a"] });
});

test("an interrupted build counts what ran and what waited as skipped", async () => {
  const rig = executionRig({ "main.c": "x" });
  const interrupt = new AbortController();
  rig.work("out/b", async ({ signal }) => {
    interrupt.abort();
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new ProgramError("stopped")));
    });
  });
  const build = await rig.build(chain, { signal: interrupt.signal });
  expect(build).toMatchObject({ ok: false, counts: { executed: 1, skipped: 2 } });
  expect(build.log.at(-1)).toBe("out/c skipped");
  rig.work("out/b", joinInputs);
  expect((await rig.build(chain)).counts).toEqual({ upToDate: 1, executed: 2 });
});

test("actions that an action lists run before whatever awaits their outputs", async () => {
  const rules = [rule("out/list*: main.c"), rule("out/image: out/kernel.o out/list")];
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/list", listing([rule("out/kernel.o: main.c"), rule("out/unused: main.c")]));
  const build = await rig.build(rules, { wanted: ["out/image"] });
  expect(build.log).toEqual([
    "planned 2",
    "out/list runs: it was not built here before",
    "out/list yields 2",
    "out/list executed",
    "out/kernel.o runs: it was not built here before",
    "out/kernel.o executed",
    "out/image runs: it was not built here before",
    "out/image executed",
  ]);
  const again = await rig.build(rules, { wanted: ["out/image"] });
  expect(again).toMatchObject({ counts: { upToDate: 3 }, ran: [] });
});

test("what is read first is read while tools are asked for, and only if it is wanted", async () => {
  const rig = executionRig({ "main.c": "x", "other.c": "y" });
  const order: string[] = [];
  const rules = [rule("out/a: main.c"), rule("out/b: out/a"), rule("out/c: other.c")];
  const alter = (equipment: Equipment): Equipment => {
    const { toolchain, inputs } = equipment;
    const of = inputs.of.bind(inputs);
    inputs.of = (action) => {
      order.push(...action.inputs);
      return of(action);
    };
    const add: Toolchain["add"] = async (actions) => {
      await toolchain.add(actions);
      order.push("tools");
    };
    return { ...equipment, toolchain: { ...toolchain, add } };
  };
  expect((await rig.build(rules, { wanted: ["out/b"], alter })).ok).toBe(true);
  expect(order.slice(0, order.indexOf("tools"))).toEqual(["main.c"]);
  expect(order).not.toContain("other.c");
});

test("a source that cannot be read ahead is told of as ever", async () => {
  const { log } = await executionRig().build([rule("out/a: main.c")]);
  expect(log.at(-1)).toContain("there is no main.c");
});

test("where steps are listed, what is gone at once may take more memory", async () => {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/list", listing([rule("out/kernel.o: main.c")]));
  let asked = 0;
  const spendYoungMemory = () => void asked++;
  await rig.build([rule("out/plain: main.c")], { spendYoungMemory });
  expect(asked).toBe(0);
  await rig.build([rule("out/list*: main.c")], { spendYoungMemory });
  expect(asked).toBe(1);
});

test("a list of actions that is none, or that goes too far, fails the action that made it", async () => {
  const messageOf = async (work: Work): Promise<string | undefined> => {
    const rig = executionRig();
    rig.work("out/list", work);
    const { log } = await rig.build([rule("out/list*:"), rule("out/a:")], { keepGoing: true });
    return log.find((line) => line.startsWith("out/list failed"));
  };
  const refused = "out/list failed: the actions in out/list cannot be taken in: ";
  const nonsense = await messageOf(({ resolve }) => {
    writeFileSync(resolve(`${outs}/list`), "nonsense");
  });
  expect(nonsense).toBe(`${refused}it is not JSON`);
  expect(await messageOf(listing([rule("out/a:")]))).toBe(
    `${refused}it lists a second action that makes out/a`,
  );
  expect(await messageOf(listing([rule("out/list/below:")]))).toBe(
    `${refused}it lists a second action that makes out/list/below`,
  );
  expect(await messageOf(listing([rule(".kraft/out/other/b:")]))).toBe(
    `${refused}it lists an action that makes .kraft/out/other/b, outside of .kraft/out/t`,
  );
});

test("listed actions that need each other are refused, with the way round", async () => {
  const rig = executionRig();
  rig.work("out/list", listing([rule("out/x: out/y"), rule("out/y: out/x")]));
  const { log, counts } = await rig.build([rule("out/list*:")]);
  expect(counts).toEqual({ failed: 1 });
  expect(log.at(-1)).toMatch(
    /^out\/list failed: the actions that it yields cannot be: they need each other: .* -> /,
  );
});

test("commands run in the sandbox, and what they print on their error output is shown", async () => {
  const rig = executionRig({ "main.c": "x" });
  const command: CommandAction = {
    kind: "command",
    mnemonic: "Exec",
    owner,
    argv: ["sh", "-c", `echo progress; echo careful >&2; tr x y <main.c >${outs}/a`],
    env: {},
    tools: ["sh", "no-such-program?"],
    inputs: ["main.c"],
    outputs: [`${outs}/a`],
  };
  const build = await rig.build([command]);
  expect(build.log.slice(2)).toEqual(["out/a prints careful", "out/a executed"]);
  expect(build.text("out/a")).toBe("y");
  const failing = { ...command, argv: ["sh", "-c", "echo out; echo err >&2; exit 3"] } as const;
  const failed = (await rig.build([failing])).events.at(-1);
  expect(failed).toMatchObject({
    outcome: "failed",
    failure: { message: "exit code 3", exitCode: 3, lastLines: "out\nerr" },
  });
  if (failed?.kind !== "action-finished") throw new Error("the last event is another");
  expect(readFileSync(failed.failure?.logFile ?? "", "utf8")).toBe("out\nerr\n");
  const repeat = spawnSync("sh", ["-c", failed.failure?.repeatCommand ?? ""]);
  expect({ code: repeat.status, stdout: repeat.stdout.toString() }).toEqual({
    code: 3,
    stdout: "out\n",
  });
  expect(failed.failure?.reasons).toEqual([
    "argument 2: echo progress; echo careful >&2; tr x y <main.c >.kraft/out/… → echo out; echo err >&2; exit 3",
  ]);
});

test("a program that the machine lacks fails its action by the code that explains it", async () => {
  const rig = executionRig();
  const command: CommandAction = {
    kind: "command",
    mnemonic: "CC",
    owner,
    argv: ["no-such-cc"],
    env: {},
    tools: ["no-such-cc", "no-such-tool?"],
    inputs: [],
    outputs: [`${outs}/a`],
  };
  const { events, ran } = await rig.build([command]);
  expect(ran).toEqual([]);
  expect(events.at(-1)).toMatchObject({
    failure: {
      code: "missing-tool",
      message: "there is no no-such-cc in /usr/local/bin:/usr/bin:/bin",
      reasons: [],
    },
  });
});

test("how long an action took when it last ran is told with the plan", async () => {
  const rig = executionRig({ "main.c": "x" });
  rig.work("out/a", (context, paths) => {
    rig.pass(5000);
    joinInputs(context, paths);
  });
  const first = await rig.build([rule("out/a: main.c")]);
  const second = await rig.build([rule("out/a: main.c")]);
  const ended = first.events.at(-1);
  if (ended?.kind !== "action-finished") throw new Error("the last event is another");
  expect(ended.wallMs).toBeGreaterThanOrEqual(5000);
  expect(first.events[0]).toMatchObject({ kind: "planned", recordedMs: 0 });
  expect(second.events[0]).toMatchObject({ kind: "planned", recordedMs: ended.wallMs });
  expect(second.events[1]).toMatchObject({ wallMs: 0, recordedMs: ended.wallMs });
});
