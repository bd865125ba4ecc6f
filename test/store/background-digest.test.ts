import { EventEmitter } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { backgroundBytes, digestsInBackground } from "../../src/store/background-digest.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";

/** Files of some sizes around those that a thread reads at once, and their digests. */
function filesRig() {
  const directory = temporaryDirectory();
  const sizes = [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, backgroundBytes];
  const all = sizes.map((sizeBytes, i) => {
    const bytes = Buffer.alloc(sizeBytes, `${i} of them`);
    const file = join(directory, String(i));
    writeFileSync(file, bytes);
    return { file, digest: digestOf(bytes) };
  });
  return {
    directory,
    files: all.map(({ file }) => file),
    digests: all.map(({ digest }) => digest),
  };
}

test("each file has its digest, in order", async () => {
  const { files, digests } = filesRig();
  expect(await Promise.all(digestsInBackground(files))).toEqual(digests);
  expect(digestsInBackground([])).toEqual([]);
});

test.for([true, false])("where no thread can be had, they are read here", async (isAtOnce) => {
  const { files, digests } = filesRig();
  const Worker = class extends EventEmitter {
    constructor() {
      super();
      if (isAtOnce) throw new Error("no thread");
      setImmediate(() => this.emit("error", new Error("no memory")));
    }
  };
  vi.doMock("node:worker_threads", () => ({ Worker }));
  onTestFinished(() => vi.doUnmock("node:worker_threads"));
  vi.resetModules();
  const fresh = await import("../../src/store/background-digest.ts");
  expect(await Promise.all(fresh.digestsInBackground(files))).toEqual(digests);
});

test("a file that cannot be read is told as ever, and the others are read", async () => {
  const { files, digests, directory } = filesRig();
  const gone = join(directory, "gone");
  const [first, ...others] = digestsInBackground([gone, ...files]);
  await expect(first).rejects.toThrow("ENOENT");
  expect(await Promise.all(others)).toEqual(digests);
});
