import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Limits } from "../../src/fetch/limits.ts";
import { unpackLayers } from "../../src/fetch/unpack-layers.ts";
import { type Member, tar } from "./forge.ts";

let place = "";

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "unpack-layers-"));
});

afterEach(() => rmSync(place, { recursive: true, force: true }));

/** Unpacks `layers` into `files`, the second of two packed by gzip. */
function unpacked(layers: readonly (readonly Member[])[], limits: Partial<Limits> = {}) {
  const paths = layers.map((members, i) => {
    const path = join(place, `layer-${i}`);
    writeFileSync(path, i % 2 === 0 ? tar(...members) : gzipSync(tar(...members)));
    return path;
  });
  const { signal } = new AbortController();
  const options = { name: "the image", spool: join(place, "spool"), signal, limits };
  return unpackLayers(paths, join(place, "files"), options);
}

const at = (path: string) => join(place, "files", path);
const read = (path: string) => readFileSync(at(path), "utf8");

test("links of an image are laid down as it has them, absolute ones and relative ones", async () => {
  await unpacked([
    [
      { name: "bin/busybox", mode: 0o755, body: "all of them" },
      { name: "bin/ls", type: "2", link: "/bin/busybox" },
      { name: "bin/cat", type: "2", link: "busybox" },
      { name: "bin/up", type: "2", link: "../../../etc/passwd" },
      { name: "bin/sh", type: "1", link: "bin/busybox" },
    ],
  ]);
  expect(readlinkSync(at("bin/ls"))).toBe("/bin/busybox");
  expect(readlinkSync(at("bin/cat"))).toBe("busybox");
  expect(readlinkSync(at("bin/up"))).toBe("../../../etc/passwd");
  expect(read("bin/cat")).toBe("all of them");
  expect(lstatSync(at("bin/sh")).ino).toBe(lstatSync(at("bin/busybox")).ino);
  expect(lstatSync(at("bin/sh")).mode & 0o700).toBe(0o700);
});

test("what an upper layer hides is not laid down, and neither is what hides it", async () => {
  await unpacked([
    [
      { name: "etc/old", body: "1" },
      { name: "etc/kept", body: "2" },
      { name: "var/log/a", body: "3" },
    ],
    [{ name: "etc/.wh.old" }, { name: "var/log/.wh..wh..opq" }, { name: "var/log/b", body: "4" }],
  ]);
  expect(readdirSync(at("etc"))).toEqual(["kept"]);
  expect(readdirSync(at("var/log"))).toEqual(["b"]);
  expect(readdirSync(place).sort()).toEqual(["files", "layer-0", "layer-1"]);
});

test("nothing is written through links, of the image or of the directory", async () => {
  mkdirSync(join(place, "outside"));
  writeFileSync(join(place, "outside/file"), "mine");
  mkdirSync(at("."));
  symlinkSync("../outside", at("data"));
  symlinkSync("../outside/file", at("file"));
  await unpacked([
    [
      { name: "data/file", body: "theirs" },
      { name: "file", body: "theirs" },
      { name: "out", type: "2", link: "../outside" },
      { name: "out/file", body: "theirs" },
    ],
  ]);
  expect(read("../outside/file")).toBe("mine");
  expect(readdirSync(join(place, "outside"))).toEqual(["file"]);
  // As on a machine whose root the image is, which has nothing above it.
  expect([read("data/file"), read("file"), read("outside/file")]).toEqual(Array(3).fill("theirs"));
});

test("an image is laid down over what is there, but in place of no directory", async () => {
  mkdirSync(at("etc"), { recursive: true });
  writeFileSync(at("etc/mine"), "stays");
  writeFileSync(at("etc/conf"), "of before");
  await unpacked([[{ name: "etc/conf", body: "of the image" }]]);
  expect([read("etc/mine"), read("etc/conf")]).toEqual(["stays", "of the image"]);
  await expect(unpacked([[{ name: "etc", body: "a file" }]])).rejects.toThrow(
    /files\/etc is a directory, where the image has none$/,
  );
  expect(read("etc/mine")).toBe("stays");
});

test("devices are left out, and told", async () => {
  const left = await unpacked([
    [
      { name: "dev/null", type: "3" },
      { name: "dev/log", type: "6" },
      { name: "file", body: "1" },
    ],
  ]);
  expect(left).toEqual(["dev/log", "dev/null"]);
  expect(readdirSync(at("."))).toEqual(["dev", "file"]);
});

test("an image is bounded by its size, packed or not", async () => {
  const bound = { totalBytes: 10_000 };
  const zeros = [{ name: "zeros", body: Buffer.alloc(20_000) }];
  const refusal = /^the image unpacks to more than 10000 bytes$/;
  await expect(unpacked([zeros], bound)).rejects.toThrow(refusal);
  await expect(unpacked([[], zeros], bound)).rejects.toThrow(refusal);
});
