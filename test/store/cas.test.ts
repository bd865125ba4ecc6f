import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { casConformance } from "./cas-conformance.ts";
import { filesBelow, rigHost, temporaryDirectory } from "./store-rig.ts";

casConformance("a CAS on disk", () => ({
  cas: openCas(temporaryDirectory(), rigHost()),
  workplace: temporaryDirectory(),
}));

const shared = "/dev/shm";

test("the second file system of the next suite is there", (context) => {
  if (!isOtherDevice()) context.skip("no /dev/shm apart from the temporary directory");
  expect(isOtherDevice()).toBe(true);
});

if (isOtherDevice()) {
  casConformance("a CAS on another file system than the files", () => ({
    cas: openCas(temporaryDirectory(), rigHost()),
    workplace: temporaryDirectory(shared),
  }));
}

function isOtherDevice(): boolean {
  return existsSync(shared) && statSync(shared).dev !== statSync("/tmp").dev;
}

test("a second process finds what the first one put", () => {
  const directory = temporaryDirectory();
  const digest = openCas(directory, rigHost()).put(Buffer.from("x"));
  expect(openCas(directory, rigHost()).read(digest)).toEqual(Buffer.from("x"));
});

test("an executable is stored once, until its other form is wanted", () => {
  const directory = temporaryDirectory();
  const cas = openCas(join(directory, "store"), rigHost());
  const tool = join(directory, "tool");
  writeFileSync(tool, "x", { mode: 0o755 });
  const file = cas.importFile(tool, { move: true });
  const hash = file.digest.slice(0, 64);
  const shard = join("cas", hash.slice(0, 2));
  expect(filesBelow(join(directory, "store"))).toEqual([join(shard, `${hash}.x`)]);
  cas.put(Buffer.from("x"));
  expect(filesBelow(join(directory, "store"))).toEqual([join(shard, `${hash}.x`)]);
  cas.pathOf({ ...file, executable: false });
  expect(filesBelow(join(directory, "store"))).toHaveLength(2);
});

test("whatever was done, nothing stays in the directory for drafts", () => {
  const directory = temporaryDirectory();
  const cas = openCas(join(directory, "store"), rigHost());
  for (const name of ["a", "b"]) {
    writeFileSync(join(directory, name), "same");
    cas.importFile(join(directory, name), { move: false });
  }
  expect(() => cas.importFile(join(directory, "absent"), { move: true })).toThrow(StoreError);
  expect(filesBelow(join(directory, "store", "tmp"))).toEqual([]);
});

test("a store that was removed under a running build is made again", () => {
  const directory = join(temporaryDirectory(), "store");
  const cas = openCas(directory, rigHost());
  cas.put(Buffer.from("x"));
  // As `rm -r` would, but for the parts that this test looks at.
  for (const part of ["cas", "tmp"]) rmSync(join(directory, part), { recursive: true });
  expect(cas.has(digestOf("x"))).toBe(false);
  expect(cas.read(cas.put(Buffer.from("x")))).toEqual(Buffer.from("x"));
});

test("what was added is counted once, though it was put twice", () => {
  let addedBytes = 0;
  const added = (sizeBytes: number) => void (addedBytes += sizeBytes);
  const cas = openCas(temporaryDirectory(), { ...rigHost(), added });
  cas.put(Buffer.alloc(1000));
  cas.put(Buffer.alloc(1000));
  expect(addedBytes).toBe(1000);
});

test("the modes of blobs do not depend on the umask", () => {
  const before = process.umask(0o077);
  try {
    const cas = openCas(temporaryDirectory(), rigHost());
    const digest = cas.put(Buffer.from("x"));
    expect(statSync(cas.pathOf({ digest, executable: true }) ?? "").mode & 0o777).toBe(0o555);
  } finally {
    process.umask(before);
  }
});

test("a file that is shared stays where it is, as a link to its blob", () => {
  const directory = temporaryDirectory();
  const cas = openCas(join(directory, "store"), rigHost());
  for (const name of ["first", "second"]) {
    const path = join(directory, name);
    writeFileSync(path, "same");
    const { file, blobPath } = cas.shareFile(path)!;
    expect(readFileSync(blobPath, "utf8")).toBe("same");
    expect(cas.read(file.digest)).toEqual(Buffer.from("same"));
    expect(cas.isLink(file, lstatSync(path, { bigint: true }))).toBe(true);
  }
  expect(filesBelow(join(directory, "store"))).toHaveLength(1);
});

test("what is no file that can be read is not shared, and stays as it is", () => {
  const directory = temporaryDirectory();
  const cas = openCas(join(directory, "store"), rigHost());
  writeFileSync(join(directory, "file"), "x");
  symlinkSync("file", join(directory, "link"));
  mkdirSync(join(directory, "directory"));
  execFileSync("mkfifo", [join(directory, "fifo")]);
  const before = lstatSync(join(directory, "file"));
  for (const name of ["link", "directory", "fifo", "absent"]) {
    expect(cas.shareFile(join(directory, name)), name).toBeUndefined();
  }
  expect(lstatSync(join(directory, "file"))).toMatchObject({ mode: before.mode, nlink: 1 });
  expect(filesBelow(join(directory, "store"))).toEqual([]);
});

test("a file that has another link already is not shared", () => {
  const directory = temporaryDirectory();
  const cas = openCas(join(directory, "store"), rigHost());
  writeFileSync(join(directory, "source"), "x");
  linkSync(join(directory, "source"), join(directory, "other"));
  expect(cas.shareFile(join(directory, "other"))).toBeUndefined();
  expect(lstatSync(join(directory, "source")).mode & 0o222).not.toBe(0);
});
