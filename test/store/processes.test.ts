import { lstatSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { isSealed } from "../../src/store/seal.ts";
import { openStore } from "../../src/store/store.ts";
import { buildChild, canMount, runAmongMounts, startChild } from "./child-rig.ts";
import { filesBelow, rigHost, temporaryDirectory } from "./store-rig.ts";

const hourMs = 3_600_000;

test("a kill at any moment leaves only whole blobs and whole results", async () => {
  const script = buildChild();
  const directory = join(temporaryDirectory(), "store");
  for (let round = 0; round < 20; round++) {
    const first = round * 40;
    const run = startChild(script, ["write", directory, `${first}`, "100000"]);
    // The child goes on while its output travels, so that the kill hits it anywhere.
    await run.hasPrinted(1 + (round % 7));
    run.child.kill("SIGKILL");
    await run.exited;
    expectWhole(directory);
    expect(run.printed[0]).toBe(`${first}`);
    const store = openStore(directory, rigHost());
    for (const index of run.printed) {
      expect(store.actionCache.readComplete(digestOf(`key ${index}`))?.wallMs).toBe(Number(index));
    }
  }
});

test("what killed builds left half-written goes at the next collection", async () => {
  const script = buildChild();
  const directory = join(temporaryDirectory(), "store");
  const run = startChild(script, ["write", directory, "0", "100000"]);
  await run.hasPrinted(3);
  run.child.kill("SIGKILL");
  await run.exited;
  writeFileSync(join(directory, "tmp", "left-by-a-kill"), "half a bl");
  const host = rigHost();
  host.passMs(2 * hourMs);
  openStore(directory, host).collect({ maxSizeBytes: 1e12, maxAgeMs: 1e12 });
  expect(filesBelow(join(directory, "tmp"))).toEqual([]);
  expectWhole(directory);
});

test("two processes that store the same blobs at once do not harm each other", async () => {
  const script = buildChild();
  const directory = join(temporaryDirectory(), "store");
  const args = ["write", directory, "0", "120"];
  const runs = [startChild(script, args), startChild(script, args)];
  for (const run of runs) expect(await run.exited).toBe(0);
  expectWhole(directory);
  expect(filesBelow(join(directory, "tmp"))).toEqual([]);
  const store = openStore(directory, rigHost());
  for (let index = 0; index < 120; index++) {
    expect(store.actionCache.readComplete(digestOf(`key ${index}`))?.wallMs).toBe(index);
  }
});

test("collecting takes nothing that live builds use, while they use it", async () => {
  const script = buildChild();
  const count = 3000;
  for (let round = 0; round < 3; round++) {
    const directory = join(temporaryDirectory(), "store");
    const digests = storeLongAgo(directory, count);
    const users = [1, 2].map(() => startChild(script, ["use", directory, `${count}`]));
    for (const user of users) await user.hasPrinted(1);
    // Both builds begin when the collector has begun to look for what to take.
    const collector = startChild(script, ["collect", directory]);
    await collector.hasPrinted(1);
    for (const user of users) user.child.stdin.write("go");
    for (const user of users) await user.hasPrinted(2);
    collector.child.stdin.end();
    expect(await collector.exited).toBe(0);
    const { cas } = openStore(directory, rigHost());
    expect(digests.filter((digest) => cas.read(digest) === undefined)).toEqual([]);
    for (const user of users) {
      user.child.stdin.end();
      expect(await user.exited).toBe(0);
    }
  }
});

test("a full disk is told apart, and harms nothing that is stored", (context) => {
  if (!canMount()) context.skip("mounting a file system of its own is not permitted here");
  const directory = temporaryDirectory();
  const setup = `mount -t tmpfs -o size=1m none ${directory}`;
  const store = join(directory, "store");
  expect(runAmongMounts(setup, buildChild(), ["fill", store])).toEqual({
    kind: "full",
    path: expect.stringContaining(store),
    stored: expect.toSatisfy((stored: number) => stored > 5),
    whole: true,
    again: "none",
  });
});

test("a read-only store can be read, and says that it cannot be written", (context) => {
  if (!canMount()) context.skip("mounting a file system of its own is not permitted here");
  const directory = temporaryDirectory();
  const store = openStore(directory, rigHost());
  store.cas.put(Buffer.from("was there before"));
  const setup = `mount --bind ${directory} ${directory}; mount -o remount,ro,bind ${directory}`;
  const refusal = { kind: "unwritable", path: expect.stringContaining(directory) };
  expect(runAmongMounts(setup, buildChild(), ["read-only", directory])).toEqual({
    read: "was there before",
    putAgain: "none",
    put: refusal,
    begin: refusal,
  });
});

/** Every blob has the bytes of its name and is sealed; every result is one of its name. */
function expectWhole(directory: string): void {
  for (const path of filesBelow(join(directory, "cas"))) {
    const bytes = readFileSync(join(directory, "cas", path));
    const executable = path.endsWith(".x");
    const stats = lstatSync(join(directory, "cas", path));
    expect(digestOf(bytes).slice(0, 64)).toBe(basename(path, ".x"));
    expect(isSealed(stats, bytes.byteLength, executable)).toBe(true);
  }
  const { actionCache } = openStore(directory, rigHost());
  for (const path of filesBelow(join(directory, "ac"))) {
    // The cache knows keys by their hash alone.
    const key = `${basename(path)}/0` as Digest;
    expect(actionCache.read(key), path).toBeDefined();
  }
  expect(readdirSync(directory)).toContain("cas");
}

/** A store whose blobs were last used ten days ago. */
function storeLongAgo(directory: string, count: number): Digest[] {
  const epochMs = () => Date.now() - 240 * hourMs;
  const { cas } = openStore(directory, { epochMs, processId: process.pid });
  return Array.from({ length: count }, (_, index) => cas.put(Buffer.from(`aged ${index}`)));
}
