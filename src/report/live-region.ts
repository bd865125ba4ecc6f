// Lines at the foot of a terminal that are drawn over. Knows no build.

import { widthOf } from "./text-width.ts";

/** How large a terminal is, in characters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Draws each frame by one write, over the one before. The cursor rests below the last line, so
 * that whoever ends the program by force finds the prompt on a line of its own.
 */
export class LiveRegion {
  readonly #write: (text: string) => void;
  #lines: readonly string[] = [];
  #columns = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Puts `lines`, each of which fits, in place of those that stand there; `above` stays for good. */
  draw(lines: readonly string[], { columns }: ScreenSize, above = ""): void {
    const isSame = columns === this.#columns && lines.join("\n") === this.#lines.join("\n");
    if (isSame && above === "") return;
    const up = this.#rowsAt(columns);
    this.#lines = lines;
    this.#columns = columns;
    if (up === 0 && lines.length === 0) return this.#write(above);
    const back = up === 0 ? "" : `\r\u001B[${up}A`;
    // Each line clears what is left of the one below it: clearing all at first would flicker.
    const fresh = (above + lines.map((line) => `${line}\n`).join("")).replaceAll("\n", clearedEnd);
    this.#write(`${beginFrame}${back}${fresh}\u001B[J${endFrame}`);
  }

  /** On a screen that became narrower, terminals break lines that were longer. */
  #rowsAt(columns: number): number {
    const room = Math.max(1, columns);
    const rows = this.#lines.map((line) => Math.max(1, Math.ceil(widthOf(line) / room)));
    return rows.reduce((sum, one) => sum + one, 0);
  }
}

const clearedEnd = "\u001B[K\n";
/** Source: Contour, "Synchronized Output"; who does not know it ignores it. */
const beginFrame = "\u001B[?2026h";
const endFrame = "\u001B[?2026l";
