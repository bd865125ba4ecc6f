// Texts that explain changes later, by name: commands, versions of tools, small sources. Bounded.
// Knows not what they mean.

import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writevSync,
} from "node:fs";
import { dirname } from "node:path";
import { deflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";

import { PlaceTable } from "./place-table.ts";

/**
 * A file of chunks, each with many texts, deflated. A chunk is appended in one write, so that two
 * builds at once lose nothing. When the file is large, it becomes `<path>.old`, in place of the one
 * that was there: what is kept has a limit, and what it says may be forgotten at any time.
 */
export class Evidence {
  readonly #path: string;
  readonly #limitBytes: number;
  /** One for all chunks, as what each would leave behind counts as memory for long. */
  #buffer: Buffer | undefined;
  #usedBytes = 0;
  #names = "";
  /** The chunk that another thread deflates, while the next one is filled. */
  #deflating: Full | undefined;
  /** Another buffer, for the chunk behind that one. */
  #spare: Buffer | undefined;
  /** Numbers, as they take a quarter of what names do; see `numberOf`. */
  readonly #added = new Set<number>();
  #index: Index | undefined;
  /** The chunk that was read last: who asks for one text mostly asks for its neighbours. */
  #open: { readonly chunk: number; readonly bytes: Buffer } | undefined;

  /** The file `path` need not be there. */
  constructor(path: string, limitBytes = 24 * 2 ** 20) {
    this.#path = path;
    this.#limitBytes = limitBytes;
  }

  /** Whether `name` was added since this was opened, which costs no look at the file. */
  isAdded(name: string): boolean {
    return this.#added.has(numberOf(name));
  }

  has(name: string): boolean {
    return this.isAdded(name) || this.#load().places.has(numberOf(name));
  }

  /** Keeps `bytes` under `name`: a digest, of which the beginning does, and no space. */
  add(name: string, bytes: Uint8Array): void {
    if (this.isAdded(name)) return;
    this.#added.add(numberOf(name));
    if (this.#usedBytes + bytes.byteLength > chunkBytes) this.#close();
    const line = `${name} ${bytes.byteLength}\n`;
    if (bytes.byteLength > chunkBytes) return this.#append(line, bytes);
    this.#buffer ??= this.#newBuffer();
    this.#buffer.set(bytes, this.#usedBytes);
    this.#usedBytes += bytes.byteLength;
    this.#names += line;
  }

  /** What was kept under `name` when this was opened; undefined when nothing is. */
  read(name: string): Buffer | undefined {
    const place = this.#load().places.get(numberOf(name));
    const bytes = place && this.#chunkAt(place.chunk);
    return place && bytes?.subarray(place.start, place.start + place.length);
  }

  /** Writes what was added. What cannot be written is forgotten: it explains, and no more. */
  save(): void {
    const deflating = this.#deflating;
    this.#deflating = undefined; // Whatever comes of it comes too late.
    if (deflating !== undefined) this.#append(deflating.names, deflating.bytes);
    if (this.#names === "") return;
    const { names, bytes } = this.#take();
    this.#append(names, bytes);
  }

  /** Writes the chunk that is full: at once when another one is being deflated, else in a while. */
  #close(): void {
    if (this.#names === "") return;
    const full = this.#take();
    const buffer = this.#buffer;
    if (this.#deflating !== undefined) return this.#append(full.names, full.bytes);
    this.#deflating = full;
    this.#buffer = undefined;
    deflateRaw(full.bytes, { level: 1 }, (error, data) => {
      if (this.#deflating !== full) return;
      this.#deflating = undefined;
      this.#spare = buffer;
      if (error === null) this.#write(full.names, data);
    });
  }

  #take(): Full {
    const bytes = this.#buffer?.subarray(0, this.#usedBytes) ?? new Uint8Array(0);
    const names = this.#names;
    this.#names = "";
    this.#usedBytes = 0;
    return { names, bytes };
  }

  #newBuffer(): Buffer {
    const buffer = this.#spare ?? Buffer.allocUnsafeSlow(chunkBytes);
    this.#spare = undefined;
    return buffer;
  }

  #append(names: string, bytes: Uint8Array): void {
    this.#write(names, deflateRawSync(bytes, { level: 1 }));
  }

  #write(names: string, data: Buffer): void {
    const index = Buffer.from(names);
    const header = Buffer.from(`${magic} ${index.byteLength} ${data.byteLength}`.padEnd(headBytes));
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      this.#rotate();
      const descriptor = openSync(this.#path, "a");
      try {
        writevSync(descriptor, [header, index, data]);
      } finally {
        closeSync(descriptor);
      }
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

  #load(): Index {
    if (this.#index !== undefined) return this.#index;
    const index: Index = { chunks: [], places: new PlaceTable() };
    for (const file of [`${this.#path}.old`, this.#path]) addPlaces(file, index);
    this.#index = index;
    return index;
  }

  #chunkAt(number: number): Buffer | undefined {
    if (this.#open?.chunk === number) return this.#open.bytes;
    const chunk = this.#load().chunks[number];
    const bytes =
      chunk &&
      withFile(chunk.file, (descriptor) => {
        return inflateRawSync(readAt(descriptor, chunk.start, chunk.length));
      });
    this.#open = bytes && { chunk: number, bytes };
    return bytes;
  }
}

/** Texts that are to be written, and their names. */
interface Full {
  readonly names: string;
  readonly bytes: Uint8Array;
}

/** What is where. */
interface Index {
  readonly chunks: Chunk[];
  /** By {@link numberOf} a name. */
  readonly places: PlaceTable;
}

interface Chunk {
  readonly file: string;
  readonly start: number;
  readonly length: number;
}

const magic = "evidence1";
const headBytes = 40;

/** Large enough to be deflated well, small enough to be inflated for one text. */
const chunkBytes = 128 * 1024;

/** Adds all texts in `file` that are whole: behind a chunk that is not, nothing can be told. */
function addPlaces(file: string, { chunks, places }: Index): void {
  withFile(file, (descriptor) => {
    const { size } = fstatSync(descriptor);
    for (let at = 0; at + headBytes <= size; ) {
      const [name, indexLength, data] = readAt(descriptor, at, headBytes).toString().split(" ");
      const [indexBytes, dataBytes] = [Number(indexLength), Number(data)];
      const start = at + headBytes + indexBytes;
      if (name !== magic || !(start + dataBytes <= size)) return;
      const chunk = chunks.push({ file, start, length: dataBytes }) - 1;
      const lines = readAt(descriptor, at + headBytes, indexBytes)
        .toString()
        .trimEnd()
        .split("\n");
      let within = 0;
      for (const line of lines) {
        const [text = "", length = "0"] = line.split(" ");
        places.set(numberOf(text), { chunk, start: within, length: Number(length) });
        within += Number(length);
      }
      at = start + dataBytes;
    }
  });
}

/** Of a name that begins as a digest does: two of one number cost the second its text, and no more. */
function numberOf(name: string): number {
  return Number.parseInt(name.slice(0, 13), 16) || 1;
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
