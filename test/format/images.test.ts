import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { packNewc } from "../../src/format/newc.ts";
import { newcEntriesOfTree } from "../../src/format/newc-tree.ts";
import { packErofs } from "../../src/format/erofs-image.ts";
import { writeExt } from "../../src/format/ext-image.ts";
import { packTar } from "../../src/format/tar-writer.ts";
import { treeOfTar } from "../../src/format/tar-tree.ts";
import { lacks, noSignal, run, temporaryDirectory } from "./format-rig.ts";
import { facts, file, sampleTree, treeOf } from "./tree-sample.ts";
import { diskLines, linesOf, opened } from "./tree-rig.ts";

const uuid = Buffer.from("6b726166-742d-4772-a170-680000000000".replaceAll("-", ""), "hex");
const kept = { mtime: 1_700_000_000, owners: "kept", uuid } as const;

/** A file with `pieces`, one after the other. */
function written(name: string, pieces: Iterable<Uint8Array>): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, Buffer.concat([...pieces].map((piece) => Buffer.from(piece))));
  return path;
}

const isRoot = process.getuid?.() === 0;

test("a tree in a tar archive is read back as it was", () => {
  const tar = written("tree.tar", packTar(sampleTree(), { ...kept, mtime: 0 }));
  const shown = { owners: true, times: true };
  expect(linesOf(treeOfTar(opened(tar)), shown)).toEqual(linesOf(sampleTree(), shown));
});

test.skipIf(lacks("tar") || !isRoot)("GNU tar and bsdtar unpack what is in a tar archive", () => {
  const tar = written("tree.tar", packTar(sampleTree(), kept));
  const expected = linesOf(withoutXattrs(), { owners: true });
  for (const program of ["tar", "bsdtar"].filter((one) => !lacks(one))) {
    const into = join(temporaryDirectory(), "out");
    mkdirSync(into);
    run(program, ["-xpf", tar, "-C", into, "--numeric-owner"]);
    expect(diskLines(into, { owners: true })).toEqual(expected);
  }
});

/** Whether Linux can be asked what it sees in an image of `type`: as root, with loop devices. */
function mounts(type: string): boolean {
  if (!isRoot || lacks("unshare") || lacks("tar")) return false;
  if (!readFileSync("/proc/filesystems", "utf8").includes(`\t${type}\n`)) return false;
  const probe = ["-m", "sh", "-c", "mount -t tmpfs none /mnt && test -e /dev/loop-control"];
  return spawnSync("unshare", probe).status === 0;
}

/** The lines of what Linux shows when `image` is mounted, of which nothing is left afterwards. */
function mountedLines(type: string, image: string): string[] {
  const home = temporaryDirectory();
  const [into, tar] = [join(home, "mounted"), join(home, "seen.tar")];
  mkdirSync(into);
  const options = "--format=pax --xattrs --xattrs-include=* --numeric-owner --sort=name";
  const script = `mount -t ${type} -o loop,ro "$1" "$2" && tar ${options} -C "$2" -cf "$3" .`;
  run("unshare", ["-m", "sh", "-c", script, "sh", image, into, tar]);
  return linesOf(treeOfTar(opened(tar)), { owners: true });
}

/** The sample as a walk of the disk shows it, which reads no attributes. */
function withoutXattrs() {
  const tree = sampleTree();
  const { uid, gid } = tree.get(Buffer.from("xattrs")) ?? facts;
  tree.set(Buffer.from("xattrs"), file("has attributes", { uid, gid }));
  return tree;
}

test("sockets, which tar cannot hold, are an error", () => {
  const tree = treeOf({ "run/sock": { kind: "socket", ...facts } });
  expect(() => [...packTar(tree, kept)]).toThrow("run/sock is a socket, which tar cannot hold");
});

test("what the program of SquashFS would cut off without a word is an error", () => {
  const squash = (tree: ReturnType<typeof treeOf>, owners: "kept" | "root") =>
    [...packTar(tree, { mtime: 0, owners, forSquashfs: true })].length;
  const long = `bin/${"x".repeat(256)}`;
  expect(() => squash(treeOf({ [long]: file("") }), "root")).toThrow(`${long} has too long a name`);
  expect(squash(treeOf({ [long.slice(0, -1)]: file("") }), "root")).toBeGreaterThan(0);
  const owned = treeOf({ one: file("", { uid: 0xffff_ffff, gid: 2 ** 32 }) });
  expect(() => squash(owned, "kept")).toThrow("one has an owner that SquashFS cannot hold");
  expect(squash(owned, "root")).toBeGreaterThan(0);
});

