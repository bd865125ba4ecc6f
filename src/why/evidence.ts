// Texts that explain changes later, by name: commands, versions of tools, small sources. Bounded.
// Knows not what they mean.

import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * A file of chunks, each with many texts, deflated. A chunk is appended in one write, so that two
 * builds at once lose nothing. When the file is large, it becomes `<path>.old`, in place of the one
 * that was there: what is kept has a limit, and what it says may be forgotten at any time.
 */
export class Evidence {
  readonly #path: string;
  readonly #limitBytes: number;
  #pending: Buffer[] = [];
  #pendingNames: string[] = [];
  #pendingBytes = 0;
  readonly #added = new Set<string>();
  #index: ReadonlyMap<string, Place> | undefined;
  /** The chunk that was read last: who asks for one text mostly asks for its neighbours. */
  #open: { readonly place: Place["chunk"]; readonly bytes: Buffer } | undefined;

  /** The file `path` need not be there. */
  constructor(path: string, limitBytes = 24 * 2 ** 20) {
    this.#path = path;
    this.#limitBytes = limitBytes;
  }

  has(name: string): boolean {
    return this.#added.has(name) || this.#load().has(name);
  }

  /** Keeps `bytes` under `name`, which has no space and no line feed. */
  add(name: string, bytes: Buffer): void {
    if (this.#added.has(name)) return;
    this.#added.add(name);
    this.#pending.push(bytes);
    this.#pendingNames.push(`${name} ${bytes.byteLength}`);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes >= chunkBytes) this.save();
  }

  /** What was kept under `name` when this was opened; undefined when nothing is. */
  read(name: string): Buffer | undefined {
    const place = this.#load().get(name);
    const bytes = place && this.#chunkAt(place.chunk);
    return place && bytes?.subarray(place.start, place.start + place.length);
  }

  /** Writes what was added. What cannot be written is forgotten: it explains, and no more. */
  save(): void {
    if (this.#pending.length === 0) return;
    const index = Buffer.from(`${this.#pendingNames.join("\n")}\n`);
    const data = deflateRawSync(Buffer.concat(this.#pending), { level: 1 });
    const header = Buffer.from(`${magic} ${index.byteLength} ${data.byteLength}`.padEnd(headBytes));
    this.#pending = [];
    this.#pendingNames = [];
    this.#pendingBytes = 0;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      this.#rotate();
      appendFileSync(this.#path, Buffer.concat([header, index, data]));
    } catch {
      // As a full disk is told of by the store, without which nothing can be built.
    }
  }

  #rotate(): void {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found !== undefined && found.size > this.#limitBytes) {
      renameSync(this.#path, `${this.#path}.old`);
    }
  }

  #load(): ReadonlyMap<string, Place> {
    this.#index ??= new Map([`${this.#path}.old`, this.#path].flatMap(placesIn));
    return this.#index;
  }

  #chunkAt(chunk: Place["chunk"]): Buffer | undefined {
    if (this.#open?.place === chunk) return this.#open.bytes;
    const bytes = withFile(chunk.file, (descriptor) => {
      return inflateRawSync(readAt(descriptor, chunk.start, chunk.length));
    });
    this.#open = bytes && { place: chunk, bytes };
    return bytes;
  }
}

/** Where a text is in which chunk. */
interface Place {
  readonly chunk: { readonly file: string; readonly start: number; readonly length: number };
  readonly start: number;
  readonly length: number;
}

const magic = "evidence1";
const headBytes = 40;

/** Large enough to be deflated well, small enough to be inflated for one text. */
const chunkBytes = 256 * 1024;

/** All texts in `file`, so far as it is whole: behind a chunk that is not, nothing can be told. */
function placesIn(file: string): readonly (readonly [string, Place])[] {
  const places: (readonly [string, Place])[] = [];
  withFile(file, (descriptor) => {
    const { size } = fstatSync(descriptor);
    for (let at = 0; at + headBytes <= size; ) {
      const [name, index, data] = readAt(descriptor, at, headBytes).toString().split(" ");
      const [indexBytes, dataBytes] = [Number(index), Number(data)];
      const start = at + headBytes + indexBytes;
      if (name !== magic || !(start + dataBytes <= size)) return;
      const chunk = { file, start, length: dataBytes };
      const lines = readAt(descriptor, at + headBytes, indexBytes)
        .toString()
        .trimEnd()
        .split("\n");
      let within = 0;
      for (const line of lines) {
        const [text = "", length = "0"] = line.split(" ");
        places.push([text, { chunk, start: within, length: Number(length) }]);
        within += Number(length);
      }
      at = start + dataBytes;
    }
  });
  return places;
}

function readAt(descriptor: number, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, start));
}

/** What `use` gives; undefined when the file cannot be read. */
function withFile<T>(file: string, use: (descriptor: number) => T): T | undefined {
  try {
    const descriptor = openSync(file, "r");
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined; // Absent, or damaged: it explains, and no more.
  }
}
