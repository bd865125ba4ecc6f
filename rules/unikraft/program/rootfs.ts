// A root file system as one file, the same on every machine.

import { copyFileSync, writeFileSync } from "node:fs";

import {
  type FileTree,
  FormatError,
  type Program,
  type ProgramContext,
  ProgramError,
  archiveDirectory,
  configOfImage,
  describeMissing,
  hiddenNames,
  missingLibrariesOf,
  originOf,
  readableName,
  rewriteArchive,
  treeKindOf,
  writeTree,
} from "../../../src/index.ts";
import { treeOf, wholeOf } from "./rootfs-tree.ts";

/** What to pack, as the rule writes it. */
export interface RootfsRequest {
  /**
   * One that stands for the whole, at "", or several at paths of their own; none: it is made of
   * the layers that follow as arguments.
   */
  readonly sources: readonly RootfsPart[];
  readonly output: string;
  readonly format: "cpio" | "tar" | "erofs" | "ext2" | "ext4";
  /** True for a tar that SquashFS is made of. */
  readonly forSquashfs: boolean;
  readonly owners: "root" | "kept";
  /** The time of all entries, in seconds since 1970. */
  readonly mtime: number;
  /** Of the image to take from a layout that has several. */
  readonly architecture: string;
  /** What of a directory is not taken, in the syntax of .gitignore. */
  readonly leftOut: readonly string[];
  /** Where to write what the image says of itself; absent: nobody asks, or it is none. */
  readonly config?: string | undefined;
  /** What the Kraftfile says that it is; absent: what is found tells. */
  readonly type?: string;
}

/** A part of a root file system. */
export interface RootfsPart {
  readonly path: string;
  readonly at: string;
  /** Whether an action made it, so that its modes say only what can be executed. */
  readonly isSealed: boolean;
}

/** Packs a root file system of whatever origin. Its argument is a {@link RootfsRequest} as JSON. */
export const rootfsProgram: Program = {
  name: "rootfs",
  version: 5,
  run: async ([json, ...layers], context) => {
    if (json === undefined) throw new Error("bug: the argument is missing");
    const request = JSON.parse(json) as RootfsRequest;
    const shown = request.sources.map(({ path }) => path).join(", ") || request.output;
    const skipped: string[] = [];
    const onSkipped = (path: Uint8Array): void => void skipped.push(readableName(path));
    try {
      await pack(request, layers, { context, onSkipped });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the root file system ${shown} cannot be packed: ${error.message}`);
    }
    if (skipped.length === 0) return;
    const names = skipped.sort().slice(0, shownNames).join(", ");
    const more = skipped.length > shownNames ? ` and ${skipped.length - shownNames} more` : "";
    context.print(`left out of ${shown}, as Unikraft makes no devices: ${names}${more}`);
  },
};

const shownNames = 5;

interface Packing {
  readonly context: ProgramContext;
  readonly onSkipped: (path: Uint8Array) => void;
}

async function pack(
  request: RootfsRequest,
  layers: readonly string[],
  { context, onSkipped }: Packing,
): Promise<void> {
  const { signal } = context;
  const output = context.resolve(request.output);
  const whole = wholeOf(request);
  const isWritten =
    whole !== undefined && (await packDirectly(whole, request, { context, onSkipped }));
  if (isWritten === "image") return;
  const { tree, config = {}, close } = await treeOf(request, layers, context);
  try {
    if (request.config !== undefined) {
      writeFileSync(context.resolve(request.config), JSON.stringify(configOfImage(config)));
    }
    if (!isWritten) await writeTree(tree, output, { ...request, onSkipped }, signal);
    tellMissing(tree, context);
  } finally {
    close();
  }
}

/** Writes what no tree is needed for, which would be in memory as a whole; false for all else. */
async function packDirectly(
  part: RootfsPart,
  request: RootfsRequest,
  { context, onSkipped }: Packing,
): Promise<boolean | "image"> {
  const { resolve, signal } = context;
  const output = resolve(request.output);
  const path = resolve(part.path);
  const found = treeKindOf(path);
  checkType(found, part.path, request.type);
  const isPlain = request.format === "cpio" && request.owners === "root";
  if (isImage(found) && familyOf(request.format) === found) {
    copyFileSync(path, output);
    return "image";
  }
  if (isPlain && found === "cpio") {
    const options = { mtime: request.mtime, path: part.path, onSkipped };
    await rewriteArchive(path, output, options, signal);
    return true;
  }
  if (!isPlain || found !== "directory" || part.isSealed || request.leftOut.length > 0)
    return false;
  const options = { mtime: request.mtime, hidden: hiddenNames };
  await archiveDirectory(originOf(path) ?? path, output, options, signal);
  return true;
}

/** Says which programs will not start, which is the most common mistake of all. */
function tellMissing(tree: FileTree, { print }: ProgramContext): void {
  const missing = missingLibrariesOf(tree);
  for (const one of missing.slice(0, shownNames)) print(`warning: ${describeMissing(one)}`);
  const more = missing.length - shownNames;
  if (more > 0) print(`warning: and ${more} more programs that lack libraries`);
}

function isImage(kind: string | undefined): boolean {
  return kind === "erofs" || kind === "ext" || kind === "squashfs";
}

function familyOf(format: RootfsRequest["format"]): string {
  return format.startsWith("ext") ? "ext" : format;
}

/** Throws a FormatError when `found` is not what the Kraftfile says. */
function checkType(found: string, path: string, type: string | undefined): void {
  const wanted = type === undefined ? undefined : kindsOfType[type];
  if (wanted === undefined || wanted.includes(found)) return;
  const is = found === "other" ? "nothing that can be unpacked" : `of another kind: ${found}`;
  throw new FormatError(path, `should be of type ${type ?? ""}, but is ${is}`);
}

const kindsOfType: Readonly<Record<string, readonly string[]>> = {
  dir: ["directory"],
  tarball: ["tar", "compressed"],
  cpio: ["cpio", "compressed"],
  oci: ["layout"],
  erofs: ["erofs"],
};
