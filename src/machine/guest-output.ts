// What a guest prints: looked through as it comes, and the end of it kept.

import { stripVTControlCharacters } from "node:util";

/** How much is kept, in bytes, and how much of that is shown, in lines. */
const keptBytes = 8 * 1024;
const shownLines = 15;

/** A text that is waited for in what comes in pieces. */
export class GuestOutput {
  readonly #awaited: Buffer | undefined;
  #tail: Buffer = Buffer.alloc(0);

  /** Undefined, or an empty text, is never seen. */
  constructor(awaited: string | undefined) {
    this.#awaited = awaited ? Buffer.from(awaited) : undefined;
  }

  /** Takes in `chunk`; true when the text ends in it, wherever it began. */
  take(chunk: Buffer): boolean {
    const from = Math.max(0, this.#tail.length - (this.#awaited?.length ?? 1) + 1);
    const all = Buffer.concat([this.#tail, chunk]);
    const isSeen = this.#awaited !== undefined && all.includes(this.#awaited, from);
    const kept = Math.max(keptBytes, this.#awaited?.length ?? 0);
    this.#tail = all.subarray(Math.max(0, all.length - kept));
    return isSeen;
  }

  /** The last lines, without control sequences; a line at their head may lack its beginning. */
  lastLines(): string[] {
    const text = stripVTControlCharacters(this.#tail.toString("utf8")).replaceAll("\r", "");
    const lines = text.trimEnd().split("\n");
    return lines.length === 1 && lines[0] === "" ? [] : lines.slice(-shownLines);
  }
}
