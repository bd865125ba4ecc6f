// Makes blobs of bytes and of files. Knows not why.

import { closeSync, fstatSync, linkSync, openSync, renameSync, statSync } from "node:fs";

import type { Host } from "../base/host.ts";
import { type Digest, digestOf, splitDigest } from "../digest/digest.ts";
import type { BlobFile, BlobShelf } from "./blob-shelf.ts";
import { copyDescriptor, digestOfSized, withReading } from "./file-digest.ts";
import { seal, sealedMode } from "./seal.ts";
import { readError, writeError } from "./store-error.ts";
import type { Temporary } from "./temporary.ts";
import { createFile, linkInto, moveInto, removeFile, writeAllElsewhere } from "./whole-file.ts";

/** What the CAS needs of the world: the clock, and someone to count what it adds. */
export interface CasHost extends Pick<Host, "epochMs"> {
  /** Hears the size of each new file. */
  readonly added?: (sizeBytes: number) => void;
}

/** Puts blobs on `shelf`: each is whole and sealed when it appears there. */
export class BlobWriter {
  readonly #shelf: BlobShelf;
  readonly #temporary: Temporary;
  readonly #host: CasHost;
  readonly #device: number;

  constructor(shelf: BlobShelf, temporary: Temporary, host: CasHost) {
    this.#shelf = shelf;
    this.#temporary = temporary;
    this.#host = host;
    this.#device = statSync(temporary.directory).dev;
  }

  /** Writes a blob with `fill`, which gives the digest of what it wrote. Throws a StoreError. */
  write(executable: boolean, fill: (draft: number) => Digest): BlobFile {
    const draftPath = this.#temporary.path();
    try {
      const digest = this.#fill(createFile(draftPath), sealedMode(executable), fill);
      const file = { digest, executable };
      // A file in place stays: its links would otherwise no longer be links to the blob.
      if (this.#shelf.holds(file)) removeFile(draftPath);
      else this.#publish(draftPath, file);
      return file;
    } catch (cause) {
      removeFile(draftPath);
      throw writeError(cause, draftPath);
    }
  }

  /**
   * Writes `bytes`, which must stay as they are, as the blob `file` while they are hashed; false
   * when they are another one. Rejects with a StoreError.
   */
  async writeElsewhere(bytes: Uint8Array, file: BlobFile): Promise<boolean> {
    const draftPath = this.#temporary.path();
    try {
      const isRight = await this.#fillElsewhere(createFile(draftPath), bytes, file);
      if (!isRight || this.#shelf.holds(file)) removeFile(draftPath);
      else this.#publish(draftPath, file);
      return isRight;
    } catch (cause) {
      removeFile(draftPath);
      throw writeError(cause, draftPath);
    }
  }

  /** Copies the regular file `path`, executable as that is unless told. Throws a StoreError. */
  copy(path: string, executable?: boolean): BlobFile {
    return reading(path, (source) =>
      this.write(executable ?? isExecutable(fstatSync(source).mode), (draft) =>
        copyDescriptor(source, draft),
      ),
    );
  }

  /**
   * Copies `file` to the new file `destination` with permission bits `mode`. Its mtime is the
   * sealed one, as a link's would be. Gives the digest of what was copied. Throws a StoreError.
   */
  copyOut(file: BlobFile, destination: string, mode: number): Digest {
    return reading(this.#shelf.pathOf(file), (source) => {
      const target = creating(destination);
      try {
        return this.#fill(target, mode, () => copyDescriptor(source, target));
      } catch (cause) {
        removeFile(destination);
        throw writeError(cause, destination);
      }
    });
  }

  /** Makes the regular file `path` itself a blob; undefined when it has to be copied. */
  move(path: string): BlobFile | undefined {
    return reading(path, (source) => {
      const file = this.#adoptable(source);
      return file !== undefined && this.#moveAs(path, source, file) ? file : undefined;
    });
  }

  /**
   * Makes the file `path` itself a blob, and leaves there a link to it; undefined when it has to be
   * copied, or is no regular file that can be read.
   */
  share(path: string): BlobFile | undefined {
    try {
      return withReading(path, (source) => {
        const file = this.#adoptable(source);
        return file !== undefined && this.#shareAs(path, source, file) ? file : undefined;
      });
    } catch {
      return undefined; // Most are one, and looking first takes as long as opening it.
    }
  }

  /** What the file `source` would be as a blob; undefined for one that can be none itself. */
  #adoptable(source: number): BlobFile | undefined {
    const before = fstatSync(source);
    // Another link may be a source file of the user, which must not become read-only.
    const isSole = before.nlink === 1 && before.dev === this.#device;
    if (!isSole || !before.isFile()) return undefined;
    const digest = digestOfSized(source, before.size);
    const after = fstatSync(source);
    const isSame = after.mtimeMs === before.mtimeMs && after.size === before.size;
    return isSame ? { digest, executable: isExecutable(before.mode) } : undefined;
  }

