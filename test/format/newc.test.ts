import fc from "fast-check";
import { expect, test } from "vitest";

import { type NewcEntry, packNewc } from "../../src/format/newc.ts";
import { compareNewcPaths } from "../../src/format/newc-order.ts";
import { entriesOf, pack, treeOf, trees, unpack } from "./format-rig.ts";

const bytesOf = (text: string): Buffer => Buffer.from(text);
const directory = (path: string, mode = 0o755): NewcEntry => ({
  kind: "directory",
  path: bytesOf(path),
  mode,
});
const file = (path: string, content = ""): NewcEntry => ({
  kind: "file",
  path: bytesOf(path),
  mode: 0o644,
  sizeBytes: content.length,
  content: () => [bytesOf(content)],
});
const symlink = (path: string, target: string): NewcEntry => ({
  kind: "symlink",
  path: bytesOf(path),
  mode: 0o777,
  target: bytesOf(target),
});

/** The numbers of the header at `start`, in the order of the format. */
function headerAt(archive: Buffer, start: number): number[] {
  const text = archive.toString("latin1", start + 6, start + 110);
  return text.match(/.{8}/g)!.map((digits) => Number.parseInt(digits, 16));
}

test("the header of a file is byte for byte that of the format", () => {
  const archive = pack([file("a.txt", "hello")], 0x6553f100);
  const header =
    "070701" + // Magic.
    "00000001000081A4" + // Inode, mode.
    "0000000000000000" + // Owner, group.
    "000000016553F100" + // Links, time.
    "00000005" + // Size.
    "00000000000000000000000000000000" + // Devices.
    "0000000800000000"; // Size of the name, sum.
  expect(archive.toString("latin1", 0, 128)).toBe(`${header}./a.txt\0\0\0hello\0\0\0`);
  expect(archive.toString("latin1", 128, 128 + 110)).toBe(
    "070701" + "0".repeat(32) + "00000001" + "0".repeat(48) + "0000000B" + "00000000",
  );
  expect(archive.toString("latin1", 238, 249)).toBe("TRAILER!!!\0");
  expect(archive.length).toBe(512);
  expect(archive.subarray(249).every((byte) => byte === 0)).toBe(true);
});

test("inodes count from 1, and owners, links and devices are the same for all", () => {
  const archive = pack([directory("d", 0o1777), file("d/f"), symlink("d/l", "f")], 7);
  const starts = [...archive.toString("latin1").matchAll(/070701/g)].map(({ index }) => index);
  const headers = starts.slice(0, 3).map((start) => headerAt(archive, start));
  expect(headers.map(([ino]) => ino)).toEqual([1, 2, 3]);
  expect(headers.map(([, mode]) => mode)).toEqual([0o041777, 0o100644, 0o120777]);
  for (const numbers of headers) {
    expect(numbers.slice(2, 6)).toEqual([0, 0, 1, 7]);
    expect(numbers.slice(7, 11)).toEqual([0, 0, 0, 0]);
  }
});

test("what was packed is read back, whatever bytes the names are of", async () => {
  await fc.assert(
    fc.asyncProperty(trees(), async (tree) => {
      const entries = entriesOf(tree).sort((a, b) => compareNewcPaths(a.path, b.path));
      const archive = pack(entries);
      expect(archive.length % 512).toBe(0);
      expect(await unpack(archive)).toEqual({ tree: treeOf(entries), skipped: [] });
    }),
  );
});

test("a directory stands directly before what is in it", () => {
  const paths = ["a-b", "a/b", "b", "a", "a/b/c", "a\u00e9", "a b"].map((path) => bytesOf(path));
  const sorted = paths.sort((a, b) => compareNewcPaths(a, b)).map(String);
  expect(sorted).toEqual(["a", "a/b", "a/b/c", "a b", "a-b", "a\u00e9", "b"]);
});

test.each<[title: string, entries: NewcEntry[], message: string]>([
  ["a path twice", [file("a"), file("a")], "a is in the archive twice"],
  ["a path too late", [file("b"), file("a")], "a comes too late, after b"],
  ["a missing directory", [file("a/b")], "a/b is in a directory that the archive lacks"],
  ["a file as directory", [file("a"), file("a/b")], "a/b is in a directory that the archive lacks"],
  ["no path", [file("")], " (an empty path) is no path in an archive"],
  ["an absolute path", [file("/a")], "/a is not a plain path from the archive's root"],
  ["a path that goes up", [file("../a")], "../a is not a plain path from the archive's root"],
  ["a dot", [directory("./a")], "./a is not a plain path from the archive's root"],
  ["a NUL", [file("a\0b")], "a\\x00b has a NUL in its path"],
  ["the trailer's name", [file("TRAILER!!!")], "TRAILER!!! has the name that ends an archive"],
  ["no target", [symlink("a", "")], "a is a symbolic link to what can be no path"],
  [
    "a long target",
    [symlink("a", "x".repeat(4096))],
    "a is a symbolic link to what can be no path",
  ],
  ["a mode with a type", [directory("a", 0o40755)], "a has the impossible mode 16877"],
])("refuses %s", (_, entries, message) => {
  expect(() => pack(entries)).toThrow(message);
});

test("names may be as long as a path can be, and not longer", () => {
  const deep = (length: number): NewcEntry => file("x".repeat(length));
  expect(pack([deep(4093)]).length).toBeGreaterThan(4096);
  expect(() => pack([deep(4094)])).toThrow("has too long a path for CPIO");
});

test("a file of 4 GiB is refused before it is read, and one byte less is not", () => {
  const large = (sizeBytes: number): NewcEntry => ({
    kind: "file",
    path: bytesOf("disk.img"),
    mode: 0o644,
    sizeBytes,
    content: () => {
      throw new Error("read");
    },
  });
  expect(() => pack([large(2 ** 32)])).toThrow("disk.img is too large for CPIO: 4 GiB or more");
  const first = packNewc([large(2 ** 32 - 1)], { mtime: 0 }).next();
  expect(Buffer.from(first.value as Uint8Array).toString("latin1", 54, 62)).toBe("FFFFFFFF");
});

test.each([-1, 0.5, 2 ** 32, Number.NaN])("the time %s is refused", (mtime) => {
  expect(() => pack([], mtime)).toThrow(`the archive cannot hold the time ${mtime}`);
});

test.each([4, 6])("a file of which %i bytes come in place of 5 is refused", (length) => {
  const content = () => [Buffer.alloc(length)];
  const changed: NewcEntry = { ...file("log"), kind: "file", sizeBytes: 5, content };
  expect(() => pack([changed])).toThrow("log changed its size while it was packed");
});

test("names that are no text are shown by their bytes", () => {
  const odd: NewcEntry = { kind: "directory", path: Buffer.from([0x63, 0xe9, 0x0a]), mode: 0 };
  expect(() => pack([odd, odd])).toThrow("c\\xe9\\x0a is in the archive twice");
});
