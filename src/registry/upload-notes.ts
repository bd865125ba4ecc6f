import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { UploadNotes } from "./upload-blob.ts";

/** Notes in files of the absolute path `directory`; they only save work, and may be removed. */
export function uploadNotesIn(directory: string, alone: UploadNotes["alone"]): UploadNotes {
  const pathOf = (key: string) => join(directory, nameOf(key));
  return {
    alone: (key, use) => alone(nameOf(key), use),
    read: (key) => {
      try {
        return readFileSync(pathOf(key), "utf8").trim();
      } catch {
        return undefined;
      }
    },
    write: (key, location) => {
      const path = pathOf(key);
      if (location === undefined) return rmSync(path, { force: true });
      mkdirSync(directory, { recursive: true });
      // Whoever knows it may be allowed to write there.
      writeFileSync(`${path}.new`, `${location}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

function nameOf(key: string): string {
  return `upload-${createHash("sha256").update(key).digest("hex").slice(0, 32)}`;
}