test.skipIf(lacks("fsck.erofs"))("an EROFS image of all kinds of files is sound", () => {
  const image = written("tree.erofs", packErofs(sampleTree(), kept));
  run("fsck.erofs", [image]);
});

test.skipIf(!mounts("erofs"))("Linux sees in an EROFS image the tree that it was made of", () => {
  const image = written("tree.erofs", packErofs(sampleTree(), kept));
  expect(mountedLines("erofs", image)).toEqual(linesOf(sampleTree(), { owners: true }));
});

for (const form of ["ext2", "ext4"] as const) {
  const write = async (tree = sampleTree()): Promise<string> => {
    const image = join(temporaryDirectory(), `tree.${form}`);
    await writeExt(tree, image, { ...kept, form }, noSignal);
    return image;
  };

  test.skipIf(lacks("e2fsck"))(`an ${form} image of all kinds of files is sound`, async () => {
    run("e2fsck", ["-fn", await write()]);
  });

  test.skipIf(lacks("e2fsck"))(`an ${form} image of several groups is sound`, async () => {
    const large = { ...facts, kind: "file", content: bytesWithHoles() } as const;
    run("e2fsck", ["-fn", await write(treeOf({ large, small: file("beside") }))]);
  });

  test.skipIf(!mounts(form))(
    `Linux sees in an ${form} image the tree that it was made of`,
    async () => {
      expect(mountedLines(form, await write())).toEqual(linesOf(sampleTree(), { owners: true }));
    },
  );
}

/** More than two groups, where every fourth block is a hole, which is many extents. */
function bytesWithHoles() {
  const sizeBytes = 300 * 2 ** 20;
  const piece = Buffer.alloc(65_536, "no hole ");
  for (let at = 0; at < piece.length; at += 16_384) piece.fill(0, at, at + 4096);
  const read = function* (): Generator<Uint8Array> {
    for (let at = 0; at < sizeBytes; at += piece.length) yield piece;
  };
  return { sizeBytes, read };
}

test("a sparse file of 3 GiB fits into CPIO, whose size says so, and one of 4 GiB is an error", () => {
  const packed = (sizeBytes: number) =>
    packNewc(
      newcEntriesOfTree(sized(sizeBytes), "root", () => undefined),
      { mtime: 0 },
    );
  let sizeBytes = 0;
  for (const piece of packed(3 * 2 ** 30)) sizeBytes += piece.byteLength;
  expect(sizeBytes - 3 * 2 ** 30).toBeLessThan(1024);
  expect(() => [...packed(2 ** 32)]).toThrow("disk is too large for CPIO: 4 GiB or more");
});

/** A tree of one file of nothing but zeros. */
function sized(sizeBytes: number) {
  const read = function* (): Generator<Uint8Array> {
    for (let left = sizeBytes; left > 0; left -= zeros.length) {
      yield left < zeros.length ? zeros.subarray(0, left) : zeros;
    }
  };
  return treeOf({ disk: { ...facts, kind: "file", content: { sizeBytes, read } } });
}

const zeros = Buffer.alloc(2 ** 20);

test.skipIf(lacks("e2fsck"))(
  "a file of 3 GiB of holes takes no room in an ext4 image",
  async () => {
    const image = join(temporaryDirectory(), "holes.ext4");
    await writeExt(sized(3 * 2 ** 30), image, { ...kept, form: "ext4" }, noSignal);
    run("e2fsck", ["-fn", image]);
    expect(statSync(image).blocks * 512).toBeLessThan(2 ** 26);
  },
);

test("tar and EROFS hold a file of 3 GiB, and so many bytes of it", () => {
  for (const pieces of [packTar(sized(3 * 2 ** 30), kept), packErofs(sized(3 * 2 ** 30), kept)]) {
    let sizeBytes = 0;
    for (const piece of pieces) sizeBytes += piece.byteLength;
    expect(sizeBytes).toBeGreaterThan(3 * 2 ** 30);
    expect(sizeBytes - 3 * 2 ** 30).toBeLessThan(2 ** 15);
  }
});
