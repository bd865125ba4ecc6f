// Container images as OCI layouts: layers of files on a base, annotations, a start. Knows no
// registry and no unikernel.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { TreeEntry } from "./file-tree.ts";
import { FormatError } from "./format-error.ts";
import { type Descriptor, sortedRecord } from "./image-config.ts";
import { ImageLayout, mediaType } from "./image-layout.ts";
import { packEntries } from "./layer-entries.ts";
import { statedConfigOf } from "./stated-config.ts";

/** What an image is made of. */
export interface ContainerImage {
  /** In the layout; absent: `latest`. */
  readonly tag?: string;
  /** As Go names it: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Seconds since 1970, from SOURCE_DATE_EPOCH; absent: the image does not say. */
  readonly created?: number;
  /** Absent: it starts from nothing. */
  readonly base?: BaseImage;
  /** Plain tar archives, the lowest first, between the layers of the base and `layers`. */
  readonly archives?: readonly Iterable<Uint8Array>[];
  /** The lowest first, on top of all others. */
  readonly layers: readonly Iterable<TreeEntry>[];
  /** Of the manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Over those of the base. */
  readonly labels: Readonly<Record<string, string>>;
  /** In place of those of the base; absent: those stay. */
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `K=V` each, behind those of the base. */
  readonly env: readonly string[];
  /** Absolute; absent: that of the base. */
  readonly workingDirectory?: string;
  /** Absent: that of the base. */
  readonly user?: string;
  /** Such as `80/tcp`, besides those of the base. */
  readonly exposed?: readonly string[];
  /** Paths, besides those of the base. */
  readonly volumes?: readonly string[];
  /** Absent: that of the base. */
  readonly stopSignal?: string;
}

/** An image that others are built on: the layers stay as they are. */
export interface BaseImage {
  /** The absolute directory of its OCI layout. */
  readonly directory: string;
  readonly layers: readonly Descriptor[];
  /** Of the content of each layer. */
  readonly diffIds: readonly string[];
  /** What its config says of its start, by the names of OCI. */
  readonly start: Readonly<Record<string, unknown>>;
}

/**
 * Writes `image` as an OCI layout into the absolute path `directory`: the same bytes for the same
 * files. Throws a FormatError, as {@link packEntries} does.
 *
 * Source: OCI image-spec, "Image Layout", "Image Manifest", "Image Configuration".
 */
export async function writeContainerImage(
  directory: string,
  image: ContainerImage,
  signal: AbortSignal,
): Promise<void> {
  const layout = await ImageLayout.open(directory, signal);
  const { base, tag = "latest", annotations } = image;
  for (const { digest } of base?.layers ?? []) {
    await layout.addBlob(blobPathOf(base!.directory, digest), digest);
  }
  const own: Descriptor[] = [];
  for (const archive of image.archives ?? []) own.push(await layout.addTar(archive));
  for (const entries of image.layers) own.push(await layout.addTar(packEntries(entries)));
  // Own layers are not compressed, so their digests are those of their content too.
  const diffIds = own.map(({ digest }) => digest);
  const config = await layout.addJson(mediaType.config, containerConfigOf(image, diffIds));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config,
    layers: [...(base?.layers ?? []), ...own],
    annotations: sortedRecord(annotations),
  };
  const descriptor = await layout.addJson(mediaType.manifest, JSON.stringify(manifest));
  const platform = { architecture: image.architecture, os: "linux" };
  const names = { "org.opencontainers.image.ref.name": tag };
  await layout.finish([{ ...descriptor, annotations: names, platform }], {});
}

function blobPathOf(directory: string, digest: string): string {
  return join(directory, "blobs", digest.replace(":", "/"));
}

/** The JSON of the config of `image`, whose own layers have `diffIds`. */
export function containerConfigOf(image: ContainerImage, diffIds: readonly string[]): string {
  const { architecture, base, created, env, labels, entrypoint, cmd, stopSignal } = image;
  const start = { ...base?.start };
  const stated = statedConfigOf({ config: start });
  const allEnv = [...stated.env, ...env];
  const allLabels = sortedRecord({ ...stated.labels, ...labels });
  const ports = [...stated.exposed, ...(image.exposed ?? [])];
  const volumes = [...stated.volumes, ...(image.volumes ?? [])];
  const config: Record<string, unknown> = {
    ...start,
    ...(allEnv.length > 0 && { Env: allEnv }),
    ...(entrypoint !== undefined && entrypoint.length > 0 && { Entrypoint: entrypoint }),
    ...(cmd !== undefined && cmd.length > 0 && { Cmd: cmd }),
    ...(image.workingDirectory !== undefined && { WorkingDir: image.workingDirectory }),
    ...(image.user !== undefined && { User: image.user }),
    ...(Object.keys(allLabels).length > 0 && { Labels: allLabels }),
    ...(ports.length > 0 && { ExposedPorts: setOf(ports) }),
    ...(volumes.length > 0 && { Volumes: setOf(volumes) }),
    ...(stopSignal !== undefined && { StopSignal: stopSignal }),
  };
  const time = created === undefined ? undefined : new Date(created * 1000).toISOString();
  return JSON.stringify({
    ...(time !== undefined && { created: time.replace(".000Z", "Z") }),
    architecture,
    os: "linux",
    config: Object.fromEntries(
      Object.keys(config)
        .sort()
        .map((key) => [key, config[key]]),
    ),
    rootfs: { type: "layers", diff_ids: [...(base?.diffIds ?? []), ...diffIds] },
  });
}

/** As Go writes a set. */
function setOf(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.toSorted().map((name) => [name, {}]));
}

/**
 * The one image in the OCI layout at the absolute path `directory`, whose blobs were verified
 * when it came.
 */
export function readBaseImage(directory: string): BaseImage {
  const index = readJson(join(directory, "index.json"));
  const [root] = (index["manifests"] ?? []) as readonly Descriptor[];
  if (root === undefined) throw new FormatError(directory, "is an OCI layout without an image");
  return baseImageOf(directory, root);
}

/** The image whose manifest in the OCI layout at the absolute path `directory` is `root`. */
export function baseImageOf(directory: string, root: Pick<Descriptor, "digest">): BaseImage {
  const manifest = readJson(blobPathOf(directory, root.digest));
  const { digest = "" } = (manifest["config"] ?? {}) as Partial<Descriptor>;
  const config = readJson(blobPathOf(directory, digest));
  return {
    directory,
    layers: Array.isArray(manifest["layers"]) ? (manifest["layers"] as Descriptor[]) : [],
    diffIds: statedConfigOf(config).diffIds,
    start: (config["config"] ?? {}) as Readonly<Record<string, unknown>>,
  };
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, unknown>>;
}
