// Images → files that a machine boots from.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { WantedPlatform } from "../action/remote-source.ts";
import { pathWithin } from "../fetch/path-within.ts";
import { unpackLayers } from "../fetch/unpack-layers.ts";
import { FormatError } from "../format/format-error.ts";
import { wellKnown } from "../format/image.ts";
import { uruncPrefix } from "../format/urunc.ts";
import { readImageConfig } from "../registry/image-config.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { partsOf } from "../registry/layout.ts";
import { formatOffered, suits } from "../registry/platform-choice.ts";
import type { StoredManifest } from "../registry/put-manifest.ts";
import { wholeBlob } from "../registry/whole-blob.ts";
import type { MachineSpec } from "../rule/rule.ts";

/** The images in `image` and in indexes within it, each once, whatever aliases it has. */
export function imagesIn({ root, blobs }: StoredImage): readonly StoredManifest[] {
  const { manifests } = partsOf(blobs, root);
  return manifests.filter(({ content }) => content.kind === "image");
}

/** The one in `image` that is for `platform`. Throws a FormatError when none is. */
export function imageFor(image: StoredImage, platform: WantedPlatform): StoredManifest {
  const all = imagesIn(image).flatMap((manifest) => {
    if (manifest.content.kind === "index") return [];
    const { platform: own } = readImageConfig(image.blobs, manifest.content.config.digest);
    return [{ manifest, offered: { ...own, features: own["os.features"] ?? [] } }];
  });
  const found = all.find(({ offered }) => suits(offered, platform));
  const [only, ...others] = all;
  if (found !== undefined) return found.manifest;
  // What urunc boots says `linux`, and which machine it is for elsewhere.
  if (only !== undefined && others.length === 0 && only.offered.os === "linux")
    return only.manifest;
  const names = all.map(({ offered }) => formatOffered(offered)).join(", ");
  const wanted = `${platform.os}/${platform.architecture}`;
  throw new FormatError(image.reference, `has no image for ${wanted}, but for ${names}`);
}

/**
 * Lays down what `manifest` boots from in the new directory `directory`; paths of the result are
 * absolute. Throws a FormatError for an image without a kernel, and a
 * FetchError for one of which something is damaged.
 */
export async function bootFilesOf(
  { reference, blobs }: StoredImage,
  { content }: StoredManifest,
  { directory, signal }: { readonly directory: string; readonly signal: AbortSignal },
): Promise<MachineSpec> {
  if (content.kind === "index") throw new Error("bug: an index boots nothing");
  const { config, layers } = content;
  const { platform, args, env, entrypoint, labels } = readImageConfig(blobs, config.digest);
  const files = join(directory, "files");
  const paths: string[] = [];
  for (const { digest } of layers) paths.push(await wholeBlob(blobs, digest));
  await unpackLayers(paths, files, { name: reference, spool: join(directory, "spool"), signal });
  const named = new Map(layers.flatMap(({ annotations }) => Object.entries(annotations)));
  const fileOf = ({ annotation }: { readonly annotation: string }) => {
    const path = named.get(annotation);
    if (path === undefined) return undefined;
    // Whoever packed it may not choose among the files of this machine.
    const found = pathWithin(files, path);
    if (found !== undefined) return found;
    throw new FormatError(reference, `has no file ${path}, which it says to boot from`);
  };
  const kernel = fileOf(wellKnown.kernel);
  const initrd = fileOf(wellKnown.initrd);
  if (kernel === undefined) throw new FormatError(reference, "has no kernel of Unikraft in it");
  const features = platform["os.features"] ?? [];
  const options = join(directory, "config");
  mkdirSync(directory, { recursive: true });
  if (features.length > 0) writeFileSync(options, `${features.map(quoted).join("\n")}\n`);
  const monitor = labels[`${uruncPrefix}hypervisor`];
  return {
    platform: platform.os === "linux" ? (monitors[monitor ?? ""] ?? "qemu") : platform.os,
    architecture: platform.architecture === "amd64" ? "x86_64" : platform.architecture,
    kernel,
    ...(initrd !== undefined && { initrd }),
    ...(features.length > 0 && { config: options }),
    name: reference.replace(/^.*\//, "").replace(/[:@].*$/, ""),
    args: [...entrypoint, ...args],
    env,
  };
}

const monitors: Readonly<Record<string, string>> = { firecracker: "fc", qemu: "qemu" };

/** As `.config` has it: what is no number and no choice is in quotes. */
function quoted(feature: string): string {
  const [, symbol = "", value = ""] = /^([^=]*)=(.*)$/s.exec(feature) ?? [];
  return /^([ymn]|-?\d+|0x[0-9a-fA-F]+)$/.test(value)
    ? feature
    : `${symbol}=${JSON.stringify(value)}`;
}
