// Images for tests: layouts as the engine writes them, of files of its own.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";

import { writeImage } from "../../src/format/image.ts";
import type { BlobKeeper } from "../../src/registry/pull-image.ts";

/** Writes the layout `<directory>/<name>` of an image for qemu/x86_64 and fc/arm64; gives its path. */
export async function writeTestImage(
  directory: string,
  {
    name = "unikraft.org/app:1.0",
    kernelBytes = 3000,
  }: { name?: string; kernelBytes?: number } = {},
): Promise<string> {
  const kernel = join(directory, "kernel");
  const initrd = join(directory, "initrd");
  writeFileSync(kernel, noise(kernelBytes, "kernel"));
  writeFileSync(initrd, noise(2000, "initrd"));
  const layout = join(directory, "layout");
  const shared = { kernel, initrd, args: ["/app"], env: ["A=1"], labels: {} };
  const kconfig = 'CONFIG_UK_FULLVERSION="0.18.0"\nCONFIG_LIBVFSCORE=y\n';
  const targets = [
    { ...shared, name: "qemu-x86_64", platform: "qemu", architecture: "x86_64", kconfig },
    { ...shared, name: "fc-arm64", platform: "fc", architecture: "arm64", kconfig: "" },
  ];
  await writeImage(layout, { kind: "index", name, targets }, new AbortController().signal);
  return layout;
}

/** `count` bytes that do not compress, the same for the same `seed`. */
export function noise(count: number, seed: string): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 64 < count; i++) {
    parts.push(createHash("sha512").update(`${seed} ${i}`).digest());
  }
  return Buffer.concat(parts).subarray(0, count);
}

/** What the layout `directory` names first: the digest, and the tag. */
export function rootOf(directory: string, index = 0): { digest: string; tag: string } {
  const value = JSON.parse(readFileSync(join(directory, "index.json"), "utf8")) as {
    manifests: { digest: string; annotations?: Record<string, string> }[];
  };
  const found = value.manifests[index];
  const tag = found?.annotations?.["org.opencontainers.image.ref.name"] ?? "";
  return { digest: found?.digest ?? "", tag };
}

/** Keeps blobs in `directory`, which may be the same for several pulls. */
export function directoryKeeper(directory: string): BlobKeeper & { kept: () => string[] } {
  mkdirSync(join(directory, "kept"), { recursive: true });
  let count = 0;
  const pathOf = (digest: string) => join(directory, "kept", digest.replace("sha256:", ""));
  const kept = () => readdirSync(join(directory, "kept")).sort();
  return {
    kept,
    find: ({ digest }) => (kept().includes(digest.slice(7)) ? pathOf(digest) : undefined),
    keep: (path, { digest }) => {
      writeFileSync(pathOf(digest), readFileSync(path));
      return pathOf(digest);
    },
    partialPath: ({ digest }) => join(directory, `partial-${digest.slice(7)}`),
    temporaryPath: () => join(directory, `draft-${count++}`),
  };
}

/** Adds to `layout` a manifest that is about `subject`; gives its descriptor. */
export function writeReferrer(
  layout: string,
  { subject, artifactType }: { subject: string; artifactType: string },
) {
  const add = (mediaType: string, text: string) => {
    const hex = createHash("sha256").update(text).digest("hex");
    writeFileSync(join(layout, "blobs/sha256", hex), text);
    const size = Buffer.byteLength(text);
    return { mediaType, digest: `sha256:${hex}`, size, annotations: {} };
  };
  const config = add("application/vnd.oci.empty.v1+json", "{}");
  const about = readFileSync(join(layout, "blobs/sha256", subject.slice(7)));
  const index = "application/vnd.oci.image.index.v1+json";
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType,
    config,
    layers: [add(artifactType, `a statement of ${artifactType}`)],
    subject: { mediaType: index, digest: subject, size: about.byteLength },
  };
  return add(manifest.mediaType, JSON.stringify(manifest));
}
