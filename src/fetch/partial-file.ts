// A download that is not whole yet, with its digests. Knows no server.

import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";

import { removeFile, writeAll } from "../store/whole-file.ts";
import { type Checksum, RunningDigests } from "./checksum.ts";

/** What a server called the version of the file that a part was taken of. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Opens and resumes; whoever opens it ends with `close` or `remove`. */
export class PartialFile {
  readonly path: string;
  readonly #promised: readonly Checksum[];
  readonly #descriptor: number;
  /** Whether the part, and what it is of, are to be found by another process. */
  readonly #kept: boolean;
  #digests: RunningDigests;
  #sizeBytes = 0;
  #validators: Validators | undefined;

  /** With `kept`, goes on with what is at `path` already, when it is known what that is part of. */
  constructor(path: string, promised: readonly Checksum[], { kept }: { readonly kept: boolean }) {
    this.path = path;
    this.#promised = promised;
    this.#kept = kept;
    this.#digests = new RunningDigests(promised);
    this.#validators = kept ? readValidators(path) : undefined;
    this.#descriptor = openSync(path, kept ? "a+" : "ax+", 0o644);
    if (this.#validators === undefined) ftruncateSync(this.#descriptor);
    else this.#digestWhatIsThere();
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What the part is of; undefined when there is none, or nobody said what it is. */
  get validators(): Validators | undefined {
    return this.#sizeBytes === 0 ? undefined : this.#validators;
  }

  append(bytes: Uint8Array): void {
    writeAll(this.#descriptor, bytes);
    this.#digests.update(bytes);
    this.#sizeBytes += bytes.byteLength;
  }

  /** Drops what is there, as what comes next is of another version, which is called `validators`. */
  restart(validators: Validators): void {
    ftruncateSync(this.#descriptor);
    this.#digests = new RunningDigests(this.#promised);
    this.#sizeBytes = 0;
    this.#validators = validators;
    if (this.#kept) writeFileSync(sidecarOf(this.path), JSON.stringify(validators));
  }

  /** SHA-256, and the promised ones. */
  digests(): readonly Checksum[] {
    return this.#digests.current();
  }

  /** Lets go of the file, whole or not. */
  close({ keep }: { readonly keep: boolean }): void {
    closeSync(this.#descriptor);
    if (keep) return;
    removeFile(this.path);
    this.forget();
  }

  /** Removes what was noted beside the file. */
  forget(): void {
    if (this.#kept) removeFile(sidecarOf(this.path));
  }

  #digestWhatIsThere(): void {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      const count = readSync(this.#descriptor, buffer, 0, buffer.byteLength, this.#sizeBytes);
      if (count === 0) return;
      this.#digests.update(buffer.subarray(0, count));
      this.#sizeBytes += count;
    }
  }
}

function sidecarOf(path: string): string {
  return `${path}.json`;
}

function readValidators(path: string): Validators | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(sidecarOf(path), "utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const text = (name: string) => {
      const found: unknown = Reflect.get(value, name);
      return typeof found === "string" ? found : undefined;
    };
    return { etag: text("etag"), lastModified: text("lastModified") };
  } catch {
    return undefined;
  }
}
