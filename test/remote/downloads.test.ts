import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { Attempts } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { Downloads } from "../../src/remote/downloads.ts";
import { openFolderCache } from "../../src/remote/folder-cache.ts";
import { openCas } from "../../src/store/disk-cas.ts";

test("a store in which no file can be begun is told of as such", async () => {
  const directory = mkdtempSync(join(tmpdir(), "kraft-downloads-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const attempts = new Attempts(new Breaker(() => undefined), { wait: async () => undefined });
  const cache = openFolderCache(
    { kind: "folder", directory },
    { timeoutMs: 60_000 },
    { attempts, epochMs: Date.now },
  );
  const large = Buffer.alloc(3_000_000, "large ");
  const digest = digestOf(large);
  await cache.writeBlob(digest, async function* () {
    yield large;
  });
  const cas = openCas(join(directory, "store"), { epochMs: Date.now });
  const taken = join(directory, "taken");
  writeFileSync(taken, "of somebody else");
  vi.spyOn(cas, "temporaryPath").mockReturnValue(taken);
  const downloads = new Downloads({ cache, abilities: await cache.abilities(), cas });
  const end = downloads.fetch([{ digest, executable: true }]);
  await expect(end).rejects.toMatchObject({ name: "StoreError", kind: "unwritable", path: taken });
  expect(downloads.lost.size).toBe(0);
  expect(existsSync(taken)).toBe(true);
});
