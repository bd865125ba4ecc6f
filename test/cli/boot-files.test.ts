import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

import { bootFilesOf, imagesIn } from "../../src/cli/boot-files.ts";
import { imageOfLayout } from "../../src/cli/layout-image.ts";
import { writeImage } from "../../src/format/image.ts";
import { registryDigestOf } from "../../src/registry/registry-digest.ts";
import { type Member, tar } from "../fetch/forge.ts";

const { signal } = new AbortController();
let place = "";

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "boot-files-"));
});

afterEach(() => rmSync(place, { recursive: true, force: true }));

/** A layer that has `data` as `name`, packed by gzip. */
function packed(name: string, data: Buffer) {
  const plain = tar({ name, body: data });
  const file = join(place, `${basename(name)}.tar`);
  const compressed = `${file}.gz`;
  writeFileSync(file, plain);
  writeFileSync(compressed, gzipSync(plain, { level: 9 }));
  return { tar: file, compressed, compression: "gzip" as const };
}

/** An image with `initrd`, stored. */
async function imageWith(initrd: Buffer) {
  const layers = {
    kernel: packed("unikraft/bin/kernel", Buffer.from("a kernel")),
    initrd: packed("unikraft/bin/initrd", initrd),
  };
  const target = {
    name: "qemu-x86_64",
    platform: "qemu",
    architecture: "x86_64",
    kconfig: "",
    kernel: layers.kernel.tar,
    initrd: layers.initrd.tar,
    layers,
    args: ["/app"],
    env: [],
    labels: {},
  };
  const layout = join(place, "layout");
  const name = "unikraft.org/app:1";
  await writeImage(layout, { kind: "image", name, targets: [target] }, signal);
  const image = imageOfLayout(layout);
  const [manifest] = imagesIn(image);
  return { image, manifest: manifest! };
}

test("an image boots whose root file system is mostly zeros, which gzip packs a thousandfold", async () => {
  const sizeBytes = 70 * 2 ** 20;
  const { image, manifest } = await imageWith(Buffer.alloc(sizeBytes));
  const spec = await bootFilesOf(image, manifest, { directory: join(place, "boot"), signal });
  expect(statSync(spec.initrd!).size).toBe(sizeBytes);
});

/** An image whose one layer has `members`, and names `/kernel` as what boots. */
async function imageOf(...members: readonly Member[]) {
  const { image, manifest } = await imageWith(Buffer.from("own"));
  const { content } = manifest;
  if (content.kind === "index") throw new Error("bug: it is an image");
  const bytes = tar(...members);
  const digest = registryDigestOf(bytes);
  writeFileSync(image.blobs(digest), bytes);
  const annotations = { "org.unikraft.kernel.image": "/kernel" };
  const mediaType = "application/vnd.oci.image.layer.v1.tar";
  const layer = { mediaType, digest, size: bytes.byteLength, annotations };
  return { image, manifest: { ...manifest, content: { ...content, layers: [layer] } } };
}

test("links of an image lead to its own files, and absolute ones are from its root", async () => {
  const { image, manifest } = await imageOf(
    { name: "boot/vmlinux-1", body: Buffer.from("linked") },
    { name: "boot/current", type: "2", link: "vmlinux-1" },
    { name: "kernel", type: "2", link: "/boot/current" },
  );
  const spec = await bootFilesOf(image, manifest, { directory: join(place, "boot"), signal });
  expect(readFileSync(spec.kernel, "utf8")).toBe("linked");
});

test("a link of an image to what only this machine has leads nowhere", async () => {
  writeFileSync(join(place, "secret"), "of the machine");
  for (const link of [join(place, "secret"), "../../../../secret", "kernel"]) {
    const { image, manifest } = await imageOf({ name: "kernel", type: "2", link });
    const directory = join(place, `boot-${link.length}`);
    await expect(bootFilesOf(image, manifest, { directory, signal })).rejects.toThrow(
      "has no file /kernel, which it says to boot from",
    );
    rmSync(join(place, "layout"), { recursive: true });
  }
});

test("an image boots from files of its own, whatever path it states", async () => {
  const { image, manifest } = await imageWith(Buffer.from("own"));
  const { content } = manifest;
  if (content.kind === "index") throw new Error("bug: it is an image");
  const layers = content.layers.map((layer) => {
    const stated = Object.entries(layer.annotations);
    const annotations = stated.map(([key, path]) => [key, `../../..${path}`] as const);
    return { ...layer, annotations: Object.fromEntries(annotations) };
  });
  const hostile = { ...manifest, content: { ...content, layers } };
  const spec = await bootFilesOf(image, hostile, { directory: join(place, "boot"), signal });
  expect(readFileSync(spec.kernel, "utf8")).toBe("a kernel");
  expect(readFileSync(spec.initrd!, "utf8")).toBe("own");
});
