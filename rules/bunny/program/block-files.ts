// Files → what mke2fs makes a block device of: a directory, and all that a directory of this
// machine cannot say, as commands of debugfs.

import { mkdirSync, symlinkSync } from "node:fs";

import {
  FileTree,
  FormatError,
  type Program,
  ProgramError,
  type TreeEntry,
  type TreeNode,
  readableName,
  writePieces,
} from "../../../src/index.ts";
import { type Copy, copyInto } from "./copy.ts";
import { OpenImages } from "./image-files.ts";

/** What to put into a block device, as the rule writes it. */
export interface BlockRequest {
  /** Of what is not from an image, in seconds since 1970. */
  readonly mtime: number;
  readonly copies: readonly Copy[];
}

/**
 * Arguments: the directory, the commands, a file with the numbers of inodes and blocks, and a
 * {@link BlockRequest} as JSON.
 */
export const blockProgram: Program = {
  name: "block-files",
  version: 1,
  run: async ([directory, commands, numbers, json], context) => {
    if (directory === undefined || commands === undefined) throw new Error("bug: no outputs");
    if (numbers === undefined || json === undefined) throw new Error("bug: no request");
    const { mtime, copies } = JSON.parse(json) as BlockRequest;
    const { resolve, signal } = context;
    const tree = new FileTree();
    const images = new OpenImages(context);
    try {
      for (const copy of copies) await copyInto(tree, copy, { resolve, images, mtime });
      const entries = [...tree.walk()];
      mkdirSync(resolve(directory), { recursive: true });
      for (const entry of entries) await writeEntry(resolve(directory), entry, signal);
      await writePieces(resolve(commands), commandsFor(tree, entries), signal);
      await writePieces(resolve(numbers), [Buffer.from(`${sizesOf(entries).join(" ")}\n`)], signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the block device cannot be made: ${error.message}`);
    } finally {
      images.close();
    }
  },
};

async function writeEntry(
  directory: string,
  { path, node }: TreeEntry,
  signal: AbortSignal,
): Promise<void> {
  const file = Buffer.concat([Buffer.from(`${directory}/`), path]);
  switch (node.kind) {
    case "directory":
      mkdirSync(file);
      return;
    case "symlink":
      symlinkSync(Buffer.from(node.target), file);
      return;
    case "file":
      await writePieces(file, node.content.read(), signal);
      return;
    case "device":
    case "fifo":
    case "socket":
      throw new FormatError(readableName(path), `is a ${node.kind}, which is not packed here`);
  }
}

/** Types of files in modes. Source: POSIX, `<sys/stat.h>`. */
const typeBits = { directory: 0o040000, file: 0o100000, symlink: 0o120000 } as const;

function* commandsFor(tree: FileTree, entries: readonly TreeEntry[]): Generator<Buffer> {
  yield Buffer.from("set_current_time @1\n");
  yield* commandsOf({ path: Buffer.alloc(0), node: tree.root });
  const { mode: _, ...plain } = tree.root;
  yield* commandsOf({ path: Buffer.from("lost+found"), node: { ...plain, mode: 0o700 } });
  for (const entry of entries) yield* commandsOf(entry);
}

/** Sets every field that would tell of this machine, or of who builds. */
function* commandsOf({ path, node }: TreeEntry): Generator<Buffer> {
  if (path.some((byte) => byte < 0x20 || byte === 0x22)) {
    throw new FormatError(readableName(path), "has a name that cannot be given to debugfs");
  }
  for (const [field, value] of fieldsOf(node)) {
    const start = Buffer.from(`set_inode_field "/`);
    yield Buffer.concat([start, path, Buffer.from(`" ${field} ${value}\n`)]);
  }
}

function fieldsOf({
  kind,
  mode,
  uid,
  gid,
  mtime,
}: TreeNode): readonly (readonly [string, string])[] {
  const type = kind === "directory" || kind === "file" || kind === "symlink" ? typeBits[kind] : 0;
  const times = ["atime", "mtime", "ctime", "crtime"].flatMap((name) => [
    [name, `@${mtime}`] as const,
    // Nanoseconds.
    [`${name}_extra`, "0"] as const,
  ]);
  const owner = [
    ["uid", String(uid)],
    ["gid", String(gid)],
  ] as const;
  return [["mode", `0${(type | mode).toString(8)}`], ...owner, ["generation", "0"], ...times];
}

const blockBytes = 4096;

/** How many inodes and blocks it takes, with some to spare for a guest that writes. */
function sizesOf(entries: readonly TreeEntry[]): readonly [inodes: number, blocks: number] {
  const inodes = Math.ceil(entries.length * 1.25) + 64;
  let blocks = 0;
  for (const { path, node } of entries) {
    const isFile = node.kind === "file";
    const sizeBytes = isFile ? node.content.sizeBytes : path.length + blockBytes;
    // Of a large file, blocks that name its blocks come in.
    blocks += Math.ceil(sizeBytes / blockBytes) + Math.ceil(sizeBytes / (blockBytes * 512));
  }
  const table = Math.ceil((inodes * 256) / blockBytes);
  return [inodes, Math.ceil((blocks + table) * 1.25) + 1024];
}
