// Archives of any compression as plain ones, by their first bytes.

import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";

import { decompressed } from "../fetch/decompress.ts";

type Compression = Parameters<typeof decompressed>[1];

/** `file` itself if it is plain, else `scratch`, to which it was decompressed. */
export async function plainTarOf(
  file: string,
  scratch: string,
  signal: AbortSignal,
): Promise<string> {
  const compression = compressionOf(headOf(file));
  if (compression === undefined || compression === "tar") return file;
  const handle = await open(scratch, "w");
  try {
    for await (const piece of decompressed(file, compression, { signal, searchPath })) {
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  return scratch;
}

const searchPath = "/usr/local/bin:/usr/bin:/bin";

/** How what begins with `head` is packed, whatever it is called; undefined: it is no archive. */
export function compressionOf(head: Buffer): Compression | undefined {
  const hex = head.toString("hex", 0, 6);
  if (hex.startsWith("1f8b08")) return "tar.gz";
  if (hex.startsWith("425a68")) return "tar.bz2";
  if (hex.startsWith("fd377a585a00")) return "tar.xz";
  if (hex.startsWith("28b52ffd")) return "tar.zst";
  return isTar(head) ? "tar" : undefined;
}

/** Whether `head` is the header of a tar archive. */
export function isTar(head: Buffer): boolean {
  return head.length >= 262 && head.toString("latin1", 257, 262) === "ustar";
}

/** The first bytes of `file`: as many as a header of tar has. */
export function headOf(file: string): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const head = Buffer.alloc(512);
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
