// Files of lines, read and written in small pieces: a piece of megabytes that is given back leaves
// Node with a heap that does not shrink.

import { closeSync, openSync, readSync } from "node:fs";

import { writeAll } from "./whole-file.ts";

const pieceBytes = 64 * 1024;

const lineEnd = 0x0a;

/** Hands each whole line of the file `path` to `use`; gives what is behind the last. Throws what Node does. */
export function readLines(path: string, use: (line: string) => void): string {
  const descriptor = openSync(path, "r");
  try {
    const piece = Buffer.allocUnsafeSlow(pieceBytes);
    let rest = Buffer.alloc(0);
    for (;;) {
      const size = readSync(descriptor, piece, 0, pieceBytes, null);
      if (size === 0) return rest.toString();
      const read = piece.subarray(0, size);
      const bytes = rest.byteLength === 0 ? read : Buffer.concat([rest, read]);
      let start = 0;
      for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, start)) {
        use(bytes.toString("utf8", start, end));
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Writes `lines` to the new or emptied file `path`, each with its end. Throws what Node does. */
export function writeLines(path: string, lines: Iterable<string>): void {
  const descriptor = openSync(path, "w");
  try {
    let piece = "";
    for (const line of lines) {
      piece += `${line}\n`;
      if (piece.length < pieceBytes) continue;
      writeAll(descriptor, Buffer.from(piece));
      piece = "";
    }
    writeAll(descriptor, Buffer.from(piece));
  } finally {
    closeSync(descriptor);
  }
}
