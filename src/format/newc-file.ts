// Archives as files: of a directory, or made new from one that is there.

import { openArchive } from "./archive-bytes.ts";
import { writePieces } from "./file-content.ts";
import { type NewcOptions, packNewc } from "./newc.ts";
import { newcEntriesIn } from "./newc-archive.ts";
import { type NewcDirectoryOptions, newcEntriesOf } from "./newc-directory.ts";

/**
 * Writes what is in the absolute path `directory` to the file `output`, as one newc archive.
 * Throws a FormatError, as {@link newcEntriesOf} and {@link packNewc} do.
 */
export async function archiveDirectory(
  directory: string,
  output: string,
  options: NewcOptions & NewcDirectoryOptions,
  signal: AbortSignal,
): Promise<void> {
  await writePieces(output, packNewc(newcEntriesOf(directory, options), options), signal);
}

/** What to make of an archive, besides its time. */
export interface RewriteOptions extends NewcOptions {
  /** What errors call it. */
  readonly path: string;
  /** Told of devices, fifos and sockets, which are left out. */
  readonly onSkipped: (path: Uint8Array) => void;
}

/**
 * Writes what is in the archive `file` to the file `output`, in the one form that all archives
 * with this content get. Throws a FormatError, as {@link newcEntriesIn} and {@link packNewc} do.
 */
export async function rewriteArchive(
  file: string,
  output: string,
  options: RewriteOptions,
  signal: AbortSignal,
): Promise<void> {
  const archive = openArchive(file, options.path);
  try {
    const entries = await newcEntriesIn(archive, options.onSkipped, signal);
    await writePieces(output, packNewc(entries, options), signal);
  } finally {
    archive.close();
  }
}
