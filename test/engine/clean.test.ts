import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cleanWorkspace, emptyCache } from "../../src/engine/clean.ts";
import { openStore } from "../../src/store/store.ts";
import { realHost } from "../sandbox/sandbox-rig.ts";
import { executionRig, rule } from "./execution-rig.ts";

test("cleaning removes all that builds left but the cache, so that nothing is run anew", async () => {
  const rig = executionRig({ "main.c": "x" });
  await rig.build([rule("out/a: main.c")]);
  for (const name of ["out/t", "memo", "logs", "trees/x", "machines"]) {
    mkdirSync(join(rig.root, ".kraft", name), { recursive: true });
  }
  cleanWorkspace(rig.root);
  expect(readdirSync(join(rig.root, ".kraft"))).toEqual(["cache", "machines"]);
  expect((await rig.build([rule("out/a: main.c")])).counts).toEqual({ localHit: 1 });
});

test("a workspace in which nothing was built is clean", () => {
  const { root } = executionRig();
  cleanWorkspace(root);
  expect(existsSync(join(root, ".kraft"))).toBe(false);
});

test("emptying the cache frees what is in it, and the next build runs again", async () => {
  const rig = executionRig({ "main.c": "x".repeat(5000) });
  await rig.build([rule("out/a: main.c")]);
  const directory = join(rig.root, ".kraft/cache");
  expect(emptyCache(directory, realHost)).toBeGreaterThan(5000);
  cleanWorkspace(rig.root);
  expect((await rig.build([rule("out/a: main.c")])).counts).toEqual({ executed: 1 });
});

test("what a running build has used just now stays in the cache", () => {
  const { root } = executionRig();
  const directory = join(root, "cache");
  const store = openStore(directory, realHost);
  const build = store.beginBuild();
  const digest = store.cas.put(Buffer.from("in use"));
  emptyCache(directory, realHost);
  expect(store.cas.has(digest)).toBe(true);
  build.end();
  store.close();
  emptyCache(directory, realHost);
  expect(store.cas.has(digest)).toBe(false);
});