  /** Makes the file `path`, open as `source`, a blob and its link; false where that cannot be. */
  #shareAs(path: string, source: number, file: BlobFile): boolean {
    const blob = this.#shelf.pathOf(file);
    try {
      seal(source, sealedMode(file.executable), this.#host.epochMs());
      // Most are new, and looking first whether it is there takes as long as the link.
      linkInto(path, blob);
    } catch {
      // Another user's file, or another mount of the device, unless it is there.
      return this.#shelf.holds(file) && this.#replace(path, file);
    }
    this.#count(file);
    return true;
  }

  /** Makes the file `path`, open as `source`, a blob; false where that cannot be. */
  #moveAs(path: string, source: number, file: BlobFile): boolean {
    if (this.#shelf.holds(file)) {
      removeFile(path);
      return true;
    }
    try {
      seal(source, sealedMode(file.executable), this.#host.epochMs());
      moveInto(path, this.#shelf.pathOf(file));
      this.#count(file);
      return true;
    } catch {
      return false; // Another user's file, or another mount of the device: a copy will tell.
    }
  }

  /** Writes the file behind `draft`, seals it and closes it. */
  #fill(draft: number, mode: number, fill: (draft: number) => Digest): Digest {
    try {
      const digest = fill(draft);
      seal(draft, mode, this.#host.epochMs());
      return digest;
    } finally {
      closeSync(draft);
    }
  }

  /** As `#fill`, with `bytes`; false when they are not those of `file`. */
  async #fillElsewhere(draft: number, bytes: Uint8Array, file: BlobFile): Promise<boolean> {
    try {
      const written = writeAllElsewhere(draft, bytes);
      const digest = digestOf(bytes); // Meanwhile.
      await written;
      if (digest !== file.digest) return false;
      seal(draft, sealedMode(file.executable), this.#host.epochMs());
      return true;
    } finally {
      closeSync(draft);
    }
  }

  /** Makes `path` a link to the blob `file`, which is there; false where there can be none. */
  #replace(path: string, file: BlobFile): boolean {
    const draft = this.#temporary.path();
    try {
      linkSync(this.#shelf.pathOf(file), draft);
      renameSync(draft, path);
      return true;
    } catch {
      removeFile(draft);
      return false;
    }
  }

  #publish(path: string, file: BlobFile): void {
    moveInto(path, this.#shelf.pathOf(file));
    this.#count(file);
  }

  #count({ digest }: BlobFile): void {
    this.#host.added?.(splitDigest(digest).sizeBytes);
  }
}

/** Runs `use` with `path` opened to read; a StoreError when it cannot be. */
function reading<T>(path: string, use: (source: number) => T): T {
  try {
    return withReading(path, use);
  } catch (cause) {
    throw readError(cause, path);
  }
}

/** A descriptor to write the new file `path` with; a StoreError when there can be none. */
function creating(path: string): number {
  try {
    return openSync(path, "wx");
  } catch (cause) {
    throw writeError(cause, path);
  }
}

/** By the owner's bit alone, as a mode such as 0654 is nobody's intention. */
function isExecutable(mode: number): boolean {
  return (mode & 0o100) !== 0;
}
