import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { watchRig } from "./watch-rig.ts";

const target = (name: string, srcs: string, command: string): string =>
  `  - {name: ${name}, rule: exec, srcs: [${srcs}], outs: [${name}], command: '${command}'}\n`;

/** Two objects of text, and a program of them. */
const files = {
  "kraft.workspace.yaml": "version: 1\n",
  "kraft.build.yaml": [
    "version: 1\ntargets:\n",
    target("a.o", "a.c", "tr a-z A-Z < $SRCS > $OUT"),
    target("b.o", "b.c", "tr a-z A-Z < $SRCS > $OUT"),
    target("program", '":a.o", ":b.o"', "cat $SRCS > $OUT"),
  ].join(""),
  "a.c": "one\n",
  "b.c": "two\n",
};

const dropping = { env: { KRAFT_GRAPH_CACHE_INTERMEDIATES: "drop" } };

test("a watch makes what was dropped again once a change needs it, and looks at no more", async () => {
  const rig = watchRig(files);
  const program = (): string => readFileSync(rig.path(".kraft/out/program/program"), "utf8");
  const first = rig.watch("//:program", dropping);
  expect(await first.next()).toMatchObject({
    ok: true,
    executed: ["a.o/a.o", "b.o/b.o", "program/program"],
  });
  await first.end();

  const second = rig.watch("//:program", dropping);
  expect(await second.next()).toMatchObject({ ok: true, executed: [] });
  rig.write("a.c", "three\n");
  const changed = await second.next();
  expect(changed).toMatchObject({
    changed: ["a.c"],
    ok: true,
    failed: [],
    executed: ["a.o/a.o", "b.o/b.o", "program/program"],
  });
  expect(program()).toBe("THREE\nTWO\n");
  rig.write("b.c", "four\n");
  const last = await second.next();
  expect(last).toMatchObject({ changed: ["b.c"], ok: true, failed: [] });
  expect(last.executed).toEqual(expect.arrayContaining(["b.o/b.o", "program/program"]));
  expect(program()).toBe("THREE\nFOUR\n");
});
