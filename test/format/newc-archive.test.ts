import { linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { openArchive } from "../../src/format/archive-bytes.ts";
import { FormatError } from "../../src/format/format-error.ts";
import { newcEntriesIn } from "../../src/format/newc-archive.ts";
import { newcEntriesOf } from "../../src/format/newc-directory.ts";
import { rewriteArchive } from "../../src/format/newc-file.ts";
import {
  type Tree,
  entriesOf,
  lacks,
  noSignal,
  pack,
  run,
  temporaryDirectory,
  unpack,
  writeTree,
} from "./format-rig.ts";

const sample: Tree = new Map([
  ["a", { kind: "directory", mode: 0o755 }],
  ["a/f", { kind: "file", mode: 0o644, content: "first\n" }],
  ["a-l", { kind: "symlink", mode: 0o777, content: "a/f" }],
  ["b", { kind: "file", mode: 0o755, content: "" }],
]);

/** What a header says, less what is the same in all. */
interface Header {
  readonly name: string;
  readonly mode?: number;
  readonly ino?: number;
  readonly nlink?: number;
  readonly content?: string;
  readonly sum?: number;
  readonly magic?: string;
}

/** An entry as others write it: with owners and times, and without order. */
function entry({ name, mode = 0o100644, ino = 0, nlink = 1, content = "", ...rest }: Header) {
  const { magic = "070701", sum = 0 } = rest;
  const numbers = [ino, mode, 1000, 1000, nlink, 0x60000000, content.length, 8, 1, 0, 0];
  const hex = [...numbers, name.length + 1, sum].map((one) => one.toString(16).padStart(8, "0"));
  return padded(padded(`${magic}${hex.join("")}${name}\0`) + content);
}

function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, "\0");
}

const trailer = entry({ name: "TRAILER!!!", mode: 0 });
const archive = (...entries: string[]): Buffer =>
  Buffer.from([...entries, trailer].join(""), "latin1");
const treeIn = async (bytes: Uint8Array) => Object.fromEntries((await unpack(bytes)).tree);

test("names of all kinds come to the same path, and the archive's own directory to none", async () => {
  const bytes = archive(
    entry({ name: ".", mode: 0o40755 }),
    entry({ name: "/etc/", mode: 0o40755 }),
    entry({ name: "./etc//hosts", content: "1" }),
    entry({ name: "bin", mode: 0o40755 }),
  );
  expect(await treeIn(bytes)).toEqual({
    etc: { kind: "directory", mode: 0o755 },
    "etc/hosts": { kind: "file", mode: 0o644, content: "1" },
    bin: { kind: "directory", mode: 0o755 },
  });
});

test("order, owners, times and inodes of an archive leave no trace", async () => {
  const entries = [...sample].map(([name, node], i) => {
    const type = { directory: 0o40000, file: 0o100000, symlink: 0o120000 }[node.kind];
    const content = node.kind === "directory" ? "" : node.content;
    return entry({ name, mode: type | node.mode, ino: 77 + i, content });
  });
  const expected = pack(entriesOf(sample));
  const home = temporaryDirectory();
  for (const order of [entries, [...entries].reverse()]) {
    writeFileSync(join(home, "old"), archive(...order));
    const options = { mtime: 0, path: "old", onSkipped: () => undefined };
    await rewriteArchive(join(home, "old"), join(home, "new"), options, noSignal);
    expect(readFileSync(join(home, "new")).equals(expected)).toBe(true);
  }
});

test.each([
  ["first", "data", ""],
  ["last", "", "data"],
  ["every", "data", "data"],
])(
  "a hard link whose %s name has the content is a whole file under each",
  async (_, one, other) => {
    const link = { ino: 5, nlink: 2 };
    const bytes = archive(
      entry({ name: "a", ...link, content: one }),
      entry({ name: "z", ino: 6, nlink: 2 }),
      entry({ name: "b", ...link, content: other }),
    );
    const file = (content: string) => ({ kind: "file", mode: 0o644, content });
    expect(await treeIn(bytes)).toEqual({ a: file("data"), b: file("data"), z: file("") });
  },
);

test("files that share an inode but have one link each are no hard links", async () => {
  const bytes = archive(entry({ name: "a", content: "1" }), entry({ name: "b" }));
  expect(await treeIn(bytes)).toMatchObject({ a: { content: "1" }, b: { content: "" } });
});

test("of two entries of one path, the later counts", async () => {
  const bytes = archive(entry({ name: "a", content: "1" }), entry({ name: "./a", content: "2" }));
  expect(await treeIn(bytes)).toEqual({ a: { kind: "file", mode: 0o644, content: "2" } });
});

test("archives that follow each other become one, and their inodes are not mixed up", async () => {
  const first = archive(entry({ name: "a", ino: 1, nlink: 2, content: "1" }));
  const second = archive(entry({ name: "b", ino: 1, nlink: 2 }));
  const bytes = Buffer.concat([first, Buffer.alloc(512 - (first.length % 512)), second]);
  expect(await treeIn(bytes)).toMatchObject({ a: { content: "1" }, b: { content: "" } });
});

test("others get their turn while many entries are read", async () => {
  const file = join(temporaryDirectory(), "old");
  const names = Array.from({ length: 10_000 }, (_, i) => entry({ name: String(i) }));
  writeFileSync(file, archive(...names));
  const bytes = openArchive(file, "old");
  let isRead = false;
  const reading = newcEntriesIn(bytes, () => undefined, noSignal).finally(() => (isRead = true));
  let turns = 0;
  for (; !isRead; turns++) await setImmediate();
  expect(await reading).toHaveLength(10_000);
  expect(turns).toBeGreaterThan(3);
  bytes.close();
});

