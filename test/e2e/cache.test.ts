import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";

test("the cache is shown by kinds of work, and made smaller on request", async () => {
  const { build, run } = examplesRig();
  const first = await build("//hello:qemu-x86_64");
  const shown = await run(["cache", "stats"]);
  expect(shown.code, shown.text).toBe(0);
  expect(shown.stdout).toMatch(/^CC +\d+ +\d+\.\d MiB +\d+\.\d MiB$/m);
  const { stdout } = await run(["cache", "stats", "--json"]);
  const counted = JSON.parse(stdout) as { kinds: { kind: string }[]; results: number };
  const kinds = counted.kinds.map(({ kind }) => kind);
  for (const kind of ["CC", "LD", "Rootfs", "streams"]) expect(kinds).toContain(kind);
  expect(kinds).not.toContain("unknown");
  expect(await run(["cache", "gc"])).toMatchObject({ code: 0, stderr: "" });
  // Two hours on, nothing of that build is recent.
  const collected = await run(["cache", "gc", "--max-size", "1KiB"], { aheadMs: 7_200_000 });
  expect(collected.stdout).toMatch(/^removed \d\d+ blobs and \d\d+ results, .* kept 0\.0 MiB$/m);
  const again = await build("//hello:qemu-x86_64", "--recheck");
  expect(again).toMatchObject({ code: 0, outputs: first.outputs });
});

test("a wrong word or limit of cache is refused", async () => {
  const { run } = examplesRig();
  expect(await run(["cache", "shrink"])).toMatchObject({ code: 2 });
  const limit = await run(["cache", "gc", "--max-size", "much"]);
  expect(limit.code).toBe(2);
  expect(limit.stderr).toContain("--max-size");
});
