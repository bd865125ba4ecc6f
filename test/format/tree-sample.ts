// A tree with all that the formats of root file systems have to hold.

import type { FileNode, TreeNode } from "../../src/format/file-tree.ts";
import { FileTree } from "../../src/format/file-tree.ts";

export const facts = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

/** A file with `text`, as Latin-1. */
export function file(text: string, more: Partial<FileNode> = {}): FileNode {
  return { kind: "file", ...facts, content: bytesOf(Buffer.from(text, "latin1")), ...more };
}

function bytesOf(bytes: Uint8Array) {
  return { sizeBytes: bytes.byteLength, read: () => [bytes] };
}

/** A file of `sizeBytes` in which no two blocks are equal. */
export function largeFile(sizeBytes: number): FileNode {
  const read = function* (): Generator<Uint8Array> {
    for (let at = 0; at < sizeBytes; at += 65_536) {
      const piece = Buffer.alloc(Math.min(65_536, sizeBytes - at), `${at} `);
      yield piece;
    }
  };
  return { kind: "file", ...facts, content: { sizeBytes, read } };
}

/** A tree of `nodes` by path, as Latin-1. */
export function treeOf(nodes: Readonly<Record<string, TreeNode>>): FileTree {
  const tree = new FileTree();
  for (const [path, node] of Object.entries(nodes)) tree.set(Buffer.from(path, "latin1"), node);
  return tree;
}

export const directory = { kind: "directory", ...facts, mode: 0o755 } as const;
const shared = file("shared by two names\n", { mode: 0o600 });

/** One of each kind that any file system holds; sockets, which tar does not, are not here. */
export function sampleTree(): FileTree {
  const tree = treeOf({
    bin: { ...directory, children: new Map() },
    "bin/app": file("\x7fELF and no more", { mode: 0o755 }),
    "bin/su": file("root's", { mode: 0o4755, uid: 0, gid: 42 }),
    "bin/again": shared,
    "caf\xe9": file("not UTF-8"),
    dev: { ...directory, children: new Map() },
    "dev/console": { kind: "device", ...facts, mode: 0o600, type: "character", major: 5, minor: 1 },
    "dev/disk": { kind: "device", ...facts, mode: 0o660, type: "block", major: 259, minor: 70_000 },
    empty: file(""),
    "empty-directory": { ...directory, mode: 0o1777, children: new Map() },
    etc: { ...directory, uid: 1000, gid: 100_000, children: new Map() },
    "etc/link": { kind: "symlink", ...facts, mode: 0o777, target: Buffer.from("../bin/app") },
    "etc/long-link": { kind: "symlink", ...facts, mode: 0o777, target: Buffer.alloc(3000, "x/") },
    "etc/shared": shared,
    "exactly-a-block": largeFile(4096),
    large: largeFile(3_000_001),
    many: { ...directory, children: new Map() },
    pipe: { kind: "fifo", ...facts },
    holes: file(`begin${"\0".repeat(300_000)}end`),
    [`n${"a".repeat(254)}`]: file("a name as long as names can be"),
    xattrs: file("has attributes", {
      uid: 70_000,
      gid: 4_000_000_000,
      xattrs: new Map<string, Uint8Array>([
        ["user.one", Buffer.from("first value")],
        ["security.capability", Buffer.from("0100000200200000000000000000000000000000", "hex")],
      ]),
    }),
  });
  for (let i = 0; i < 300; i++) {
    tree.set(Buffer.from(`many/file number ${i} in a directory of several blocks`), file(`${i}`));
  }
  return tree;
}