test("devices, fifos and sockets are left out, and told", async () => {
  const bytes = archive(
    entry({ name: "dev", mode: 0o40755 }),
    entry({ name: "dev/console", mode: 0o20600 }),
    entry({ name: "dev/sda", mode: 0o60600 }),
    entry({ name: "pipe", mode: 0o10600 }),
    entry({ name: "sock", mode: 0o140600 }),
  );
  const { tree, skipped } = await unpack(bytes);
  expect([...tree.keys()]).toEqual(["dev"]);
  expect(skipped).toEqual(["dev/console", "dev/sda", "pipe", "sock"]);
});

test("an archive with sums is read, and a sum that is wrong is a mistake", async () => {
  const one = { name: "a", magic: "070702", content: "abc" };
  const end = entry({ name: "TRAILER!!!", mode: 0, magic: "070702" });
  const withSum = (sum: number) => Buffer.from(entry({ ...one, sum }) + end, "latin1");
  expect(await treeIn(withSum(294))).toMatchObject({ a: { content: "abc" } });
  await expect(unpack(withSum(295))).rejects.toThrow(
    "old.cpio: a does not have the sum that its header says",
  );
});

describe("what makes no sense is refused, with its place:", () => {
  const good = archive(entry({ name: "a", content: "12345" }));
  const changed = (at: number, text: string): Buffer => {
    const copy = Buffer.from(good);
    copy.write(text, at, "latin1");
    return copy;
  };
  test.each<[title: string, bytes: Uint8Array, message: string]>([
    ["nothing", Buffer.alloc(0), "old.cpio is no CPIO archive"],
    ["text", Buffer.from("#!/bin/sh\n"), "old.cpio is no CPIO archive"],
    ["gzip", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0]), "old.cpio is compressed with gzip"],
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), "old.cpio is compressed with zstd"],
    ["the old form", Buffer.from([0xc7, 0x71, 0, 0, 0, 0]), 'make it with "cpio -H newc"'],
    ["half a header", good.subarray(0, 50), "is cut off at byte 50"],
    ["half a content", good.subarray(0, 114), "is cut off at byte 114: the entry at byte 0"],
    ["no trailer", good.subarray(0, 120), "is cut off at byte 120: its trailer is missing"],
    ["letters for numbers", changed(20, "xyz"), "has a broken header at byte 0"],
    ["a name without end", changed(111, "b"), "has a broken header at byte 0"],
    ["an endless name", changed(94, "7"), "has a broken header at byte 0"],
    ["another size", changed(61, "c"), "has no header at byte 124, where one should be"],
    ["garbage behind", Buffer.concat([good, Buffer.from("abcd")]), "has no header at byte 244"],
    ["a path that goes up", archive(entry({ name: "../a" })), "old.cpio: ../a leads out of"],
  ])("%s", async (_, bytes, message) => {
    await expect(unpack(bytes)).rejects.toThrow(message);
    await expect(unpack(bytes)).rejects.toThrow(FormatError);
  });

  test("whatever is cut off or changed, it is a mistake of the archive or it is read", async () => {
    const bytes = pack(entriesOf(sample));
    const at = fc.nat({ max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(at, at, fc.nat({ max: 255 }), async (end, index, value) => {
        const broken = Buffer.from(bytes.subarray(0, end));
        if (index < end) broken[index] = value;
        const result = await unpack(broken).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(FormatError);
      }),
      { numRuns: 200 },
    );
  });
});

test.skipIf(lacks("cpio"))(
  "archives by GNU cpio are read, with sums, of the older form, and hard links too",
  async () => {
    const home = temporaryDirectory();
    writeTree(join(home, "rootfs"), sample);
    linkSync(join(home, "rootfs/a/f"), join(home, "rootfs/a/hard"));
    const expected = pack(newcEntriesOf(join(home, "rootfs")));
    const names = "b\na\na/hard\na-l\na/f\n.\n";
    for (const form of ["newc", "crc", "odc"]) {
      const file = join(home, form);
      const options = { cwd: join(home, "rootfs"), input: Buffer.from(names) };
      run("cpio", ["-o", "-H", form, "--quiet", "-O", file], options);
      const rewriting = { mtime: 0, path: form, onSkipped: () => undefined };
      await rewriteArchive(file, join(home, "new"), rewriting, noSignal);
      expect(readFileSync(join(home, "new")).equals(expected)).toBe(true);
    }
  },
);

test.skipIf(lacks("bsdcpio"))("archives by bsdcpio are read, with hard links too", async () => {
  const home = temporaryDirectory();
  writeTree(join(home, "rootfs"), sample);
  mkdirSync(join(home, "rootfs/empty"));
  linkSync(join(home, "rootfs/a/f"), join(home, "rootfs/hard"));
  const options = {
    cwd: join(home, "rootfs"),
    input: Buffer.from("hard\nempty\nb\na\na-l\na/f\n"),
  };
  run("bsdcpio", ["-o", "-H", "newc", "--quiet", "-O", join(home, "old")], options);
  const rewriting = { mtime: 0, path: "old", onSkipped: () => undefined };
  await rewriteArchive(join(home, "old"), join(home, "new"), rewriting, noSignal);
  const expected = pack(newcEntriesOf(join(home, "rootfs")));
  expect(readFileSync(join(home, "new")).equals(expected)).toBe(true);
});
