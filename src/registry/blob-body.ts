import { createReadStream } from "node:fs";
import { Readable } from "node:stream";

/** A part of a file, and who hears of how many of its bytes are gone. */
export interface BlobPart {
  readonly start: number;
  /** Not in it any more. */
  readonly end: number;
  readonly tell: (sent: number) => void;
}

/** What says that `count` bytes of a blob come. */
export function blobHeaders(count: number): Record<string, string> {
  return { "content-type": "application/octet-stream", "content-length": String(count) };
}

/** Gives `part` of the file `path` as often as it has to be sent. */
export function blobBody(path: string, part: BlobPart): () => Readable {
  return () => Readable.from(piecesOf(path, part), { objectMode: false });
}

async function* piecesOf(path: string, { start, end, tell }: BlobPart): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 });
  for await (const piece of stream) {
    yield piece as Uint8Array;
    tell(stream.bytesRead);
  }
}
