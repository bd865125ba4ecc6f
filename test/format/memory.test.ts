// How much memory large files take; alone, as the peak of a process never goes down.

import { mkdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { writeImage } from "../../src/format/image.ts";
import { archiveDirectory, rewriteArchive } from "../../src/format/newc-file.ts";
import { noSignal, temporaryDirectory } from "./format-rig.ts";

const sizeBytes = 300 * 2 ** 20;

test("a file of 300 MiB goes through every format without staying in memory", async () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, "rootfs"));
  const disk = join(home, "rootfs/disk");
  writeFileSync(disk, "");
  truncateSync(disk, sizeBytes);
  const [first, second, image] = ["first.cpio", "second.cpio", "image"].map((n) => join(home, n));
  const rewriting = { mtime: 1, path: "first.cpio", onSkipped: () => undefined };
  const target = { platform: "qemu", architecture: "x86_64", args: [], env: [], labels: {} };
  const targets = [{ ...target, name: "qemu-x86_64", kernel: disk, initrd: second! }];

  const before = process.resourceUsage().maxRSS;
  await archiveDirectory(join(home, "rootfs"), first!, { mtime: 0 }, noSignal);
  await rewriteArchive(first!, second!, rewriting, noSignal);
  await writeImage(image!, { kind: "image", name: "large", targets }, noSignal);
  const grownBytes = (process.resourceUsage().maxRSS - before) * 1024;

  expect(statSync(second!).size).toBe(statSync(first!).size);
  expect(statSync(second!).size).toBeGreaterThan(sizeBytes);
  expect(grownBytes).toBeLessThan(sizeBytes / 3);
});
