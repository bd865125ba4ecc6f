// Whether the kernel in an image for urunc can be attached to a network. Starts nothing.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { openArchive } from "../format/archive-bytes.ts";
import { writePieces } from "../format/file-content.ts";
import { applyLayers, findImage } from "../format/image-tree.ts";
import { plainTarOf } from "../dockerfile/plain-tar.ts";
import { solo5BinaryOf } from "../format/solo5-notes.ts";
import { uruncPrefix } from "../format/urunc.ts";

/** An image of a layout. */
export interface LaidOutImage {
  /** The absolute path of an OCI layout. */
  readonly layout: string;
  /** Which one of several; as Unikraft or Go name it. */
  readonly architecture: string;
  /** Absolute: an empty directory. */
  readonly scratch: string;
}

/**
 * Whether the kernel is a Solo5 binary without network. urunc attaches one wherever the container has
 * it, and Solo5's tenders start no kernel with a device that it does not declare. Throws a FormatError.
 */
export async function isWithoutNetwork(
  { layout, architecture, scratch }: LaidOutImage,
  signal: AbortSignal,
): Promise<boolean> {
  const { descriptor, layers } = await findImage(layout, { architecture }, signal);
  const manifest = join(layout, "blobs", ...descriptor.digest.split(":"));
  const { annotations = {} } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly annotations?: Readonly<Record<string, string>>;
  };
  if (!/^(?:hvt|spt)$/.test(annotations[`${uruncPrefix}hypervisor`] ?? "")) return false;
  const plain: string[] = [];
  for (const [i, layer] of layers.entries()) {
    plain.push(await plainTarOf(layer, join(scratch, String(i)), signal));
  }
  const { tree, close } = applyLayers(plain);
  try {
    const node = tree.follow(Buffer.from(annotations[`${uruncPrefix}binary`] ?? ""));
    if (node?.kind !== "file") return false;
    const kernel = join(scratch, "kernel");
    await writePieces(kernel, node.content.read(), signal);
    const file = openArchive(kernel, "the kernel");
    try {
      const binary = solo5BinaryOf(file);
      return binary !== undefined && !binary.devices.some(({ type }) => type === "net");
    } finally {
      file.close();
    }
  } finally {
    close();
  }
}
