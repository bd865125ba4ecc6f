// Bytes of a tar archive → files, directories and links. Reads no disk.
//
// Apart from format/tar-archive.ts, with which it shares headers: sources are unpacked while they
// are decompressed, so bytes come once and in pieces, and of owners, times and attributes nothing counts.

import { isZero, parseTarHeader, type TarHeader } from "../format/tar-header.ts";
import { FetchError } from "./fetch-error.ts";
import { nameOfBytes } from "./member-name.ts";
import { type PaxRecords, parsePaxRecords } from "./pax-records.ts";
import type { TreeWriter } from "./tree-writer.ts";

/** Where the reader is: what the next bytes are. */
type State =
  | { readonly kind: "header" }
  /** Bytes of a file go to the writer, others are gathered for `then`, or dropped. */
  | { readonly kind: "file"; left: number; readonly padding: number }
  | { readonly kind: "extension"; readonly type: string; left: number; readonly padding: number }
  | { readonly kind: "padding"; left: number }
  /** After one block of zeros. */
  | { readonly kind: "ending" };

/** More than the longest path, and not so much that it matters. */
const extensionLimit = 1 << 20;
const blockBytes = 512;

/**
 * Takes an archive in pieces, and tells `writer` of its members. Stricter than tar: an archive
 * without its end mark was cut off, and after that mark nothing may follow.
 */
export class TarReader {
  readonly #writer: TreeWriter;
  readonly #archive: string;
  #state: State = { kind: "header" };
  /** The beginning of a block of which the rest did not come yet. */
  #rest: Uint8Array = new Uint8Array();
  #extension: Uint8Array[] = [];
  #global: PaxRecords = {};
  #local: PaxRecords | undefined;
  #longName: Uint8Array | undefined;
  #longLink: Uint8Array | undefined;

  constructor(writer: TreeWriter, archive: string) {
    this.#writer = writer;
    this.#archive = archive;
  }

  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest.byteLength > 0) {
      // Only blocks are ever waited for: what is missing of this one is the beginning of the chunk.
      const missing = blockBytes - this.#rest.byteLength;
      const block = Buffer.concat([this.#rest, chunk.subarray(0, missing)]);
      if (this.#take(block) === 0) {
        this.#rest = block;
        return;
      }
      bytes = chunk.subarray(missing);
    }
    for (let taken = 1; taken > 0 && bytes.byteLength > 0; bytes = bytes.subarray(taken)) {
      taken = this.#take(bytes);
    }
    this.#rest = bytes;
  }

  /** Says that no more bytes come. */
  end(): void {
    if (this.#state.kind !== "ending" || this.#rest.byteLength > 0)
      throw this.#broken("is cut off");
  }

  /** Takes what it can of the beginning of `bytes`, and says how much that is. */
  #take(bytes: Uint8Array): number {
    const state = this.#state;
    if (state.kind === "header" || state.kind === "ending") {
      if (bytes.byteLength < blockBytes) return 0;
      this.#takeBlock(bytes.subarray(0, blockBytes), state.kind);
      return blockBytes;
    }
    const piece = bytes.subarray(0, state.left);
    state.left -= piece.byteLength;
    if (state.kind === "file") this.#writer.write(piece);
    // A copy, as what it is of may be a large buffer.
    if (state.kind === "extension") this.#extension.push(Uint8Array.from(piece));
    if (state.left === 0) this.#endPart(state);
    return piece.byteLength;
  }

  #endPart(state: State & { readonly kind: "file" | "extension" | "padding" }): void {
    if (state.kind === "file") this.#writer.endFile();
    if (state.kind === "extension") this.#endExtension(state.type);
    const padding = state.kind === "padding" ? 0 : state.padding;
    this.#state = padding === 0 ? { kind: "header" } : { kind: "padding", left: padding };
  }

  #takeBlock(block: Uint8Array, kind: "header" | "ending"): void {
    if (isZero(block)) {
      if (this.#hasExtension()) throw this.#broken("ends after an extended header");
      this.#state = { kind: "ending" };
      return;
    }
    if (kind === "ending") throw this.#broken("goes on after its end");
    const header = parseTarHeader(block);
    if (header === undefined) throw this.#broken("has a damaged header");
    if ("xgLK".includes(header.type)) this.#beginExtension(header);
    else this.#beginMember(header);
  }

  #beginExtension({ type, sizeBytes }: TarHeader): void {
    if (sizeBytes > extensionLimit) throw this.#broken("has an extended header that is too large");
    this.#extension = [];
    const padding = paddingOf(sizeBytes);
    this.#state = { kind: "extension", type, left: sizeBytes, padding };
    if (sizeBytes === 0) this.#endPart(this.#state);
  }

  #endExtension(type: string): void {
    const bytes = Buffer.concat(this.#extension);
    this.#extension = [];
    if (type === "L") this.#longName = untilNul(bytes);
    else if (type === "K") this.#longLink = untilNul(bytes);
    else {
      const records = parsePaxRecords(bytes, type === "g" ? this.#global : (this.#local ?? {}));
      if (records === undefined) throw this.#broken("has a damaged extended header");
      if (type === "g") this.#global = records;
      else this.#local = records;
    }
  }

  #hasExtension(): boolean {
    return [this.#local, this.#longName, this.#longLink].some((one) => one !== undefined);
  }

  #beginMember(header: TarHeader): void {
    const pax = { ...this.#global, ...this.#local };
    const name = pax.path ?? nameOfBytes(this.#longName ?? header.name, this.#archive);
    const link = pax.linkpath ?? nameOfBytes(this.#longLink ?? header.linkName, this.#archive);
    this.#local = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    const sizeBytes = pax.size ?? header.sizeBytes;
    // Before POSIX, a directory was a file whose name ends so.
    const type = header.type === "0" && name.endsWith("/") ? "5" : header.type;
    if (pax.sparse || type === "S") throw this.#unsupported(name, "a file with holes");
    if (type === "0" || type === "7") return this.#beginFile(name, header.mode, sizeBytes);
    // These have no content, whatever size some tools note: what follows is the next header.
    if (type === "1") this.#writer.hardlink(name, link);
    else if (type === "2") this.#writer.symlink(name, link);
    else if (type === "5") this.#writer.directory(name);
    else throw this.#unsupported(name, kinds[type] ?? `a member of the unknown kind "${type}"`);
  }

  #beginFile(name: string, mode: number, sizeBytes: number): void {
    this.#writer.beginFile(name, (mode & 0o111) !== 0);
    if (sizeBytes === 0) this.#writer.endFile();
    else this.#state = { kind: "file", left: sizeBytes, padding: paddingOf(sizeBytes) };
  }

  #broken(what: string): FetchError {
    return new FetchError("broken-archive", `${this.#archive} ${what}`);
  }

  #unsupported(name: string, what: string): FetchError {
    const message = `${this.#archive}: ${JSON.stringify(name)} is ${what}`;
    return new FetchError("unsupported-archive", message);
  }
}

const kinds: Readonly<Record<string, string>> = {
  "3": "a character device",
  "4": "a block device",
  "6": "a named pipe",
  M: "the rest of a file of another archive",
};

function paddingOf(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}
