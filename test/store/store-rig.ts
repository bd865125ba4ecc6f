import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fresh directory that is gone after the test, whatever modes it holds by then. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, "kraft-store-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A host whose clock the test moves. It begins at the real time, as file systems have theirs. */
export function rigHost() {
  let aheadMs = 0;
  return {
    epochMs: () => Date.now() + aheadMs,
    processId: process.pid,
    passMs: (durationMs: number) => void (aheadMs += durationMs),
  };
}

/** Every file below `directory`, relative and sorted. */
export function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
