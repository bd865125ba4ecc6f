import { copyFileSync, linkSync, renameSync } from "node:fs";

import { errorCode, isLinkRefusal } from "../store/store-error.ts";

/** Makes the file `from` stand at `to`, too, where nothing is, or the same bytes. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return;
    if (!isLinkRefusal(cause)) throw cause;
    // Under its name at one moment, and whole.
    copyFileSync(from, `${to}.partial`);
    renameSync(`${to}.partial`, to);
  }
}
