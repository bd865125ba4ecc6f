// The real preprocessor, for tests that compare with it. Knows no engine.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes `files` below `directory`. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

/** What gcc gives for `args` in `directory`; throws with what it says when it fails. */
export function gcc(directory: string, args: readonly string[]): string {
  const ran = spawnSync("gcc", args, { cwd: directory, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout;
}
