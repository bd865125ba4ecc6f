// Whatever a root file system can be made of, as a tree. Knows no rule.

import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { openArchive } from "./archive-bytes.ts";
import { treeOfCpio } from "./cpio-tree.ts";
import { type DirectoryOptions, treeOfDirectory } from "./directory-tree.ts";
import { FormatError } from "./format-error.ts";
import { applyLayers, findImage, type OpenTree } from "./image-tree.ts";
import { originOf } from "./staged-directory.ts";
import { treeOfTar } from "./tar-tree.ts";

/** What a path holds, as its first bytes say. */
export type TreeKind =
  | "directory"
  | "layout"
  | "cpio"
  | "tar"
  | "compressed"
  | "erofs"
  | "ext"
  | "squashfs"
  | "other";

/** How to open a tree. */
export interface OpenOptions extends DirectoryOptions {
  /** What errors call it. */
  readonly name: string;
  /** Of the image to take from a layout that has several, as Unikraft names it. */
  readonly architecture: string;
  /** An absolute path under which there is nothing, for what has to be decompressed first. */
  readonly spool: string;
  readonly decompress: (file: string, into: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What stands at the absolute path `path`, which is there. */
export function treeKindOf(path: string): TreeKind {
  if (statSync(path).isDirectory()) {
    const isLayout = ["oci-layout", "index.json", "blobs"].every((one) =>
      existsSync(join(path, one)),
    );
    return isLayout ? "layout" : "directory";
  }
  const start = beginningOf(path);
  const hex = start.toString("hex", 0, 6);
  const ascii = start.toString("latin1", 0, 6);
  if (/^07070[127]$/.test(ascii) || hex.startsWith("c771") || hex.startsWith("71c7")) return "cpio";
  if (/^(1f8b|fd377a585a00|28b52ffd|5.2a4d18|425a68)/.test(hex)) return "compressed";
  if (ascii.startsWith("hsqs")) return "squashfs";
  if (start.length >= 1028 && start.readUInt32LE(1024) === 0xe0f5e1e2) return "erofs";
  if (start.length >= 1082 && start.readUInt16LE(1080) === 0xef53) return "ext";
  const isTar = start.length >= 512 && start.toString("latin1", 257, 262) === "ustar";
  return isTar || isOldTar(start) ? "tar" : "other";
}

/** Of before POSIX, or without any member. */
function isOldTar(start: Buffer): boolean {
  if (start.length < 512) return false;
  const block = start.subarray(0, 512);
  if (block.every((byte) => byte === 0)) return true;
  const noted = Number.parseInt(block.toString("latin1", 148, 156).replaceAll(/[\0 ]/g, ""), 8);
  return noted === block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
}

function beginningOf(path: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(2048);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The tree at the absolute path `path`: a directory, an OCI image layout, or a CPIO or tar archive,
 * which may be compressed. Throws a FormatError for what is none of these, or damaged.
 */
export async function openTree(path: string, options: OpenOptions): Promise<OpenTree> {
  const { name, signal } = options;
  const kind = treeKindOf(path);
  switch (kind) {
    case "directory": {
      const tree = treeOfDirectory(originOf(path) ?? path, options);
      return { tree, close: () => undefined };
    }
    case "layout": {
      const image = await findImage(path, { architecture: options.architecture }, signal);
      return { ...(await openLayers(image.layers, options)), config: image.config };
    }
    case "compressed":
      return openDecompressed(path, options);
    case "cpio":
    case "tar": {
      const archive = openArchive(path, name);
      try {
        const tree = kind === "tar" ? treeOfTar(archive) : await treeOfCpio(archive, signal);
        return { tree, close: () => archive.close() };
      } catch (error) {
        archive.close();
        throw error;
      }
    }
    case "erofs":
    case "ext":
    case "squashfs":
      throw new FormatError(name, `is a file system of ${kind}, which can only be used as it is`);
    default:
      throw new FormatError(name, "is no directory, no archive, and no image layout");
  }
}

async function openDecompressed(path: string, options: OpenOptions): Promise<OpenTree> {
  const { name, spool, decompress } = options;
  const remove = (): void => rmSync(spool, { force: true });
  try {
    await decompress(path, spool);
    // A file that is open stays readable, so nothing is left behind whatever happens.
    if (!["cpio", "tar"].includes(treeKindOf(spool))) {
      throw new FormatError(name, "is compressed, but holds no CPIO or tar archive");
    }
    return await openTree(spool, options);
  } finally {
    remove();
  }
}

async function openLayers(layers: readonly string[], options: OpenOptions): Promise<OpenTree> {
  const spooled: string[] = [];
  try {
    const plain: string[] = [];
    for (const [i, layer] of layers.entries()) {
      if (treeKindOf(layer) !== "compressed") plain.push(layer);
      else {
        const into = `${options.spool}.${i}`;
        spooled.push(into);
        await options.decompress(layer, into);
        plain.push(into);
      }
    }
    return applyLayers(plain);
  } finally {
    for (const file of spooled) rmSync(file, { force: true });
  }
}
