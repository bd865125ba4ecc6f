import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { rig, wrongBlobs } from "./rig.ts";

/** Many small actions, each of which needs the one before in its column. */
function grid(columns: number, rows: number): Record<string, string> {
  const targets = Array.from({ length: columns * rows }, (_, index) => {
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const above = row === 0 ? "seed" : `":t${column}-${row - 1}"`;
    const command = `{ cat $SRCS; echo ${column} ${row}; } > $OUT`;
    return `  - {name: t${column}-${row}, rule: exec, srcs: [${above}], outs: [o], command: '${command}'}\n`;
  });
  const tree = "mkdir -p $OUT/one/two && touch $OUT/a $OUT/one/b $OUT/one/two/c";
  targets.push(`  - {name: tree, rule: exec, outs: [o], command: '${tree}'}\n`);
  return { "kraft.build.yaml": `targets:\n${targets.join("")}`, seed: "seed\n" };
}

test("two builds at once in one workspace both succeed, and leave what one leaves", async () => {
  const alone = rig(grid(6, 5));
  const expected = await alone.build("//...");
  const shared = rig(grid(6, 5));
  const both = await Promise.all([shared.build("//..."), shared.build("//...")]);
  for (const { code, counts, text } of both) {
    expect(text).not.toContain("error");
    expect(code).toBe(0);
    const { executed = 0, localHit = 0, upToDate = 0, ...others } = counts;
    expect(executed + localHit + upToDate).toBe(31);
    expect(others).toEqual({});
  }
  const after = await shared.build("//...", "--recheck");
  expect(after).toMatchObject({ counts: { upToDate: 31 }, outputs: expected.outputs });
  expect(wrongBlobs(shared.cache)).toEqual([]);
});

test("builds at once in workspaces that share a cache give the same outputs", async () => {
  const one = rig(cWorkspace);
  const other = rig(cWorkspace, { cache: one.cache });
  const [first, second] = await Promise.all([one.build("//..."), other.build("//...")]);
  expect(first.code).toBe(0);
  expect(second.code).toBe(0);
  expect(second.outputs).toEqual(first.outputs);
  expect((await one.build("//...", "--recheck")).counts).toEqual({ upToDate: 4 });
  expect((await other.build("//...", "--recheck")).counts).toEqual({ upToDate: 4 });
  expect(wrongBlobs(one.cache)).toEqual([]);
});

test("emptying the cache while another workspace builds does that build no harm", async () => {
  const one = rig(grid(6, 5));
  const other = rig({ "kraft.workspace.yaml": "version: 1\n" }, { cache: one.cache });
  const [built, cleaned] = await Promise.all([one.build("//..."), other.run(["clean", "--cache"])]);
  expect(built).toMatchObject({ code: 0, counts: { executed: 31 } });
  expect(cleaned.code).toBe(0);
  const after = await one.build("//...", "--recheck");
  expect(after).toMatchObject({ code: 0, outputs: built.outputs });
});
