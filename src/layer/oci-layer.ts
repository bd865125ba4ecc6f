// Layers as images hold them: there, names say what goes away, and no devices or attributes do.
// Source: OCI image-spec, "Image Layer Filesystem Changeset", "Whiteouts"; BuildKit and containerd,
// whose images have one extended attribute alone.

import { posix } from "node:path";

import { type ArchiveBytes, contentOf } from "../format/archive-bytes.ts";
import { type FileNode, FileTree, plainDirectory } from "../format/file-tree.ts";
import { readTar, type TarMember } from "../format/tar-archive.ts";
import { addMember } from "../format/tar-tree.ts";
import { isOpaque, isWhiteout, type LayerEntry, visibleMember } from "./layer.ts";
import { packLayer } from "./pack-layer.ts";

/**
 * The layer `archive` as an image has it, in pieces: as it is, unless something goes away in it, or has
 * attributes that are in no image. The archive must stay open meanwhile.
 */
export function packOciLayer(archive: ArchiveBytes): Iterable<Uint8Array> {
  for (const member of readTar(archive)) {
    if (isWhiteout(member) || isOpaque(member) || isStripped(member)) {
      return packLayer(entriesOf(archive));
    }
  }
  return contentOf(archive, 0, archive.sizeBytes);
}

const imageAttribute = "security.capability";

function isStripped({ xattrs }: TarMember): boolean {
  return [...xattrs.keys()].some((name) => name !== imageAttribute);
}

function imageMember(member: TarMember): TarMember {
  const { xattrs } = visibleMember(member);
  return { ...member, xattrs: new Map([...xattrs].filter(([name]) => name === imageAttribute)) };
}

function entriesOf(archive: ArchiveBytes): ReadonlyMap<string, LayerEntry> {
  const entries = new Map<string, LayerEntry>();
  const tree = new FileTree();
  for (const member of readTar(archive)) {
    const path = pathOf(member);
    if (isWhiteout(member)) {
      entries.set(posix.join(posix.dirname(path), `.wh.${posix.basename(path)}`), whiteout());
      continue;
    }
    addMember(tree, archive, imageMember(member));
    const node = tree.get(member.name);
    if (node === undefined) throw new Error(`bug: ${path} is not where it was put`);
    entries.set(path, node);
    if (isOpaque(member)) entries.set(posix.join(path, ".wh..wh..opq"), whiteout());
  }
  return entries;
}

/** Without the slash at the end; the root is `.`. */
function pathOf({ name }: TarMember): string {
  return posix.normalize(name.toString("latin1").replace(/\/+$/, "") || ".");
}

/** An empty file, a new one each time: two that were one would be hard links. */
function whiteout(): FileNode {
  return {
    kind: "file",
    ...plainDirectory,
    mode: 0o644,
    content: { sizeBytes: 0, read: () => [] },
  };
}
