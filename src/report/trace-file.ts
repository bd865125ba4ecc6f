// A file of Chrome trace events that is whole JSON after every write. Knows no build.
// Source: Chromium, "Trace Event Format"; RFC 1952 for the packed form.

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32, deflateRawSync, constants } from "node:zlib";

import { writeError } from "../store/store-error.ts";

/** One event, as the format has it. */
export type TraceEvent = Readonly<Record<string, unknown>>;

/** Appends events; packed when the name of the file ends in `.gz`. */
export class TraceFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #packer: Packer | undefined;
  #pending = "";
  #isFirst = true;
  /** Where the next bytes go: what ends the file is written over. */
  #offset = 0;

  /** Throws a StoreError. */
  constructor(path: string) {
    this.#path = path;
    this.#packer = path.endsWith(".gz") ? new Packer() : undefined;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#descriptor = openSync(path, "w");
    } catch (cause) {
      throw writeError(cause, path);
    }
    this.#pending = "[";
    this.flush();
  }

  /** Throws a StoreError. */
  add(event: TraceEvent): void {
    this.#pending += `${this.#isFirst ? "\n" : ",\n"}${JSON.stringify(event)}`;
    this.#isFirst = false;
    if (this.#pending.length > chunkLength) this.flush();
  }

  /** Writes what was added, and the end, so that a build that is killed leaves a whole file. */
  flush(): void {
    if (this.#pending === "") return;
    const bytes = Buffer.from(this.#pending);
    this.#pending = "";
    const body = this.#packer === undefined ? bytes : this.#packer.pack(bytes);
    const end = this.#packer === undefined ? closing : this.#packer.end(closing);
    try {
      writeWhole(this.#descriptor, Buffer.concat([body, end]), this.#offset);
    } catch (cause) {
      throw writeError(cause, this.#path);
    }
    this.#offset += body.byteLength;
  }

  close(): void {
    this.flush();
    closeSync(this.#descriptor);
  }
}

const chunkLength = 64 * 1024;
const closing = Buffer.from("\n]\n");

function writeWhole(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(descriptor, bytes, done, bytes.byteLength - done, offset + done);
  }
}

/** Packs parts of one gzip member, which can be ended after each of them. */
class Packer {
  #header: Buffer = gzipHeader;
  #checksum = 0;
  #length = 0;

  pack(bytes: Buffer): Buffer {
    this.#checksum = crc32(bytes, this.#checksum);
    this.#length += bytes.byteLength;
    const packed = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    const whole = Buffer.concat([this.#header, packed]);
    this.#header = Buffer.alloc(0);
    return whole;
  }

  /** What ends the member behind `bytes`; more may be packed in its place. */
  end(bytes: Buffer): Buffer {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(bytes, this.#checksum), 0);
    trailer.writeUInt32LE((this.#length + bytes.byteLength) % 2 ** 32, 4);
    return Buffer.concat([deflateRawSync(bytes), trailer]);
  }
}

const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
