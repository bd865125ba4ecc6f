// A zip archive → files, directories and links. Source: PKWARE, APPNOTE.TXT 6.3.10.

import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";

import { FetchError } from "./fetch-error.ts";
import { nameOfBytes } from "./member-name.ts";
import type { TreeWriter } from "./tree-writer.ts";

/** Tells `writer` of the members of the archive `path`. Throws a FetchError. */
export async function readZip(
  path: string,
  writer: TreeWriter,
  signal: AbortSignal,
): Promise<void> {
  // Bundled, a module of CommonJS has no more than a default.
  const { getFileNameLowLevel, openPromise } = (await import("yauzl")).default;
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
  const zip = await asBroken(path, () => openPromise(path, options));
  try {
    for await (const entry of entriesOf(zip, path)) {
      signal.throwIfAborted();
      const isUnix = entry.versionMadeBy >> 8 === unix;
      const { generalPurposeBitFlag: flags, fileNameRaw, extraFields } = entry;
      const isPlain = isUnix && extraFields.every(({ id }) => id !== unicodePath);
      // On Unix, what has no note of its encoding is what the disk had, and not code page 437.
      const name = isPlain
        ? nameOfBytes(fileNameRaw, path)
        : getFileNameLowLevel(flags, fileNameRaw, extraFields, isUnix);
      if (name.includes("\ufffd")) throw unsupported(path, name, "a name that is not UTF-8");
      const mode = isUnix ? entry.externalFileAttributes >>> 16 : 0;
      await readMember(zip, entry, { path, name, mode, writer });
    }
  } finally {
    zip.close();
  }
}

/** The system in the upper byte of `versionMadeBy` that notes modes. */
const unix = 3;
/** An extra field with the name in UTF-8. */
const unicodePath = 0x7075;
const formatOfMode = 0o170000;
const symlink = 0o120000;
const regular = 0o100000;
const directory = 0o040000;
const targetLimit = 4_096;

interface Member {
  readonly path: string;
  readonly name: string;
  readonly mode: number;
  readonly writer: TreeWriter;
}

async function readMember(zip: ZipFile, entry: Entry, member: Member): Promise<void> {
  const { path, name, mode, writer } = member;
  const kind = mode & formatOfMode;
  if (name.endsWith("/") || kind === directory) return writer.directory(name);
  if (kind !== 0 && kind !== regular && kind !== symlink) {
    throw unsupported(path, name, "neither a file nor a folder nor a link");
  }
  if (entry.isEncrypted()) throw unsupported(path, name, "encrypted");
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw unsupported(
      path,
      name,
      `compressed in a way we do not know (${entry.compressionMethod})`,
    );
  }
  if (kind === symlink) return writer.symlink(name, await targetOf(zip, entry, member));
  writer.beginFile(name, (mode & 0o111) !== 0);
  for await (const chunk of contentOf(zip, entry, member)) writer.write(chunk);
  writer.endFile();
}

async function targetOf(zip: ZipFile, entry: Entry, member: Member): Promise<string> {
  const chunks: Uint8Array[] = [];
  if (entry.uncompressedSize > targetLimit) {
    throw unsupported(member.path, member.name, "a link with a very long target");
  }
  for await (const chunk of contentOf(zip, entry, member)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The bytes of a member. yauzl counts them, but leaves their sum to us. */
async function* contentOf(
  zip: ZipFile,
  entry: Entry,
  { path, name }: Member,
): AsyncGenerator<Uint8Array> {
  const stream = await asBroken(path, () => zip.openReadStreamPromise(entry));
  let sum = 0;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) throw new Error("bug: a member is made of bytes");
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof FetchError ? cause : broken(path, cause);
  } finally {
    stream.destroy();
  }
  if (sum !== entry.crc32) throw broken(path, `${JSON.stringify(name)} has another checksum`);
}

async function* entriesOf(zip: ZipFile, path: string): AsyncGenerator<Entry> {
  const entries = zip.eachEntry();
  for (;;) {
    const next = await asBroken(path, () => entries.next());
    if (next.done === true) return;
    yield next.value;
  }
}

/** What `read` gives; a FetchError of the archive `path` when yauzl does not like it. */
async function asBroken<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    throw broken(path, cause);
  }
}

function broken(path: string, cause: unknown): FetchError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FetchError("broken-archive", `${path} is cut off or damaged (${reason})`, { cause });
}

function unsupported(path: string, name: string, what: string): FetchError {
  return new FetchError("unsupported-archive", `${path}: ${JSON.stringify(name)} is ${what}`);
}
