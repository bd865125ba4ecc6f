// Members of a tar archive that is a file. Knows no tree, and reads no content: apart from
// fetch/tar-reader.ts, which takes bytes as they come, it leaves them where they are until asked.
// Source: POSIX.1-2024, pax; GNU tar manual, "Extensions"; libarchive, tar(5).

import { type ArchiveBytes, contentOf } from "./archive-bytes.ts";
import type { FileBytes } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import { type PaxRecord, readPaxRecords } from "./pax-header.ts";
import { PaxFacts } from "./pax-facts.ts";
import { isZero, parseTarHeader, type TarHeader } from "./tar-header.ts";
import { sparseBytes } from "./tar-sparse.ts";

/** A member, with what extended headers say of it. */
export interface TarMember {
  readonly name: Buffer;
  readonly linkName: Buffer;
  /** As in the header: `0` file, `1` hard link, `2` symbolic link, `5` directory. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Of a file; of all else it is empty. Good as long as the archive is open. */
  readonly content: FileBytes;
}

/**
 * The members of `archive` in their order. Throws a FormatError at the first byte that makes no
 * sense, and for an archive without its end mark, which was cut off, unless `end` says that it may
 * lack it: some tools leave it out of layers, which are whole as their digests say.
 */
export function* readTar(
  archive: ArchiveBytes,
  end: "marked" | "anywhere" = "marked",
): Generator<TarMember> {
  let global: readonly PaxRecord[] = [];
  let pending = new PaxFacts();
  for (let at = 0; ; ) {
    if (at === archive.sizeBytes && end === "anywhere") return;
    if (at + blockBytes > archive.sizeBytes) {
      throw new FormatError(archive.path, `is cut off at byte ${archive.sizeBytes}`);
    }
    const block = archive.read(at, blockBytes);
    if (isZero(block)) return;
    const header = parseTarHeader(block);
    if (header === undefined) {
      throw new FormatError(archive.path, `is damaged: there is no tar header at byte ${at}`);
    }
    const start = at + blockBytes;
    if ("xgLK".includes(header.type)) {
      const bytes = extensionAt(archive, start, header.sizeBytes);
      if (header.type === "x" || header.type === "g") {
        const records = readPaxRecords(bytes);
        if (records === undefined) {
          throw new FormatError(archive.path, `has a damaged extended header at byte ${at}`);
        }
        if (header.type === "g") global = [...global, ...records];
        else pending.add(records);
      } else if (header.type === "L") pending.longName = untilNul(bytes);
      else pending.longLink = untilNul(bytes);
      at = afterContent(start, header.sizeBytes);
      continue;
    }
    pending.addBelow(global);
    const { member, next } = memberOf(archive, {
      header,
      block: Buffer.from(block),
      start,
      facts: pending,
    });
    yield member;
    pending = new PaxFacts();
    at = next;
  }
}

const blockBytes = 512;
/** More than names and attributes need, and not so much that it matters. */
const extensionLimit = 8 << 20;

function extensionAt(archive: ArchiveBytes, start: number, sizeBytes: number): Buffer {
  if (sizeBytes <= extensionLimit) return Buffer.from(archive.read(start, sizeBytes));
  throw new FormatError(archive.path, "has an extended header that is too large");
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function afterContent(start: number, sizeBytes: number): number {
  return start + Math.ceil(sizeBytes / blockBytes) * blockBytes;
}

interface Found {
  readonly header: TarHeader;
  readonly block: Buffer;
  /** Of the content. */
  readonly start: number;
  readonly facts: PaxFacts;
}

function memberOf(
  archive: ArchiveBytes,
  { header, block, start, facts }: Found,
): { readonly member: TarMember; readonly next: number } {
  const name = facts.bytes("GNU.sparse.name") ?? facts.bytes("path") ?? facts.longName;
  const ownName = Buffer.from(name ?? header.name);
  // Before POSIX, a directory was a file whose name ends so.
  const isOldDirectory = header.type === "0" && ownName.at(-1) === slash;
  const type = isOldDirectory ? "5" : header.type === "7" ? "0" : header.type;
  const isFile = type === "0" || type === "S";
  // These have no content, whatever size some tools note: what follows is the next header.
  const storedBytes = isFile ? (facts.number("size") ?? header.sizeBytes) : 0;
  if (start + storedBytes > archive.sizeBytes) {
    const reason = `is cut off at byte ${archive.sizeBytes}, within ${readableName(ownName)}`;
    throw new FormatError(archive.path, reason);
  }
  const stored = { archive, name: ownName, start, storedBytes };
  const sparse = isFile ? sparseBytes(stored, { type, block, facts }) : undefined;
  const content = sparse?.content ?? {
    sizeBytes: storedBytes,
    read: () => contentOf(archive, start, storedBytes),
  };
  const member: TarMember = {
    name: ownName,
    linkName: Buffer.from(facts.bytes("linkpath") ?? facts.longLink ?? header.linkName),
    type: isFile ? "0" : type,
    mode: header.mode & 0o7777,
    uid: facts.number("uid") ?? header.uid,
    gid: facts.number("gid") ?? header.gid,
    mtime: Math.floor(facts.number("mtime") ?? header.mtime),
    major: header.major,
    minor: header.minor,
    xattrs: facts.xattrs(),
    content,
  };
  const headerBytes = sparse?.extraHeaderBytes ?? 0;
  return { member, next: afterContent(start + headerBytes, storedBytes) };
}

const slash = 0x2f;
