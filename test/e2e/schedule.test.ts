import { expect, test } from "vitest";

import { type Event, type Ran, rig } from "./rig.ts";

/** How many actions ran at once, at most. */
function widthOf({ events }: Ran): number {
  let running = 0;
  let widest = 0;
  for (const { kind } of events) {
    if (kind === "action-started") running += 1;
    if (kind === "action-finished") running -= 1;
    widest = Math.max(widest, running);
  }
  return widest;
}

const broken = {
  "kraft.build.yaml": `targets:
  - {name: bad, rule: exec, outs: [o], command: 'exit 1'}
  - {name: needs-bad, rule: exec, srcs: [":bad"], outs: [o], command: 'cp $SRCS $OUT'}
  - {name: needs-that, rule: exec, srcs: [":needs-bad"], outs: [o], command: 'cp $SRCS $OUT'}
  - {name: good, rule: exec, outs: [o], command: 'echo good > $OUT'}
  - {name: needs-good, rule: exec, srcs: [":good"], outs: [o], command: 'cp $SRCS $OUT'}
`,
};

test("--keep-going builds what does not need the failure", async () => {
  const { build } = rig(broken);
  const ran = await build("//...", "--keep-going");
  expect(ran).toMatchObject({ code: 1, counts: { executed: 2, failed: 1, skipped: 2 } });
  expect(Object.keys(ran.outputs)).toEqual(["good/o", "needs-good/o"]);
  const setting = { "kraft.workspace.yaml": "version: 1\nbuild: {keepGoing: true}\n", ...broken };
  const other = await rig(setting).build("//...");
  expect(other.counts).toEqual({ executed: 2, failed: 1, skipped: 2 });
});

test("without --keep-going nothing new starts after a failure", async () => {
  const { build } = rig({
    "kraft.build.yaml": `targets:
  - {name: bad, rule: exec, outs: [o], command: 'exit 1'}
  - {name: next, rule: exec, srcs: [":bad"], outs: [o], command: ': > $OUT'}
`,
  });
  const ran = await build("//...", "--jobs", "1");
  expect(ran.counts).toEqual({ failed: 1, skipped: 1 });
  expect(ran.outputs).toEqual({});
});

const wide = {
  "kraft.build.yaml": `targets:\n${Array.from(
    { length: 8 },
    (_, index) => `  - {name: t${index}, rule: exec, outs: [o], command: 'echo ${index} > $OUT'}\n`,
  ).join("")}`,
};

test("--jobs says how many actions run at once", async () => {
  for (const jobs of ["1", "3"]) {
    const ran = await rig(wide).build("//...", "--jobs", jobs);
    expect(ran.counts).toEqual({ executed: 8 });
    expect(widthOf(ran)).toBe(Number(jobs));
  }
});

test("an action that takes more of the cpu runs beside fewer", async () => {
  const file = wide["kraft.build.yaml"].replaceAll("outs:", "resources: {cpu: 2}, outs:");
  const ran = await rig({ "kraft.build.yaml": file }).build("//...", "--jobs", "4");
  expect(ran.counts).toEqual({ executed: 8 });
  expect(widthOf(ran)).toBe(2);
});

/** A target that lists its further actions in a file, with a reader of what these make. */
function planning(actions: readonly Readonly<Record<string, unknown>>[]): Record<string, string> {
  return {
    "kraft.build.yaml": `targets:
  - name: plan
    rule: exec
    srcs: [plan.json]
    outs: [actions.json]
    command: cp plan.json $OUT
    yields: actions.json
    yielded: [one, both]
  - {name: reader, rule: exec, srcs: [":plan"], outs: [o], command: 'tail -n 1 .kraft/out/plan/both > $OUT'}
`,
    "plan.json": `${JSON.stringify({ version: 1, actions })}\n`,
  };
}

const one = {
  kind: "write",
  mnemonic: "Write",
  inputs: [],
  outputs: [".kraft/out/plan/one"],
  text: "one\n",
};
const both = {
  kind: "command",
  mnemonic: "Join",
  inputs: [".kraft/out/plan/one"],
  outputs: [".kraft/out/plan/both"],
  argv: ["sh", "-c", "cat .kraft/out/plan/one .kraft/out/plan/one > .kraft/out/plan/both"],
  env: {},
  tools: ["sh", "cat"],
};

test("actions that an action yields run, and are cached like all others", async () => {
  const { build, run, read, write } = rig(planning([both, one]));
  const first = await build("//...");
  expect(first).toMatchObject({ code: 0, counts: { executed: 4 } });
  expect(first.executed).toEqual(["plan/actions.json", "plan/both", "plan/one", "reader/o"]);
  expect(read(".kraft/out/plan/both")).toBe("one\none\n");
  expect((await build("//...", "--recheck")).counts).toEqual({ upToDate: 4 });
  await run(["clean"]);
  expect((await build("//...")).counts).toEqual({ localHit: 4 });
  write({ "plan.json": planning([{ ...one, text: "1\n" }, both])["plan.json"]! });
  expect((await build("//...")).counts).toEqual({ executed: 4 });
  expect(read(".kraft/out/reader/o")).toBe("1\n");
  // The reader has the list among its sources; for the listed, their order is nothing.
  write({ "plan.json": planning([both, { ...one, text: "1\n" }])["plan.json"]! });
  expect((await build("//...")).counts).toEqual({ executed: 2, upToDate: 2 });
});

for (const [title, actions, problem] of [
  ["of no known kind", [{ kind: "dance" }], 'actions[0] is of no known kind: "dance"'],
  [
    "that makes what another makes",
    [one, one],
    "it lists a second action that makes .kraft/out/plan/one",
  ],
  [
    "that makes something outside of its target",
    [{ ...one, outputs: [".kraft/out/reader/o"] }],
    "it lists a second action that makes .kraft/out/reader/o",
  ],
] as const) {
  test(`a yielded action ${title} is a failure of the action that lists it`, async () => {
    const { build } = rig(planning(actions));
    const ran = await build("//...");
    expect(ran).toMatchObject({ code: 1, counts: { failed: 1, skipped: 1 } });
    const [failed] = ran.events.filter(isFailure);
    expect(failed).toMatchObject({ owner: "//:plan", subject: "plan/actions.json" });
    expect(ran.text).toContain(problem);
  });
}

function isFailure({ kind, outcome }: Event): boolean {
  return kind === "action-finished" && outcome === "failed";
}
