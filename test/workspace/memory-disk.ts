import { posix } from "node:path";

import type { Disk, DiskEntry } from "../../src/workspace/disk.ts";

/** A disk in memory, with a clock that stands still until it is moved. */
export interface MemoryDisk {
  readonly disk: Disk;
  readonly epochMs: () => number;
  /** Makes or changes a file, and the directories above it. */
  readonly write: (path: string, text: string) => void;
  /** Makes a symbolic link. */
  readonly link: (path: string, target: string) => void;
  readonly remove: (path: string) => void;
  /** Touches a path without changing it. */
  readonly touch: (path: string) => void;
  readonly pass: (ms: number) => void;
  /** The paths that were asked since the last call, each as `stat /a`, `list /a` or `read /a`. */
  readonly asked: () => string[];
}

type Node =
  | { kind: "file"; text: string; touchedMs: number; inode: number }
  | { kind: "directory"; names: Set<string>; touchedMs: number; inode: number }
  | { kind: "link"; target: string; touchedMs: number; inode: number };

/** A disk with `files`: text by absolute path. */
export function memoryDisk(files: Readonly<Record<string, string>> = {}): MemoryDisk {
  const nodes = new Map<string, Node>();
  let now = 1_000_000;
  let inodes = 1;
  let log: string[] = [];
  nodes.set("/", { kind: "directory", names: new Set(), touchedMs: now, inode: inodes++ });

  const put = (path: string, make: (inode: number) => Node): void => {
    if (!nodes.has(path)) enter(path);
    nodes.set(path, make(nodes.get(path)?.inode ?? inodes++));
  };
  const enter = (path: string): void => {
    const parent = posix.dirname(path);
    if (!nodes.has(parent)) {
      put(parent, (inode) => ({ kind: "directory", names: new Set(), touchedMs: now, inode }));
    }
    const directory = nodes.get(parent);
    if (directory?.kind !== "directory") throw new Error(`${parent} is no directory`);
    directory.names.add(posix.basename(path));
    directory.touchedMs = now;
  };
  const find = (path: string, hops = 0): { path: string; node: Node } | undefined => {
    if (hops > 20) return undefined;
    let at = "/";
    for (const segment of path.split("/").filter((part) => part !== "")) {
      const next = posix.join(at, segment);
      const node = nodes.get(next);
      if (node?.kind !== "link") {
        at = next;
        continue;
      }
      const behind = find(posix.resolve(at, node.target), hops + 1);
      if (behind === undefined) return undefined;
      at = behind.path;
    }
    const node = nodes.get(at);
    return node === undefined ? undefined : { path: at, node };
  };
  const entryOf = (directory: string, name: string): DiskEntry => ({
    name,
    kind: nodes.get(posix.join(directory, name))!.kind,
  });

  const made: MemoryDisk = {
    epochMs: () => now,
    disk: {
      stat: (path) => {
        log.push(`stat ${path}`);
        const node = find(path)?.node;
        if (node === undefined || node.kind === "link") return undefined;
        const { kind, touchedMs, inode } = node;
        const size = node.kind === "file" ? node.text.length : node.names.size;
        return { kind, touchedMs, stamp: `${size}:${touchedMs}:${touchedMs}:${inode}` };
      },
      list: (path) => {
        log.push(`list ${path}`);
        const found = find(path);
        if (found?.node.kind !== "directory") return undefined;
        return [...found.node.names].sort().map((name) => entryOf(found.path, name));
      },
      read: (path) => {
        log.push(`read ${path}`);
        const node = find(path)?.node;
        return node?.kind === "file" ? Buffer.from(node.text) : undefined;
      },
    },
    write: (path, text) => put(path, (inode) => ({ kind: "file", text, touchedMs: now, inode })),
    link: (path, target) => put(path, (inode) => ({ kind: "link", target, touchedMs: now, inode })),
    remove: (path) => {
      for (const other of nodes.keys()) {
        if (other === path || other.startsWith(`${path}/`)) nodes.delete(other);
      }
      const parent = nodes.get(posix.dirname(path));
      if (parent?.kind !== "directory") return;
      parent.names.delete(posix.basename(path));
      parent.touchedMs = now;
    },
    touch: (path) => {
      const node = nodes.get(path);
      if (node !== undefined) node.touchedMs = now;
    },
    pass: (ms) => {
      now += ms;
    },
    asked: () => {
      const taken = log;
      log = [];
      return taken;
    },
  };
  for (const [path, text] of Object.entries(files)) made.write(path, text);
  return made;
}
