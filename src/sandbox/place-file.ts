// Makes one entry of an input root. Knows no tree.

import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";

import { sealedMode, sealedMtimeMs } from "../store/seal.ts";
import { errorCode, isLinkRefusal, writeError } from "../store/store-error.ts";
import { MissingInputError, type StagedInput } from "./staged-input.ts";

/** How files are placed. */
export interface PlaceOptions {
  /** Whether files of the user are copied. */
  readonly isClosed: boolean;
  /** Copies of files that other actions read as well; absent: each copy is for one action. */
  readonly copies?: { readonly of: (file: string) => string | undefined } | undefined;
}

/**
 * Makes `input` at the absolute path `destination`, where nothing stands yet: throws Node's error
 * EEXIST when something does, and otherwise a MissingInputError or a StoreError. Gives the file
 * among `copies` that it became a link to.
 */
export function placeFile(
  input: StagedInput,
  destination: string,
  { isClosed, copies }: PlaceOptions,
): string | undefined {
  // Before all else: asking for what is gone throws an error that is not of this destination.
  const from = originOf(input);
  try {
    const shared = input.kind === "source" && isClosed ? copies?.of(from) : undefined;
    if (shared !== undefined) linkOrCopy(shared, destination);
    else if (input.kind === "blob") linkOrCopy(from, destination);
    else if (input.kind === "source" && isClosed) copyFile(from, destination);
    else symlinkSync(from, destination);
    return shared;
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "EEXIST") throw cause;
    // The directory of `destination` was just made, so it is the file itself.
    if (code === "ENOENT" && "file" in input) throw new MissingInputError(input.path, from);
    throw writeError(cause, destination);
  }
}

function originOf(input: StagedInput): string {
  if (input.kind === "symlink") return input.target;
  return input.kind === "directory" ? input.directory : input.file;
}

function linkOrCopy(file: string, destination: string): void {
  try {
    linkSync(file, destination);
  } catch (cause) {
    if (!isLinkRefusal(cause)) throw cause;
    copyFile(file, destination);
  }
}

/**
 * Copies to where nothing stands yet. A copy looks like a blob, so that neither its mode nor its
 * time tells where it came from. Throws what Node does.
 */
export function copyFile(file: string, destination: string): void {
  const isExecutable = (statSync(file).mode & 0o100) !== 0;
  copyFileSync(file, destination, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  utimesSync(destination, sealedMtimeMs / 1000, sealedMtimeMs / 1000);
  chmodSync(destination, sealedMode(isExecutable));
}
