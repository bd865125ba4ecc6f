// Trees of all kinds of nodes as lines of text, from our readers and from what real tools leave.

import { createHash } from "node:crypto";
import { type BigIntStats, lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";

import { openArchive } from "../../src/format/archive-bytes.ts";
import type { FileTree, TreeNode } from "../../src/format/file-tree.ts";
import { readableName } from "../../src/format/format-error.ts";
import { onTestFinished } from "vitest";

/** What of a node to show besides kind, mode, target, device and content. */
export interface Shown {
  readonly owners?: boolean;
  readonly times?: boolean;
}

/** The lines of `tree`, one for each path; names of one file say the first. */
export function linesOf(tree: FileTree, shown: Shown = {}): string[] {
  const firstNames = new Map<TreeNode, string>();
  return [...tree.walk()].map(({ path, node }) => {
    const name = readableName(path);
    const first = firstNames.get(node);
    if (first !== undefined) return `${name} = ${first}`;
    firstNames.set(node, name);
    const xattrs = [...(node.xattrs ?? [])]
      .map(([key, value]) => ` ${key}=${Buffer.from(value).toString("latin1")}`)
      .sort();
    return `${name} ${factsOf(node)}${extraOf(node, shown)}${xattrs.join("")}`;
  });
}

function factsOf(node: TreeNode): string {
  const mode = node.mode.toString(8).padStart(4, "0");
  switch (node.kind) {
    case "file": {
      const hash = createHash("sha256");
      let sizeBytes = 0;
      for (const piece of node.content.read()) {
        hash.update(piece);
        sizeBytes += piece.byteLength;
      }
      return `file ${mode} ${sizeBytes} ${hash.digest("hex").slice(0, 12)}`;
    }
    case "symlink":
      return `symlink ${readableName(node.target)}`;
    case "device":
      return `${node.type} ${mode} ${node.major}:${node.minor}`;
    default:
      return `${node.kind} ${mode}`;
  }
}

function extraOf(
  { uid, gid, mtime }: { readonly uid: number; readonly gid: number; readonly mtime: number },
  { owners, times }: Shown,
): string {
  return `${owners === true ? ` ${uid}:${gid}` : ""}${times === true ? ` @${mtime}` : ""}`;
}

/** The same lines of a directory on disk, by a walk of its own. */
export function diskLines(directory: string, shown: Shown = {}): string[] {
  const firstNames = new Map<string, string>();
  const lines: string[] = [];
  const walk = (prefix: Buffer): void => {
    const names = readdirSync(at(directory, prefix), { encoding: "buffer" });
    for (const name of names.sort((a, b) => Buffer.compare(a, b))) {
      const path = Buffer.concat([prefix, name]);
      const file = at(directory, path);
      const stats = lstatSync(file, { bigint: true });
      const key = `${stats.dev}:${stats.ino}`;
      const shownName = readableName(path);
      const first = stats.isDirectory() ? undefined : firstNames.get(key);
      if (first !== undefined) lines.push(`${shownName} = ${first}`);
      else {
        firstNames.set(key, shownName);
        const { uid, gid, mtimeMs } = stats;
        const facts = { uid: Number(uid), gid: Number(gid), mtime: Number(mtimeMs / 1000n) };
        lines.push(`${shownName} ${diskFacts(file, stats)}${extraOf(facts, shown)}`);
      }
      if (stats.isDirectory()) walk(Buffer.concat([path, Buffer.from("/")]));
    }
  };
  walk(Buffer.alloc(0));
  return lines;
}

function diskFacts(file: Buffer, stats: BigIntStats): string {
  const mode = (Number(stats.mode) & 0o7777).toString(8).padStart(4, "0");
  if (stats.isSymbolicLink()) {
    return `symlink ${readableName(readlinkSync(file, { encoding: "buffer" }))}`;
  }
  if (stats.isDirectory()) return `directory ${mode}`;
  if (stats.isFIFO()) return `fifo ${mode}`;
  if (stats.isSocket()) return `socket ${mode}`;
  if (!stats.isFile()) {
    const { rdev } = stats;
    const [major, minor] = [(rdev >> 8n) & 0xfffn, (rdev & 0xffn) | ((rdev >> 12n) & 0xffff00n)];
    const type = stats.isBlockDevice() ? "block" : "character";
    return `${type} ${mode} ${major}:${minor}`;
  }
  const bytes = readFileSync(file);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return `file ${mode} ${bytes.length} ${hash}`;
}

function at(directory: string, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), path]);
}

/** The archive `file`, which is closed after the test. */
export function opened(file: string) {
  const archive = openArchive(file, file.split("/").at(-1) ?? file);
  onTestFinished(() => archive.close());
  return archive;
}
