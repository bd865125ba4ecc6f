// How much a store holds, as of the last count and of what was added since. Knows no blob.

import { appendFileSync, readFileSync } from "node:fs";

import { errorCode, writeError } from "./store-error.ts";
import type { Temporary } from "./temporary.ts";
import { writeWhole } from "./whole-file.ts";

/** What a look at all of the store found. */
export interface SizeCount {
  readonly sizeBytes: number;
  /** When the file that was used least recently was used. */
  readonly oldestMs: number;
  /** When it was counted. */
  readonly countedMs: number;
}

/** What a file takes on disk, in bytes: whole blocks of 4 KiB. */
export function diskSizeOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 4096) * 4096;
}

/**
 * The size of one store, in a file of lines: `count <sizeBytes> <oldestMs> <countedMs>`, then
 * `added <sizeBytes>` by each build since. Short lines, as appending those is atomic; a build that
 * is killed takes up to 64 MiB with it, until the next count.
 */
export class SizeEstimate {
  readonly #path: string;
  readonly #temporary: Temporary;
  #unwritten = 0;

  constructor(path: string, temporary: Temporary) {
    this.#path = path;
    this.#temporary = temporary;
  }

  /** Adds a file of `sizeBytes`. */
  add(sizeBytes: number): void {
    this.#unwritten += diskSizeOf(sizeBytes);
    if (this.#unwritten >= 64 * 1024 * 1024) this.flush();
  }

  /** Takes off `sizeBytes` on disk. */
  remove(sizeBytes: number): void {
    this.#unwritten -= sizeBytes;
  }

  /** Tells other processes what was added. Throws a StoreError. */
  flush(): void {
    if (this.#unwritten === 0) return;
    const line = `added ${this.#unwritten}\n`;
    try {
      appendFileSync(this.#path, line);
    } catch (cause) {
      if (errorCode(cause) !== "EACCES") throw writeError(cause, this.#path);
      // Another user's, in a store that both share: it can be replaced, if not written to.
      const before = linesOf(this.#path).map((known) => `${known}\n`);
      writeWhole(this.#temporary, this.#path, Buffer.from(before.join("") + line));
    }
    this.#unwritten = 0;
  }

  /** The last count, with what was added since; undefined when the store has to be counted. */
  read(): SizeCount | undefined {
    const [first = "", ...added] = linesOf(this.#path);
    const [keyword, ...numbers] = first.split(" ");
    const [sizeBytes = Number.NaN, oldestMs = 0, countedMs = 0] = numbers.map(Number);
    if (keyword !== "count" || numbers.length !== 3) return undefined;
    let total = sizeBytes + this.#unwritten;
    for (const line of added) total += Number(line.replace("added ", ""));
    return Number.isFinite(total) ? { sizeBytes: total, oldestMs, countedMs } : undefined;
  }

  /** Starts over from `count`, which includes what this process added. Throws a StoreError. */
  write({ sizeBytes, oldestMs, countedMs }: SizeCount): void {
    const line = `count ${sizeBytes} ${Math.floor(oldestMs)} ${Math.floor(countedMs)}\n`;
    writeWhole(this.#temporary, this.#path, Buffer.from(line));
    this.#unwritten = 0;
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n");
  } catch {
    return [];
  }
}
