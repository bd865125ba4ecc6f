// Notices files of the CAS that an action altered. Reads no file.

import { type Stats, lstatSync } from "node:fs";

import type { ExecPath } from "../action/action.ts";
import { sealedMtimeMs } from "../store/seal.ts";
import { MissingInputError, type StagedBlob } from "./staged-input.ts";

/**
 * Blobs as they were when they were staged. It is the file of the CAS that is looked at, not the
 * link to it: replacing the link is the action's own business. Where other actions are to find the
 * link as well, it is the link.
 */
export class BlobWatch {
  readonly #blobs: Watched[] = [];

  /**
   * Looks at `blob` from now on: at its link when that is `shared`, which is made again unless it is one
   * to a blob. Throws a MissingInputError.
   */
  add(blob: StagedBlob, shared?: SharedLink): void {
    const link = shared?.path;
    let stats = lstatSync(link ?? blob.file, { throwIfNoEntry: false });
    if (shared !== undefined && stats?.mtimeMs !== sealedMtimeMs) {
      shared.restore();
      stats = lstatSync(shared.path, { throwIfNoEntry: false });
    }
    if (stats === undefined) throw new MissingInputError(blob.path, blob.file);
    this.#blobs.push({ blob, link, stats });
  }

  /** The paths of those that differ now. One that is gone from the CAS was not altered. */
  changed(): ExecPath[] {
    return this.#blobs.filter(isChanged).map(({ blob }) => blob.path);
  }
}

/** A link to a blob that other actions find, too. */
export interface SharedLink {
  /** Absolute. */
  readonly path: string;
  /** Makes it again, as something stands there that is no blob: an action replaced it. */
  readonly restore: () => void;
}

interface Watched {
  readonly blob: StagedBlob;
  readonly link: string | undefined;
  readonly stats: Stats;
}

function isChanged({ blob, link, stats }: Watched): boolean {
  const now = lstatSync(link ?? blob.file, { throwIfNoEntry: false });
  if (now === undefined || now.ino !== stats.ino) return link !== undefined;
  // Not ctime, which any new link to the file moves.
  return now.size !== stats.size || now.mtimeMs !== stats.mtimeMs || now.mode !== stats.mode;
}
