import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { ToolCache } from "../sandbox/tool.ts";
import { writeError } from "../store/store-error.ts";

/** Raised when a {@link ToolCache} would be read differently. */
const formatVersion = 1;

/** What the file `path` says about programs; nothing when it cannot be used. */
export function readToolCache(path: string): ToolCache {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as Partial<Stored>;
    return content.version === formatVersion ? (content.tools ?? {}) : {};
  } catch {
    return {}; // To find out again costs half a second.
  }
}

/** Writes `tools` to `path`, unless that has it already. Throws a StoreError. */
export function writeToolCache(path: string, tools: ToolCache, processId: number): void {
  const text = JSON.stringify({ version: formatVersion, tools } satisfies Stored);
  try {
    if (JSON.stringify({ version: formatVersion, tools: readToolCache(path) }) === text) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${processId}`, text);
    renameSync(`${path}.${processId}`, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

interface Stored {
  readonly version: number;
  readonly tools: ToolCache;
}
