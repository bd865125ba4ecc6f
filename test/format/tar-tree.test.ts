import {
  chmodSync,
  linkSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { treeOfTar } from "../../src/format/tar-tree.ts";
import { lacks, run, temporaryDirectory } from "./format-rig.ts";
import { diskLines, linesOf, opened } from "./tree-rig.ts";

/** A directory with all that tar can hold without being root. */
function sample(): { directory: string; tar: string } {
  const base = temporaryDirectory();
  const directory = join(base, "root");
  mkdirSync(join(directory, "etc/empty"), { recursive: true });
  writeFileSync(join(directory, "etc/app.conf"), "key=value\n");
  writeFileSync(join(directory, "none"), "");
  writeFileSync(join(directory, "su"), "#!/bin/sh\n");
  chmodSync(join(directory, "su"), 0o4755);
  linkSync(join(directory, "su"), join(directory, "also-su"));
  symlinkSync("../etc/app.conf", join(directory, "etc/link"));
  symlinkSync("x".repeat(300), join(directory, "long-link"));
  mkdirSync(join(directory, "d".repeat(120), "e".repeat(200)), { recursive: true });
  writeFileSync(join(directory, "d".repeat(120), "e".repeat(200), "f".repeat(90)), "deep");
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/caf`), Buffer.from([0xe9])]), "latin1");
  run("mkfifo", [join(directory, "pipe")]);
  writeHoles(join(directory, "holes"));
  return { directory, tar: join(base, "root.tar") };
}

/** Data, a hole, more data than fits into the header's own map, and a hole at the end. */
function writeHoles(path: string): void {
  const descriptor = openSync(path, "w");
  for (let i = 0; i < 30; i++) writeSync(descriptor, `piece ${i}`, i * 100_000);
  closeSync(descriptor);
  truncateSync(path, 5_000_000);
}

const forms: Record<string, string[]> = {
  "GNU's format": ["--format=gnu"],
  "GNU's format with holes": ["--format=gnu", "--sparse"],
  "the format pax": ["--format=pax"],
  "the format pax with holes 0.0": ["--format=pax", "--sparse", "--sparse-version=0.0"],
  "the format pax with holes 0.1": ["--format=pax", "--sparse", "--sparse-version=0.1"],
  "the format pax with holes 1.0": ["--format=pax", "--sparse", "--sparse-version=1.0"],
};

for (const [form, options] of Object.entries(forms)) {
  test.skipIf(lacks("tar"))(
    `an archive of tar in ${form} is the directory that it was made of`,
    () => {
      const { directory, tar } = sample();
      run("tar", [...options, "-C", directory, "-cf", tar, "."]);
      const shown = { owners: true, times: true };
      expect(linesOf(treeOfTar(opened(tar)), shown)).toEqual(diskLines(directory, shown));
    },
  );
}

test.skipIf(lacks("bsdtar"))("an archive of bsdtar is the directory that it was made of", () => {
  const { directory, tar } = sample();
  run("bsdtar", ["--format=pax", "-C", directory, "-cf", tar, "."]);
  const shown = { owners: true, times: true };
  expect(linesOf(treeOfTar(opened(tar)), shown)).toEqual(diskLines(directory, shown));
});

test.skipIf(lacks("bsdtar"))("extended attributes and devices are read", () => {
  const directory = temporaryDirectory();
  const tar = join(directory, "made.tar");
  const mtree = [
    "#mtree",
    "./dev type=dir mode=0755 uid=0 gid=0",
    "./dev/null type=char mode=0666 uid=0 gid=3 device=native,1,3",
    "./dev/disk type=block mode=0660 uid=5 gid=6 device=native,8,1",
    "",
  ].join("\n");
  run("bsdtar", ["--format=pax", "-cf", tar, "@-"], { cwd: directory, input: Buffer.from(mtree) });
  expect(linesOf(treeOfTar(opened(tar)), { owners: true })).toEqual([
    "dev directory 0755 0:0",
    "dev/disk block 0660 8:1 5:6",
    "dev/null character 0666 1:3 0:3",
  ]);
});

test.skipIf(lacks("tar"))("an archive that is cut off is no shorter tree", () => {
  const { directory, tar } = sample();
  run("tar", ["-C", directory, "-cf", tar, "."]);
  truncateSync(tar, 20_480);
  expect(() => treeOfTar(opened(tar))).toThrow(/^root\.tar is cut off at byte 20480/);
});
