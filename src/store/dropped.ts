// Blobs that were removed on purpose, as they can be made again. Knows no action.

import { appendFileSync } from "node:fs";
import { join } from "node:path";

import { type Digest, parseDigest, splitDigest } from "../digest/digest.ts";
import { writeError } from "./store-error.ts";
import { readIfThere } from "./process-identity.ts";
import type { Temporary } from "./temporary.ts";
import { writeWhole } from "./whole-file.ts";

/** The blobs that were dropped from the store in `directory`, by their hashes. */
export function droppedIn(directory: string): ReadonlyMap<string, Digest> {
  return digestsIn(pathIn(directory));
}

/**
 * The blobs that were dropped from one store, in a file with a digest on each line. One that came
 * back since is still there: who asks looks into the CAS first. Losing a line costs the results
 * that need its blob, at the next collection, and nothing else.
 */
export class Dropped {
  readonly #path: string;
  readonly #temporary: Temporary;

  constructor(directory: string, temporary: Temporary) {
    this.#path = pathIn(directory);
    this.#temporary = temporary;
  }

  /** All of them, by their hashes. */
  read(): ReadonlyMap<string, Digest> {
    return digestsIn(this.#path);
  }

  /** Takes in `digests`. Throws a StoreError. */
  add(digests: readonly Digest[]): void {
    if (digests.length === 0) return;
    try {
      // In one piece, as two builds may do so at once.
      appendFileSync(this.#path, digests.map((digest) => `${digest}\n`).join(""));
    } catch (cause) {
      throw writeError(cause, this.#path);
    }
  }

  /** Forgets all but those of which the hash is among `hashes`. Throws a StoreError. */
  keep(hashes: ReadonlySet<string>): void {
    const known = this.read();
    const kept = [...known].filter(([hash]) => hashes.has(hash)).map(([, digest]) => digest);
    if (kept.length === known.size) return;
    const text = kept.map((digest) => `${digest}\n`).join("");
    writeWhole(this.#temporary, this.#path, Buffer.from(text));
  }
}

function pathIn(directory: string): string {
  return join(directory, "dropped");
}

function digestsIn(path: string): ReadonlyMap<string, Digest> {
  const lines = (readIfThere(path) ?? "").split("\n");
  // A build that was killed may have left half of one.
  const digests = lines.map(parseDigest).filter((digest) => digest !== undefined);
  return new Map(digests.map((digest) => [splitDigest(digest).hash, digest]));
}
