// Trees of files as values, on disk and in archives; and the tools that judge them.

import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import fc from "fast-check";
import { onTestFinished } from "vitest";

import { openArchive } from "../../src/format/archive-bytes.ts";
import { type NewcEntry, packNewc } from "../../src/format/newc.ts";
import { newcEntriesIn } from "../../src/format/newc-archive.ts";

/** A tree by path, in Latin-1 so that any byte can stand in one; the content of links too. */
export type Tree = ReadonlyMap<string, TreeNode>;

/** One entry: permission bits, and bytes as Latin-1. */
export type TreeNode =
  | { readonly kind: "directory"; readonly mode: number }
  | { readonly kind: "file"; readonly mode: number; readonly content: string }
  | { readonly kind: "symlink"; readonly mode: 0o777; readonly content: string };

export const noSignal = new AbortController().signal;

/** A fresh directory, which is removed after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "kraft-format-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Whether the machine lacks the program `name`; the test that needs it is skipped, by its name. */
export function lacks(name: string): boolean {
  return !(process.env["PATH"] ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What the program printed on standard output, as Latin-1; throws unless it ended well. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: Uint8Array } = {},
): string {
  const env = { PATH: process.env["PATH"], HOME: tmpdir(), LC_ALL: "C", TZ: "UTC" };
  const ran = spawnSync(program, args, { ...options, env, encoding: "latin1" });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}

/** Makes `tree` below `directory`, in its own order. */
export function writeTree(directory: string, tree: Tree): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, node] of tree) {
    const file = fileIn(directory, path);
    const content = node.kind === "directory" ? "" : node.content;
    if (node.kind === "directory") mkdirSync(file, { recursive: true });
    else if (node.kind === "file") writeFileSync(file, content, "latin1");
    else symlinkSync(Buffer.from(content, "latin1"), file);
  }
  // Afterwards, as nothing can be made in a directory without write permission.
  for (const [path, node] of [...tree].reverse()) {
    if (node.kind !== "symlink") chmodSync(fileIn(directory, path), node.mode);
  }
}

/** The tree below `directory`, by a walk of its own. */
export function readTree(directory: string, path = "", into = new Map<string, TreeNode>()): Tree {
  for (const name of readdirSync(fileIn(directory, path), { encoding: "latin1" })) {
    const below = path === "" ? name : `${path}/${name}`;
    const file = fileIn(directory, below);
    const stats = lstatSync(file);
    const mode = stats.mode & 0o7777;
    if (stats.isSymbolicLink()) {
      const content = readlinkSync(file, "buffer").toString("latin1");
      into.set(below, { kind: "symlink", mode: 0o777, content });
    } else if (stats.isDirectory()) {
      into.set(below, { kind: "directory", mode });
      readTree(directory, below, into);
    } else into.set(below, { kind: "file", mode, content: readFileSync(file, "latin1") });
  }
  return into;
}

/** The whole archive of `entries`. */
export function pack(entries: Iterable<NewcEntry>, mtime = 0): Buffer {
  return Buffer.concat([...packNewc(entries, { mtime })]);
}

/** What is in the archive `bytes`, as a tree; and the paths that were left out. */
export async function unpack(bytes: Uint8Array): Promise<{ tree: Tree; skipped: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), "kraft-format-"));
  const file = join(directory, "archive");
  writeFileSync(file, bytes);
  const archive = openArchive(file, "old.cpio");
  const skipped: string[] = [];
  const onSkipped = (path: Uint8Array): void => void skipped.push(Buffer.from(path).toString());
  try {
    const entries = await newcEntriesIn(archive, onSkipped, noSignal);
    return { tree: treeOf(entries), skipped };
  } finally {
    archive.close();
    rmSync(directory, { recursive: true });
  }
}

/** `entries` as a tree. */
export function treeOf(entries: Iterable<NewcEntry>): Tree {
  const tree = new Map<string, TreeNode>();
  for (const entry of entries) {
    const path = Buffer.from(entry.path).toString("latin1");
    const { kind, mode } = entry;
    if (kind === "directory") tree.set(path, { kind, mode });
    else if (kind === "file") {
      tree.set(path, {
        kind,
        mode,
        content: Buffer.concat([...entry.content()]).toString("latin1"),
      });
    } else {
      const content = Buffer.from(entry.target).toString("latin1");
      tree.set(path, { kind, mode: 0o777, content });
    }
  }
  return tree;
}

/** `tree`, in its own order, as entries of an archive. */
export function entriesOf(tree: Tree): NewcEntry[] {
  return [...tree].map(([name, node]) => {
    const path = Buffer.from(name, "latin1");
    if (node.kind === "directory") return { ...node, path };
    const bytes = Buffer.from(node.content, "latin1");
    if (node.kind === "symlink") return { ...node, path, target: bytes };
    const { kind, mode } = node;
    return { kind, mode, path, sizeBytes: bytes.length, content: () => [bytes] };
  });
}

/** Names of any bytes that a file may have. */
const names = fc
  .uint8Array({ minLength: 1, maxLength: 12, min: 1 })
  .map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll("/", "-"))
  .filter((name) => name !== "." && name !== "..");
const contents = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));
const targets = fc
  .uint8Array({ minLength: 1, maxLength: 40, min: 1 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Random trees with names and targets of any bytes. The owner can read and enter everything. */
export function trees(): fc.Arbitrary<Tree> {
  const mode = fc.integer({ min: 0, max: 0o777 });
  const file = fc.record({
    kind: fc.constant("file" as const),
    mode: mode.map((bits) => bits | 0o600),
    content: contents,
  });
  const symlink = fc.record({
    kind: fc.constant("symlink" as const),
    mode: fc.constant(0o777 as const),
    content: targets,
  });
  const { directory } = fc.letrec<{ directory: Nested; node: Nested | TreeNode }>((tie) => ({
    directory: fc.record({
      kind: fc.constant("nested" as const),
      mode: mode.map((bits) => bits | 0o700),
      entries: fc.dictionary(names, tie("node"), { maxKeys: 5, noNullPrototype: true }),
    }),
    node: fc.oneof({ depthSize: "small" }, file, symlink, tie("directory")),
  }));
  return directory.map(({ entries }) => flatten(entries));
}

interface Nested {
  readonly kind: "nested";
  readonly mode: number;
  readonly entries: Readonly<Record<string, Nested | TreeNode>>;
}

/** By path, each directory before what is in it, names in no particular order. */
function flatten(
  entries: Nested["entries"],
  prefix = "",
  into = new Map<string, TreeNode>(),
): Map<string, TreeNode> {
  for (const [name, node] of Object.entries(entries)) {
    const path = `${prefix}${name}`;
    if (node.kind !== "nested") into.set(path, node);
    else {
      into.set(path, { kind: "directory", mode: node.mode });
      flatten(node.entries, `${path}/`, into);
    }
  }
  return into;
}

function fileIn(directory: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, "latin1")]);
}
