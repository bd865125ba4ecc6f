import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

import { bootFilesOf, imagesIn } from "../../src/cli/boot-files.ts";
import { imageOfLayout } from "../../src/cli/layout-image.ts";
import { writeImage } from "../../src/format/image.ts";
import { tar } from "../fetch/forge.ts";

const { signal } = new AbortController();
let place = "";

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "boot-files-"));
});

afterEach(() => rmSync(place, { recursive: true, force: true }));

/** A layer that has `data` as `name`, packed by gzip. */
function packed(name: string, data: Buffer) {
  const plain = tar({ name, body: data });
  const [file, compressed] = [join(place, `${name.length}.tar`), join(place, `${name.length}.gz`)];
  writeFileSync(file, plain);
  writeFileSync(compressed, gzipSync(plain, { level: 9 }));
  return { tar: file, compressed, compression: "gzip" as const };
}

test("an image boots whose root file system is mostly zeros, which gzip packs a thousandfold", async () => {
  const sizeBytes = 70 * 2 ** 20;
  const kernel = packed("unikraft/bin/kernel", Buffer.from("a kernel"));
  const initrd = packed("unikraft/bin/initrd", Buffer.alloc(sizeBytes));
  const target = {
    name: "qemu-x86_64",
    platform: "qemu",
    architecture: "x86_64",
    kconfig: "",
    kernel: kernel.tar,
    initrd: initrd.tar,
    layers: { kernel, initrd },
    args: ["/app"],
    env: [],
    labels: {},
  };
  const layout = join(place, "layout");
  await writeImage(
    layout,
    { kind: "image", name: "unikraft.org/app:1", targets: [target] },
    signal,
  );
  const image = imageOfLayout(layout);
  const [manifest] = imagesIn(image);
  const directory = join(place, "boot");
  const spec = await bootFilesOf(image, manifest!, { directory, signal });
  expect(statSync(spec.initrd!).size).toBe(sizeBytes);
});
