// The root file system of an image in an OCI layout. Knows no registry.
// Source: OCI image-spec, "Image Layout", "Image Manifest", "Image Index".

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type ArchiveBytes, openArchive } from "./archive-bytes.ts";
import { FileTree } from "./file-tree.ts";
import { FormatError } from "./format-error.ts";
import type { Descriptor, OciPlatform } from "./image-config.ts";
import { digestOfFile } from "./file-content.ts";
import { type StatedConfig, statedConfigOf } from "./stated-config.ts";
import { applyLayer } from "./tar-tree.ts";

/** What an image says about how it is started. */
export type ImageStart = Pick<
  StatedConfig,
  "entrypoint" | "cmd" | "env" | "workingDirectory" | "user" | "labels"
>;

/** An image of a layout, by the absolute paths of its layers' blobs, the lowest first. */
export interface LayoutImage {
  readonly layers: readonly string[];
  readonly start: ImageStart;
  /** All that its config says. Source: image-spec, "Image Configuration". */
  readonly config: Readonly<Record<string, unknown>>;
  readonly platform: Pick<OciPlatform, "architecture" | "os">;
  /** Its manifest. */
  readonly descriptor: Descriptor;
}

/** Which of several images is wanted. */
export interface WantedPlatform {
  /** As Unikraft or Go name it: `x86_64` or `amd64`. */
  readonly architecture: string;
  /** By default `linux`. */
  readonly os?: string;
}

/**
 * The image for `wanted` in the layout at the absolute path `directory`; the only one there is
 * counts, whatever it is for. Layers are checked against their digests. Throws a FormatError for
 * a layout that is none, and where no image or several would do.
 */
export async function findImage(
  directory: string,
  wanted: WantedPlatform,
  signal: AbortSignal,
): Promise<LayoutImage> {
  const index = readJson(directory, join(directory, "index.json"));
  const { manifest, descriptor } = await manifestIn(directory, index, { wanted, depth: 0 });
  const config = await readBlob(directory, descriptorOf(directory, manifest.config));
  const stated = statedConfigOf(config);
  const layers: string[] = [];
  for (const layer of listOf(manifest.layers)) {
    signal.throwIfAborted();
    layers.push(await checkedBlob(directory, descriptorOf(directory, layer)));
  }
  return {
    layers,
    start: startOf(stated),
    config,
    platform: { architecture: stated.platform.architecture, os: stated.platform.os },
    descriptor,
  };
}

/** A tree whose content comes from files; close it in the end. */
export interface OpenTree {
  readonly tree: FileTree;
  /** What the image says of itself that the tree is of, as JSON; absent: it is of none. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly close: () => void;
}

/** The tree that `layers`, absolute paths of plain tar archives, make when laid over each other. */
export function applyLayers(layers: readonly string[]): OpenTree {
  const archives: ArchiveBytes[] = [];
  const close = (): void => {
    for (const archive of archives) archive.close();
  };
  const tree = new FileTree();
  try {
    for (const layer of layers) {
      const archive = openArchive(layer, layer.split("/").at(-1) ?? layer);
      archives.push(archive);
      applyLayer(tree, archive);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { tree, close };
}

type Json = Readonly<Record<string, unknown>>;

/** An index in an index in an index is what nobody makes. */
const depthLimit = 3;

async function manifestIn(
  directory: string,
  index: Json,
  { wanted, depth }: { readonly wanted: WantedPlatform; readonly depth: number },
): Promise<{ readonly manifest: Json; readonly descriptor: Descriptor }> {
  const manifests = listOf(index.manifests)
    .map((one) => descriptorOf(directory, one))
    .filter(({ platform }) => platform?.os !== "unknown"); // Attestations of BuildKit.
  const chosen = chosenOf(directory, manifests, wanted);
  const document = await readBlob(directory, chosen);
  if (document.manifests === undefined) return { manifest: document, descriptor: chosen };
  if (depth === depthLimit) throw new FormatError(directory, "has indexes in indexes without end");
  return manifestIn(directory, document, { wanted, depth: depth + 1 });
}

function chosenOf(
  directory: string,
  manifests: readonly Descriptor[],
  { architecture, os = "linux" }: WantedPlatform,
): Descriptor {
  const [first, ...others] = manifests;
  if (first === undefined) throw new FormatError(directory, "has no image");
  // Several names of one image.
  if (others.every(({ digest }) => digest === first.digest)) return first;
  const name = goArchitecture(architecture);
  const fitting = manifests.filter(
    ({ platform }) => platform?.os === os && goArchitecture(platform.architecture) === name,
  );
  const [found, ...more] = new Map(fitting.map((one) => [one.digest, one])).values();
  if (found !== undefined && more.length === 0) return found;
  const platforms = manifests.map(({ platform }) =>
    platform === undefined ? "an unknown platform" : `${platform.os}/${platform.architecture}`,
  );
  const list = [...new Set(platforms)].sort().join(", ");
  const what = found === undefined ? "no image" : "several images";
  throw new FormatError(directory, `has ${what} for ${os}/${name}, but images for ${list}`);
}

function goArchitecture(name: string): string {
  return ({ x86_64: "amd64", aarch64: "arm64" } as Record<string, string>)[name] ?? name;
}

function startOf({
  entrypoint,
  cmd,
  env,
  workingDirectory,
  user,
  labels,
}: StatedConfig): ImageStart {
  return { entrypoint, cmd, env, workingDirectory, user, labels };
}

async function readBlob(directory: string, descriptor: Descriptor): Promise<Json> {
  if (descriptor.size > jsonLimit) throw new FormatError(directory, "has a manifest too large");
  return readJson(directory, await checkedBlob(directory, descriptor));
}

const jsonLimit = 16 << 20;

/** The path of a blob that is what its digest says. */
async function checkedBlob(directory: string, { digest, size }: Descriptor): Promise<string> {
  const [, algorithm = "", hash = ""] = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest) ?? [];
  if (hash === "") throw new FormatError(directory, `names a blob by ${JSON.stringify(digest)}`);
  const path = join(directory, "blobs", algorithm, hash);
  const found = await digestOfFile(path, createHash(algorithm));
  if (found === undefined) throw new FormatError(directory, `lacks the blob ${digest}`);
  if (found.hash === hash && found.sizeBytes === size) return path;
  throw new FormatError(directory, `has other bytes than it should as the blob ${digest}`);
}

function readJson(directory: string, path: string): Json {
  try {
    return recordOf(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new FormatError(directory, "is no OCI image layout: its JSON cannot be read");
  }
}

function descriptorOf(directory: string, value: unknown): Descriptor {
  const found = recordOf(value);
  const { mediaType, digest, size, platform } = found;
  if (typeof digest !== "string" || typeof size !== "number") {
    throw new FormatError(directory, "is no OCI image layout: a descriptor lacks its digest");
  }
  const { architecture, os } = recordOf(platform);
  const isPlatform = typeof architecture === "string" && typeof os === "string";
  const shared = { mediaType: textOf(mediaType), digest, size };
  return isPlatform ? { ...shared, platform: { architecture, os } } : shared;
}

function recordOf(value: unknown): Json {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Json) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
