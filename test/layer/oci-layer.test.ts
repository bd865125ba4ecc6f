import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { openArchive } from "../../src/format/archive-bytes.ts";
import { FileTree, type FileNode, plainDirectory } from "../../src/format/file-tree.ts";
import { readTar } from "../../src/format/tar-archive.ts";
import { applyLayer } from "../../src/format/tar-tree.ts";
import { type LayerEntry, layOver } from "../../src/layer/layer.ts";
import { packOciLayer } from "../../src/layer/oci-layer.ts";
import { packLayer } from "../../src/layer/pack-layer.ts";

const file = (text: string): FileNode => {
  const bytes = Buffer.from(text);
  const content = { sizeBytes: bytes.length, read: () => [bytes] };
  return { kind: "file", ...plainDirectory, mode: 0o644, content };
};
const directory = (): LayerEntry => ({
  kind: "directory",
  ...plainDirectory,
  children: new Map(),
});
const opaque = (): LayerEntry => ({
  ...(directory() as FileNode),
  kind: "directory",
  children: new Map(),
  xattrs: new Map([["trusted.overlay.opaque", Buffer.from("y")]]),
});
const gone: LayerEntry = { kind: "whiteout" };

/** The layer of `entries` as it is, as an archive, and as an image has it. */
function layers(entries: Readonly<Record<string, LayerEntry>>) {
  const place = mkdtempSync(join(tmpdir(), "kraft-layer-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const write = (name: string, pieces: Iterable<Uint8Array>) => {
    writeFileSync(join(place, name), Buffer.concat([...pieces]));
    const archive = openArchive(join(place, name), name);
    onTestFinished(() => archive.close());
    return archive;
  };
  const own = write("own", packLayer(new Map(Object.entries(entries))));
  return { own, oci: write("oci", packOciLayer(own)) };
}

/** What stands below the layer, and what is seen through it. */
function below(): FileTree {
  const tree = new FileTree();
  for (const path of ["a/old", "a/kept", "b/one", "b/two", "c"]) {
    tree.set(Buffer.from(path), file(path));
  }
  return tree;
}

/** All paths of `tree`, with what is in files. */
function shown(tree: FileTree): readonly string[] {
  return [...tree.walk()].map(({ path, node }) => {
    const text = node.kind === "file" ? Buffer.concat([...node.content.read()]).toString() : "/";
    return `${path.toString()}: ${text}`;
  });
}

test("a layer in which nothing goes away is the same in an image, byte by byte", () => {
  const { own, oci } = layers({ ".": directory(), a: directory(), "a/new": file("new") });
  expect(oci.read(0, oci.sizeBytes)).toEqual(own.read(0, own.sizeBytes));
});

test("what goes away in a layer goes away in that of an image, which says so by names", () => {
  const twin = file("twin");
  const { own, oci } = layers({
    ".": directory(),
    a: directory(),
    "a/old": gone,
    b: opaque(),
    "b/three": twin,
    "b/twin": twin,
    c: gone,
  });
  const [expected, tree] = [below(), below()];
  layOver(expected, own);
  applyLayer(tree, oci);
  expect(shown(tree)).toEqual(shown(expected));
  expect(shown(tree)).toEqual(["a: /", "a/kept: a/kept", "b: /", "b/three: twin", "b/twin: twin"]);
  const members = [...readTar(oci)].map(({ name, type, xattrs }) => {
    return `${type} ${name.toString()}${xattrs.size === 0 ? "" : " with attributes"}`;
  });
  expect(members).toEqual([
    "5 ./",
    "0 .wh.c",
    "5 a/",
    "0 a/.wh.old",
    "5 b/",
    "0 b/.wh..wh..opq",
    "0 b/three",
    "1 b/twin",
  ]);
});

test("of attributes an image has capabilities alone, as BuildKit's have", () => {
  const xattrs = new Map([
    ["user.note", Buffer.from("1")],
    ["security.capability", Buffer.from("2")],
  ]);
  const { oci } = layers({ ".": directory(), a: { ...file("a"), xattrs }, b: file("b") });
  const members = [...readTar(oci)].map(({ name, xattrs: kept }) => [
    name.toString(),
    ...kept.keys(),
  ]);
  expect(members).toEqual([["./"], ["a", "security.capability"], ["b"]]);
});
