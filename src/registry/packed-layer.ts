// Layers, packed in another way: another digest, and the same content.

import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

import { compressed, type Packing } from "../fetch/compress.ts";
import { decompressed } from "../fetch/decompress.ts";
import { FormatError } from "../format/format-error.ts";
import type { Descriptor } from "../format/image-config.ts";
import { type ImageLayout, mediaType } from "../format/image-layout.ts";
import { blobsIn } from "./layout.ts";

/** Where layers are packed. */
export interface PackingPlace {
  /** Of `directory`, where the layers are, and where they go. */
  readonly layout: ImageLayout;
  readonly directory: string;
  /** A path that nobody else has. */
  readonly temporaryPath: () => string;
  /** Where programs are, as in `PATH`. */
  readonly searchPath: string;
  readonly signal: AbortSignal;
}

/** `layer`, which `place` has, packed as `packing` says. Throws a FormatError or a FetchError. */
export async function packedLayer(
  layer: Descriptor,
  packing: Packing | "none",
  place: PackingPlace,
): Promise<Descriptor> {
  const format = formatOf(layer);
  if (format === formats[packing]) return layer;
  const path = blobsIn(place.directory)(layer.digest);
  let plain = path;
  if (format !== "tar") {
    plain = place.temporaryPath();
    await pipeline(decompressed(path, format, place), createWriteStream(plain));
  }
  const { layout } = place;
  const {
    digest,
    size,
    mediaType: type,
  } = packing === "none"
    ? await layout.addStream(mediaType.layer, createReadStream(plain))
    : await layout.addStream(`${mediaType.layer}+${packing}`, compressed(plain, packing, place));
  return { ...layer, mediaType: type, digest, size };
}

const formats = { none: "tar", gzip: "tar.gz", zstd: "tar.zst" } as const;

/** Docker's types end as those of OCI do, but for a dot. */
function formatOf({ mediaType: type, digest }: Descriptor): "tar" | "tar.gz" | "tar.zst" {
  if (type.endsWith(".tar")) return "tar";
  if (/\.tar[+.]gzip$/.test(type)) return "tar.gz";
  if (type.endsWith(".tar+zstd")) return "tar.zst";
  throw new FormatError(digest, `is a layer of the type ${type}, which cannot be packed anew`);
}
