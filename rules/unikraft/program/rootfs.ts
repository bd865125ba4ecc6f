// A root file system as one file, the same on every machine.

import { copyFileSync, statSync } from "node:fs";

import {
  FileTree,
  FormatError,
  type OpenTree,
  type Program,
  type ProgramContext,
  ProgramError,
  archiveDirectory,
  describeMissing,
  fileContent,
  hiddenNames,
  leftOutBy,
  missingLibrariesOf,
  openTree,
  originOf,
  readableName,
  rewriteArchive,
  treeKindOf,
  writeTree,
} from "../../../src/index.ts";

/** What to pack, as the rule writes it. */
export interface RootfsRequest {
  /** One that stands for the whole, at "", or several at paths of their own. */
  readonly sources: readonly RootfsPart[];
  readonly output: string;
  readonly format: "cpio" | "tar" | "erofs" | "ext2" | "ext4";
  /** False for a tar that says nothing of the root itself. */
  readonly hasRoot: boolean;
  readonly owners: "root" | "kept";
  /** The time of all entries, in seconds since 1970. */
  readonly mtime: number;
  /** Of the image to take from a layout that has several. */
  readonly architecture: string;
  /** What of a directory is not taken, in the syntax of .gitignore. */
  readonly leftOut: readonly string[];
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
  version: 3,
  run: async ([json], context) => {
    if (json === undefined) throw new Error("bug: the argument is missing");
    const request = JSON.parse(json) as RootfsRequest;
    const shown = request.sources.map(({ path }) => path).join(", ");
    const skipped: string[] = [];
    const onSkipped = (path: Uint8Array): void => void skipped.push(readableName(path));
    try {
      await pack(request, context, onSkipped);
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

async function pack(
  request: RootfsRequest,
  context: ProgramContext,
  onSkipped: (path: Uint8Array) => void,
): Promise<void> {
  const { resolve, signal } = context;
  const output = resolve(request.output);
  const [part, ...others] = request.sources;
  if (part === undefined) throw new Error("bug: there is nothing to pack");
  const isWhole = others.length === 0 && part.at === "";
  const path = resolve(part.path);
  const found = isWhole ? treeKindOf(path) : undefined;
  if (found !== undefined) checkType(found, part.path, request.type);
  const isPlain = request.format === "cpio" && request.owners === "root";
  if (isImage(found) && familyOf(request.format) === found) return copyFileSync(path, output);
  let isWritten = false;
  if (isPlain && found === "cpio") {
    await rewriteArchive(
      path,
      output,
      { mtime: request.mtime, path: part.path, onSkipped },
      signal,
    );
    isWritten = true;
  }
  // Of a plain directory no tree is needed, which would be in memory as a whole.
  if (isPlain && found === "directory" && !part.isSealed && request.leftOut.length === 0) {
    const options = { mtime: request.mtime, hidden: hiddenNames };
    await archiveDirectory(originOf(path) ?? path, output, options, signal);
    isWritten = true;
  }
  const { tree, close } = isWhole
    ? await openPart(part, request, context)
    : gathered(request, context);
  try {
    if (!isWritten) await writeTree(tree, output, { ...request, onSkipped }, signal);
    tellMissing(tree, context);
  } finally {
    close();
  }
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

function openPart(part: RootfsPart, request: RootfsRequest, context: ProgramContext) {
  const { resolve, signal, decompress } = context;
  return openTree(resolve(part.path), {
    name: part.path,
    architecture: request.architecture,
    spool: `${resolve(request.output)}.plain`,
    decompress,
    signal,
    hidden: hiddenNames,
    isSealed: part.isSealed,
    ...(request.leftOut.length > 0 && { isLeftOut: leftOutBy(request.leftOut) }),
  });
}

/** A tree with each part at its own path: of a directory, all that is in it. */
function gathered({ sources }: RootfsRequest, { resolve }: ProgramContext): OpenTree {
  const tree = new FileTree();
  for (const { path, at, isSealed } of sources) {
    const file = resolve(path);
    const stats = statSync(file);
    const mode = isSealed ? ((stats.mode & 0o111) === 0 ? 0o644 : 0o755) : stats.mode & 0o7777;
    const facts = { mode, uid: stats.uid, gid: stats.gid, mtime: 0 };
    if (!stats.isFile()) throw new FormatError(path, "is no file, and stands beside others");
    const content = { sizeBytes: stats.size, read: () => fileContent(file, stats.size) };
    tree.set(Buffer.from(at), { kind: "file", ...facts, content });
  }
  return { tree, close: () => undefined };
}
