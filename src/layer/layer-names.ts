// What a layer has at which path, without content: enough to know where a path leads, and what the
// directories on the way are. It stays the same when only content changes, and so does what is made
// from it.

import {
  type DirectoryNode,
  type FileTree,
  type NodeFacts,
  type TreeNode,
} from "../format/file-tree.ts";
import { isOpaque, isWhiteout, type LayerEntry } from "./layer.ts";
import type { TarMember } from "../format/tar-archive.ts";

/** A line for each path: its kind, itself, and where it leads, in the order given. */
export function formatNames(lines: Iterable<string>): string {
  return [...lines].map((line) => `${line}\n`).join("");
}

/** The line of an entry of a layer that was made. */
export function nameOfEntry(path: string, entry: LayerEntry): string {
  if (entry.kind === "whiteout") return `w ${escaped(path)}`;
  if (entry.kind === "directory") return `d ${escaped(path)} ${factsText(entry)}`;
  if (entry.kind !== "symlink") return `f ${escaped(path)}`;
  return `l ${escaped(path)} ${escaped(Buffer.from(entry.target).toString("latin1"))}`;
}

/** The line of a member of a layer that was read. */
export function nameOfMember(member: TarMember): string {
  const path = member.name.toString("latin1").replace(/\/$/, "");
  if (isWhiteout(member)) return `w ${escaped(path)}`;
  if (member.type === "5") {
    return `${isOpaque(member) ? "o" : "d"} ${escaped(path)} ${factsText(member)}`;
  }
  if (member.type !== "2") return `f ${escaped(path)}`;
  return `l ${escaped(path)} ${escaped(member.linkName.toString("latin1"))}`;
}

/** Lays the names in `text` over `tree`: its files are empty. */
export function layNamesOver(tree: FileTree, text: string): void {
  for (const line of text.split("\n")) {
    const [kind, path = "", target = ""] = line.split(" ");
    const at = bytesOf(path);
    if (kind === "w" || kind === "o") tree.remove(at);
    if (kind === "d" || kind === "o") tree.set(at, directory(target));
    else if (kind === "f") tree.set(at, emptyFile);
    else if (kind === "l") tree.set(at, { ...link, target: bytesOf(target) });
  }
}

/** `mode:uid:gid`, then `:name=value` for each attribute, in hex. */
function factsText({ mode, uid, gid, xattrs }: Omit<NodeFacts, "mtime">): string {
  const attributes = [...(xattrs ?? [])]
    // Of the layer, and not of the directory.
    .filter(([name]) => !name.includes(".overlay."))
    .map(([name, value]) => `${hexOf(Buffer.from(name))}=${hexOf(value)}`);
  return [mode.toString(8), uid, gid, ...attributes.sort()].join(":");
}

function directory(facts: string): DirectoryNode {
  const [mode = "", uid = "", gid = "", ...attributes] = facts.split(":");
  const xattrs = new Map(
    attributes.map((one) => {
      const [name = "", value = ""] = one.split("=").map((hex) => Buffer.from(hex, "hex"));
      return [name.toString(), value as Buffer] as const;
    }),
  );
  const owned = { mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), mtime: 0 };
  const children = new Map();
  return { kind: "directory", ...owned, ...(xattrs.size > 0 && { xattrs }), children };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const emptyFile: TreeNode = {
  kind: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  content: { sizeBytes: 0, read: () => [] },
};
const link = { kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 0 } as const;

/** Without blanks and line ends, whatever bytes `text` stands for. */
function escaped(text: string): string {
  return text.replaceAll(
    /[^!-$&-~]/g,
    (one) => `%${one.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function bytesOf(text: string): Buffer {
  const latin1 = text.replaceAll(/%([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, "latin1");
}
