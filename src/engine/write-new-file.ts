import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";

import { errorCode, writeError } from "../store/store-error.ts";

/** A file that belongs to a new workspace, or to a new package of one. */
export interface StartedFile {
  readonly path: string;
  readonly change: "written" | "added to" | "kept";
}

/** Writes `path` below `directory`, unless it is there. Throws a StoreError. */
export function writeNewFile(directory: string, path: string, text: string): StartedFile {
  const file = posix.join(directory, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw writeError(cause, dirname(file));
  }
  try {
    writeFileSync(file, text, { flag: "wx" });
    return { path, change: "written" };
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return { path, change: "kept" };
    throw writeError(cause, file);
  }
}
