import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { openStore, prepareStore } from "../../src/store/store.ts";
import { StoreError, readError, writeError } from "../../src/store/store-error.ts";
import { rigHost, temporaryDirectory } from "./store-rig.ts";

test("a store below a regular file cannot be opened, and says so", () => {
  const file = join(temporaryDirectory(), "file");
  writeFileSync(file, "");
  for (const directory of [file, join(file, "store")]) {
    const refusal = { kind: "unwritable", path: expect.stringContaining(directory) };
    expect(failureOf(() => openStore(directory, rigHost()))).toMatchObject(refusal);
  }
});

test("a store that lost its directory to a regular file says so at each use", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "cas"), "");
  const { cas } = openStore(directory, rigHost());
  const failure = failureOf(() => cas.put(Buffer.from("x")));
  expect(failure.kind).not.toBe("full");
  expect(failure.message).toContain(directory);
});

test("an error of the disk keeps its place and its cause", () => {
  for (const [code, kind] of [
    ["ENOSPC", "full"],
    ["EDQUOT", "full"],
    ["EROFS", "unwritable"],
    ["EACCES", "unwritable"],
    ["EIO", "broken"],
  ] as const) {
    const cause = Object.assign(new Error("call failed"), { code });
    const error = writeError(cause, "/store/cas/ab");
    expect({ kind: error.kind, path: error.path }, code).toEqual({ kind, path: "/store/cas/ab" });
    expect(error.message).toMatch(new RegExp(`^/store/cas/ab: .* \\(${code}\\)$`));
    expect(error.cause).toBe(cause);
    expect(readError(error, "/elsewhere")).toBe(error);
  }
});

test("a prepared store has a directory for each blob, and is as a new one", async () => {
  const directory = join(temporaryDirectory(), "new/store");
  const prepared = prepareStore(directory, rigHost());
  const store = openStore(directory, rigHost());
  // Whoever needs a directory does not wait for it.
  const digests = Array.from({ length: 400 }, (_, i) => store.cas.put(Buffer.from(`${i}`)));
  await prepared;
  expect(readdirSync(join(directory, "cas"))).toHaveLength(256);
  expect(digests.every((digest) => store.cas.has(digest))).toBe(true);
  store.close();
  expect(store.sizeBytes()).toBeGreaterThan(0);
});

test("a store that is there, or cannot be, is not prepared", async () => {
  const directory = temporaryDirectory();
  openStore(directory, rigHost()).cas.put(Buffer.from("x"));
  await prepareStore(directory, rigHost());
  expect(readdirSync(join(directory, "cas"))).toHaveLength(1);
  const file = join(directory, "file");
  writeFileSync(file, "");
  await prepareStore(join(file, "store"), rigHost()); // Opening it tells.
});

test("each workspace has a stat cache of its own", () => {
  const directory = temporaryDirectory();
  const work = temporaryDirectory();
  for (const name of ["one", "two"]) mkdirSync(join(work, name));
  const store = openStore(directory, rigHost());
  for (const name of ["one", "two"]) {
    writeFileSync(join(work, name, "a"), name);
    const stats = store.openStatCache(join(work, name));
    expect(stats.fileAt(join(work, name, "a"))?.digest).toBe(digestOf(name));
    stats.save();
  }
  expect(store.openStatCache(join(work, "one")).fileAt(join(work, "one", "a"))?.digest).toBe(
    digestOf("one"),
  );
});

test("what a build made is there for the next one", () => {
  const directory = join(temporaryDirectory(), "not", "there", "yet");
  const first = openStore(directory, rigHost());
  const build = first.beginBuild();
  const digest = first.cas.put(Buffer.from("kernel"));
  const result = {
    exitCode: 0,
    outputs: new Map([["out", { kind: "file", digest, executable: true } as const]]),
    stdout: first.cas.put(Buffer.from("CC main.o\n")),
    stderr: digestOf(""),
    wallMs: 12,
  };
  first.actionCache.write(digestOf("action"), result);
  build.end();
  first.close();
  const second = openStore(directory, rigHost());
  expect(second.actionCache.readComplete(digestOf("action"))).toEqual(result);
});

function failureOf(act: () => unknown): StoreError {
  try {
    act();
  } catch (cause) {
    if (cause instanceof StoreError) return cause;
    throw cause;
  }
  throw new Error("nothing was thrown");
}
