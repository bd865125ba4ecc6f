// Notices files of the CAS that an action altered. Reads no file.

import { type Stats, lstatSync } from "node:fs";

import type { ExecPath } from "../action/action.ts";
import { MissingInputError, type StagedBlob } from "./staged-input.ts";

/**
 * Blobs as they were when they were staged. It is the file of the CAS that is looked at, not the
 * link to it: replacing the link is the action's own business.
 */
export class BlobWatch {
  readonly #blobs: { readonly blob: StagedBlob; readonly stats: Stats }[] = [];

  add(blob: StagedBlob): void {
    const stats = lstatSync(blob.file, { throwIfNoEntry: false });
    if (stats === undefined) throw new MissingInputError(blob.path, blob.file);
    this.#blobs.push({ blob, stats });
  }

  /** The paths of those that differ now. One that is gone was not altered. */
  changed(): ExecPath[] {
    return this.#blobs.filter(isChanged).map(({ blob }) => blob.path);
  }
}

function isChanged({ blob, stats }: { blob: StagedBlob; stats: Stats }): boolean {
  const now = lstatSync(blob.file, { throwIfNoEntry: false });
  if (now === undefined || now.ino !== stats.ino) return false;
  // Not ctime, which any new link to the file moves.
  return now.size !== stats.size || now.mtimeMs !== stats.mtimeMs || now.mode !== stats.mode;
}
