import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import type { FetchContext } from "../../src/fetch/fetch-context.ts";

/** A directory that goes with the test. */
export function freshDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "kraft-fetch-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A world in which nobody waits: what would have been waited for is in `waits`. */
export function testContext(environment: FetchContext["environment"] = {}) {
  const waits: number[] = [];
  const progress: [number, number | undefined][] = [];
  const abort = new AbortController();
  const context: FetchContext = {
    environment,
    signal: abort.signal,
    onProgress: (bytes, total) => void progress.push([bytes, total]),
    random: () => 0.5,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    epochMs: () => Date.parse("2030-01-01T00:00:00Z"),
  };
  return { context, waits, progress, abort };
}
