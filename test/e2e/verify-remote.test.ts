import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { decodeActionResult, encodeActionResult } from "../../src/action/reapi-result.ts";
import { digestOf, splitDigest } from "../../src/digest/digest.ts";
import { cWorkspace } from "./c-workspace.ts";
import { filledFolder } from "./filled-folder.ts";
import { filesBelow, rig } from "./rig.ts";

const all = ["cache", "verify", "--remote", "--sample=100"];

/** Has the result with an output at `path` give other bytes, as somebody could who may write. */
function poison(directory: string, path: string): void {
  for (const name of filesBelow(join(directory, "ac"))) {
    const file = join(directory, "ac", name);
    const result = decodeActionResult(readFileSync(file));
    const node = result?.outputs.get(path);
    if (result === undefined || node?.kind !== "file") continue;
    const bytes = Buffer.from("something else");
    const digest = digestOf(bytes);
    const { hash } = splitDigest(digest);
    const blob = filesBelow(join(directory, "cas"))[0] ?? "";
    const depth = blob.split("/").length;
    const place = depth === 1 ? hash : join(hash.slice(0, 2), hash);
    mkdirSync(join(directory, "cas", place, ".."), { recursive: true });
    writeFileSync(join(directory, "cas", place), bytes);
    const outputs = new Map(result.outputs).set(path, { ...node, digest });
    writeFileSync(file, encodeActionResult({ ...result, outputs }));
    return;
  }
  throw new Error(`no result has ${path}`);
}

test("results of a remote cache that are right are run again, and nothing is told", async () => {
  const { remote } = await filledFolder();
  const { run, build } = rig(cWorkspace);
  // What is known here counts for nothing.
  await build("//...");
  const verified = await run([...all, "//...", remote]);
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toContain(
    "ran 4 of 4 actions again whose other machines' results were known",
  );
});

test("a poisoned result is told of, with what its key is made of, and is kept nowhere", async () => {
  const { remote, directory } = await filledFolder();
  poison(directory, ".kraft/out/app/zero/zero");
  const { run, build } = rig(cWorkspace);
  const verified = await run([...all, "//...", remote]);
  expect(verified.code, verified.text).toBe(1);
  const poisoned = digestOf("something else").slice(0, 32);
  expect(verified.text).toMatch(
    /^error: the remote result of \S+ app\/zero\/zero is not what it gives here$/m,
  );
  expect(verified.text).toMatch(
    new RegExp(`^ {2}\\.kraft/out/app/zero/zero: ${poisoned}x? there, [0-9a-f]{32}x? here$`, "m"),
  );
  expect(verified.text).toMatch(/^ {2}key [0-9a-f]{64}:?\S* is made of$/m);
  expect(verified.text).toMatch(/^ {4}argv\[0\]: /m);
  expect(verified.text).toMatch(/^ {4}input app\/zero\.c: /m);
  expect(verified.text.match(/^error: /gm)).toHaveLength(1);
  expect(verified.text).toContain("ran 4 of 4 actions again");
  // A build here does not get to see it.
  const { outputs } = await build("//...");
  expect(outputs).toEqual((await rig(cWorkspace).build("//...")).outputs);
});

test("a sample of none looks for results, and runs none again", async () => {
  const { remote } = await filledFolder();
  const verified = await rig(cWorkspace).run([
    "cache",
    "verify",
    "--remote",
    "--sample=0",
    "//...",
    remote,
  ]);
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toContain("4 actions: 4 from the remote cache");
});

test("there has to be a remote cache, and a percentage", async () => {
  const { run } = rig(cWorkspace);
  const without = await run([...all, "//..."]);
  expect(without.code).toBe(2);
  expect(without.text).toContain("there is no remote cache to look into");
  const wrong = await run(["cache", "verify", "--remote", "--sample=many"]);
  expect(wrong.code).toBe(2);
  expect(wrong.text).toContain("--sample many is no percentage");
});
