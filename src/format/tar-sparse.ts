// Files with holes in tar archives. Source: GNU tar manual, "Storing Sparse Files".

import { type ArchiveBytes, contentOf } from "./archive-bytes.ts";
import type { FileBytes } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";
import type { PaxFacts } from "./pax-facts.ts";
import { numberAt } from "./tar-header.ts";

/** Where the archive has what it stores of a file. */
export interface StoredBytes {
  readonly archive: ArchiveBytes;
  readonly name: Uint8Array;
  readonly start: number;
  readonly storedBytes: number;
}

/** What an archive says of a file that may have holes. */
export interface SparseFacts {
  readonly type: string;
  /** The member's header. */
  readonly block: Uint8Array;
  readonly facts: PaxFacts;
}

/** Data between holes, `offset` from the file's beginning. */
interface Segment {
  readonly offset: number;
  readonly sizeBytes: number;
}

interface SparseMap {
  readonly segments: readonly Segment[];
  readonly sizeBytes: number;
  /** Where the data begins. */
  readonly start: number;
  /** Blocks of the old form that are no part of the stored size. */
  readonly extraHeaderBytes: number;
}

/**
 * The content of a file with holes, in any of the four forms that GNU tar has had; undefined for
 * a file without any. Throws a FormatError for a map that makes no sense.
 */
export function sparseBytes(
  stored: StoredBytes,
  facts: SparseFacts,
): { readonly content: FileBytes; readonly extraHeaderBytes: number } | undefined {
  const map = mapOf(stored, facts);
  if (map === undefined) return undefined;
  checkMap(map, stored);
  const { sizeBytes, extraHeaderBytes } = map;
  return { content: { sizeBytes, read: () => filledBytes(map, stored) }, extraHeaderBytes };
}

function mapOf(stored: StoredBytes, { type, block, facts }: SparseFacts): SparseMap | undefined {
  if (type === "S") return oldMap(stored, block);
  const isNewest = facts.text("GNU.sparse.major") === "1";
  const sizeBytes = facts.number("GNU.sparse.realsize") ?? facts.number("GNU.sparse.size");
  if (sizeBytes === undefined) return undefined;
  if (isNewest) return storedMap(stored, sizeBytes);
  const list = facts.text("GNU.sparse.map")?.split(",") ?? repeatedNumbers(facts);
  const segments = pairsOf(list.map(Number));
  return { segments, sizeBytes, start: stored.start, extraHeaderBytes: 0 };
}

/** In the form 0.0, each number is a record, and their order tells which belong together. */
function repeatedNumbers(facts: PaxFacts): string[] {
  return facts
    .list()
    .filter(([key]) => key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes")
    .map(([, value]) => Buffer.from(value).toString("latin1"));
}

function pairsOf(numbers: readonly number[]): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    segments.push({ offset: numbers[i] ?? Number.NaN, sizeBytes: numbers[i + 1] ?? Number.NaN });
  }
  return segments;
}

/** Of the form of old GNU tar: in the header, and in blocks after it. */
function oldMap({ archive, start }: StoredBytes, header: Uint8Array): SparseMap {
  const numbers = fieldsAt(header, 386, 4);
  let extraHeaderBytes = 0;
  let isContinued = header[482] === 1;
  while (isContinued) {
    const block = archive.read(start + extraHeaderBytes, 512);
    extraHeaderBytes += 512;
    numbers.push(...fieldsAt(block, 0, 21));
    isContinued = block[504] === 1;
  }
  const sizeBytes = numberAt(header, 483, 12) ?? Number.NaN;
  const segments = pairsOf(numbers);
  return { segments, sizeBytes, start: start + extraHeaderBytes, extraHeaderBytes };
}

/** Up to `count` pairs of numbers; an empty field ends them. */
function fieldsAt(block: Uint8Array, start: number, count: number): number[] {
  const numbers: number[] = [];
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) break;
    numbers.push(numberAt(block, at, 12) ?? Number.NaN, numberAt(block, at + 12, 12) ?? Number.NaN);
  }
  return numbers;
}

/** Of the form 1.0: lines of text before the data. */
function storedMap(stored: StoredBytes, sizeBytes: number): SparseMap {
  const { archive, start, storedBytes } = stored;
  const text = archive.read(start, Math.min(storedBytes, mapLimit)).toString("latin1");
  const lines = text.split("\n", 2 * segmentLimit + 2);
  const count = Number(lines[0]);
  if (!Number.isSafeInteger(count) || count < 0 || count * 2 + 1 >= lines.length) {
    throw brokenMap(stored);
  }
  const used = lines.slice(0, count * 2 + 1);
  const usedBytes = used.reduce((sum, line) => sum + line.length + 1, 0);
  const segments = pairsOf(used.slice(1).map(Number));
  const dataStart = start + Math.ceil(usedBytes / 512) * 512;
  return { segments, sizeBytes, start: dataStart, extraHeaderBytes: 0 };
}

const mapLimit = 16 << 20;
const segmentLimit = 1 << 18;

function checkMap(
  { segments, sizeBytes, start, extraHeaderBytes }: SparseMap,
  stored: StoredBytes,
) {
  let end = 0;
  let dataBytes = 0;
  for (const segment of segments) {
    const isNumber =
      Number.isSafeInteger(segment.offset) && Number.isSafeInteger(segment.sizeBytes);
    if (!isNumber || segment.offset < end || segment.sizeBytes < 0) throw brokenMap(stored);
    end = segment.offset + segment.sizeBytes;
    dataBytes += segment.sizeBytes;
  }
  const left = stored.start + extraHeaderBytes + stored.storedBytes - start;
  const isFitting = Number.isSafeInteger(sizeBytes) && end <= sizeBytes && dataBytes <= left;
  if (!isFitting) throw brokenMap(stored);
}

function brokenMap({ archive, name }: StoredBytes): FormatError {
  return new FormatError(
    `${archive.path}: ${readableName(name)}`,
    "has a damaged map of its holes",
  );
}

function* filledBytes(
  { segments, sizeBytes, start }: SparseMap,
  { archive }: StoredBytes,
): Generator<Uint8Array> {
  let at = 0;
  let source = start;
  for (const segment of segments) {
    yield* zeros(segment.offset - at);
    yield* contentOf(archive, source, segment.sizeBytes);
    source += segment.sizeBytes;
    at = segment.offset + segment.sizeBytes;
  }
  yield* zeros(sizeBytes - at);
}

function* zeros(sizeBytes: number): Generator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= zeroPiece.byteLength) {
    yield zeroPiece.subarray(0, Math.min(left, zeroPiece.byteLength));
  }
}

const zeroPiece = Buffer.alloc(64 * 1024);
