// What a Solo5 binary says of itself: which tender it is for, and which devices it has.
//
// Source: Solo5, include/elf_abi.h, include/mft_abi.h, tenders/common/mft.c.

import type { ArchiveBytes } from "./archive-bytes.ts";
import { FormatError } from "./format-error.ts";

/** A Solo5 binary. */
export interface Solo5Binary {
  /** What it is linked for, such as `hvt`; `target 9` for one that nobody knows. */
  readonly abi: string;
  readonly abiVersion: number;
  /** In the order of its manifest. */
  readonly devices: readonly Solo5Device[];
}

/** A device that a binary declares, and that has to be attached. */
export interface Solo5Device {
  readonly name: string;
  readonly type: "block" | "net";
}

/**
 * The Solo5 binary in `file`; undefined when it is none. Throws a FormatError for one that no
 * tender would start.
 */
export function solo5BinaryOf(
  file: Pick<ArchiveBytes, "read" | "sizeBytes" | "path">,
): Solo5Binary | undefined {
  if (file.sizeBytes < headerBytes) return undefined;
  const header = file.read(0, headerBytes);
  // ELF, of 64 bits, little-endian.
  if (header.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") return undefined;
  let abi: Buffer | undefined;
  let manifest: Buffer | undefined;
  for (const { type, content } of notesOf(header, file)) {
    if (type === abiNote) abi = content;
    else if (type === manifestNote) manifest = content;
  }
  if (abi === undefined) return undefined;
  if (abi.length < 16) throw new FormatError(file.path, "has a Solo5 ABI note that is cut off");
  const target = abi.readUInt32LE(0);
  return {
    abi: targets[target - 1] ?? `target ${target}`,
    abiVersion: abi.readUInt32LE(4),
    devices: manifest === undefined ? [] : devicesOf(manifest, file.path),
  };
}

const headerBytes = 64;
const abiNote = 0x31494241; // "ABI1"
const manifestNote = 0x3154464d; // "MFT1"
const targets = ["hvt", "spt", "virtio", "muen", "genode", "xen"] as const;

interface Note {
  readonly type: number;
  readonly content: Buffer;
}

/** Far more than any linker makes. */
const maxSegments = 64;
const maxNoteBytes = 64 * 1024;

function* notesOf(
  header: Buffer,
  file: Pick<ArchiveBytes, "read" | "sizeBytes" | "path">,
): Generator<Note> {
  const offset = Number(header.readBigUInt64LE(0x20));
  const entryBytes = header.readUInt16LE(0x36);
  const count = Math.min(header.readUInt16LE(0x38), maxSegments);
  if (entryBytes < 56) return;
  for (let i = 0; i < count; i++) {
    const segment = bytesOf(file, offset + i * entryBytes, 56);
    if (segment === undefined) return;
    if (segment.readUInt32LE(0) !== 4) continue; // PT_NOTE
    const start = Number(segment.readBigUInt64LE(8));
    const sizeBytes = Math.min(Number(segment.readBigUInt64LE(0x20)), maxNoteBytes);
    const content = bytesOf(file, start, sizeBytes);
    if (content !== undefined) yield* notesIn(content);
  }
}

/** Undefined for what lies outside of the file. */
function bytesOf(
  file: Pick<ArchiveBytes, "read" | "sizeBytes">,
  offset: number,
  length: number,
): Buffer | undefined {
  const isInside = Number.isSafeInteger(offset) && offset + length <= file.sizeBytes;
  return isInside ? Buffer.from(file.read(offset, length)) : undefined;
}

function* notesIn(segment: Buffer): Generator<Note> {
  for (let at = 0; at + 12 <= segment.length; ) {
    const nameBytes = segment.readUInt32LE(at);
    const contentBytes = segment.readUInt32LE(at + 4);
    const type = segment.readUInt32LE(at + 8);
    const start = at + 12 + padded(nameBytes);
    if (start + contentBytes > segment.length) return;
    const name = segment.toString("latin1", at + 12, at + 12 + nameBytes);
    if (name === "Solo5\0") yield { type, content: segment.subarray(start, start + contentBytes) };
    at = start + padded(contentBytes);
  }
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** The manifest begins where 8 bytes are aligned, behind a padding of 4. */
const paddingBytes = 4;
const entryBytes = 104;
const nameBytes = 68;

function devicesOf(note: Buffer, path: string): readonly Solo5Device[] {
  const broken = (what: string): FormatError =>
    new FormatError(path, `has a Solo5 manifest ${what}`);
  if (note.length < paddingBytes + 8) throw broken("that is cut off");
  const manifest = note.subarray(paddingBytes);
  const count = manifest.readUInt32LE(4);
  if (manifest.readUInt32LE(0) !== 1) throw broken("of a version that nobody knows");
  if (count < 1 || count > 64) throw broken(`of ${count} entries`);
  if (manifest.length !== 8 + count * entryBytes) throw broken("of another size than it says");
  // The first entry is reserved.
  return Array.from({ length: count - 1 }, (_, i): Solo5Device => {
    const at = 8 + (i + 1) * entryBytes;
    const name = manifest.toString("latin1", at, at + nameBytes);
    const end = name.indexOf("\0");
    const type = manifest.readUInt32LE(at + nameBytes);
    if (end < 1) throw broken("with a device without a name");
    if (type !== 1 && type !== 2) throw broken(`with a device of type ${type}`);
    return { name: name.slice(0, end), type: type === 1 ? "block" : "net" };
  });
}
