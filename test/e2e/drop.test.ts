import { expect, test } from "vitest";

import { rig } from "./rig.ts";

/** Two libraries of two objects each, and a program of them; all of text. */
function chain(): Record<string, string> {
  const exec = (name: string, srcs: string, command: string) =>
    `  - {name: ${name}, rule: exec, srcs: [${srcs}], outs: [${name}], command: '${command}'}\n`;
  const join = "cat $SRCS > $OUT";
  const objects = ["a", "b", "c", "d"].map((name) =>
    exec(`${name}.o`, `${name}.c`, `{ echo object; cat $SRCS; } > $OUT`),
  );
  const rest = [
    exec("left", '":a.o", ":b.o"', join),
    exec("right", '":c.o", ":d.o"', join),
    exec("program", '":left", ":right"', join),
  ];
  const sources = ["a", "b", "c", "d"].map((name) => [`${name}.c`, `${name}\n`] as const);
  const file = `targets:\n${[...objects, ...rest].join("")}`;
  return { "kraft.build.yaml": file, ...Object.fromEntries(sources) };
}

const dropping = { intermediates: "drop" } as const;

test("with intermediates dropped, what was asked for is the same, and nothing runs again", async () => {
  const expected = await rig(chain()).build("//:program");
  const { build, run } = rig(chain(), dropping);
  const first = await build("//:program");
  expect(first).toMatchObject({ code: 0, counts: { executed: 7 }, outputs: expected.outputs });
  const stats = await run(["cache", "stats"]);
  expect(stats.stdout).toContain(
    "dropped: 6, which saves 0.0 MiB; made again when something needs",
  );
  expect(await build("//:program")).toMatchObject({ code: 0, counts: { upToDate: 7 } });
  const looked = await build("//:program", "--recheck");
  expect(looked).toMatchObject({ code: 0, counts: { upToDate: 7 }, executed: [] });
});

test("what a changed program needs is made again in the same build, all at once, and dropped again", async () => {
  const here = rig(chain(), dropping);
  await here.build("//:program");
  here.write({ "a.c": "changed\n" });
  const next = await here.build("//:program");
  expect(next).toMatchObject({ code: 0, counts: { executed: 7 } });
  const lost = next.events.filter(({ kind }) => kind === "outputs-lost");
  expect(lost.map(({ subject, actions }) => [subject, actions])).toEqual([
    ["left/left", 1],
    ["program/program", 1],
    ["right/right", 2],
  ]);
  expect(Object.values(next.outputs)).toHaveLength(1);
  const outside = await rig({ ...chain(), "a.c": "changed\n" }).build("//:program");
  expect(next.outputs).toEqual(outside.outputs);
  const { stdout } = await here.run(["cache", "stats", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ dropped: { blobs: 8 } });
});

test("a change that alters no output needs nothing that was dropped", async () => {
  const here = rig(chain(), dropping);
  const file = chain()["kraft.build.yaml"] ?? "";
  await here.build("//:program");
  here.write({ "kraft.build.yaml": file.replace("{ echo object;", '{ echo "object";') });
  const next = await here.build("//:program");
  expect(next.code, next.text).toBe(0);
  expect(next.executed).toEqual(["a.o/a.o"]);
});

test("an intermediate that is asked for later is made then, and stays", async () => {
  const here = rig(chain(), dropping);
  await here.build("//:program");
  const asked = await here.build("//:left");
  expect(asked).toMatchObject({ code: 0, executed: ["a.o/a.o", "b.o/b.o", "left/left"] });
  expect(here.read(".kraft/out/left/left")).toBe("object\na\nobject\nb\n");
  // Its hard link keeps it from being dropped by the next build that does not ask for it.
  here.write({ "c.c": "changed\n" });
  const next = await here.build("//:program");
  expect(next.executed).toEqual(["c.o/c.o", "d.o/d.o", "program/program", "right/right"]);
});

test("results of another workspace are of use although their files were dropped", async () => {
  const first = rig(chain(), dropping);
  const built = await first.build("//:program");
  const second = rig(chain(), { ...dropping, cache: first.cache });
  const found = await second.build("//:program");
  expect(found).toMatchObject({ code: 0, counts: { localHit: 7 }, outputs: built.outputs });
});

test("whoever keeps intermediates again has those that were dropped made", async () => {
  const first = rig(chain(), dropping);
  await first.build("//:program");
  const keeping = rig(chain(), { cache: first.cache });
  expect(await keeping.build("//:program")).toMatchObject({
    code: 0,
    counts: { executed: 6, localHit: 1 },
  });
});

test("a result whose inputs were dropped is verified once they are made again", async () => {
  const here = rig(chain(), dropping);
  await here.build("//:program");
  const verified = await here.build("//:program", "--verify=100");
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toContain("ran 7 of 7 actions again");
});
