import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

import { addToLockFile } from "../../src/engine/lock-book.ts";
import { build } from "esbuild";
import { readLockFile } from "../../src/workspace/lock-file.ts";
import { readComponentPins } from "../../src/workspace/component-pin.ts";

function workspace(): string {
  const root = mkdtempSync(join(tmpdir(), "kraft-lock-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

function pinOf(name: string) {
  const commit = Buffer.from(name).toString("hex").padEnd(40, "0");
  return { kind: "git", url: `https://host/${name}.git`, commit } as const;
}

/** The addresses in the lock file of `root`, sorted. */
function lockedIn(root: string): readonly string[] {
  const text = readFileSync(join(root, "kraft.lock.yaml"), "utf8");
  const pins = readLockFile({ path: "kraft.lock.yaml", text }, (found) => {
    throw new Error(found.message);
  });
  return [...pins.values()].map(({ url }) => url).sort();
}

test("processes that add to one lock file at the same moment lose nothing of each other", async () => {
  const root = workspace();
  const entry = join(import.meta.dirname, "../../src/engine/lock-book.ts");
  const program = join(root, "lock-book.mjs");
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
    banner: { js: requireBanner },
  });
  const count = 8;
  const writers = Array.from({ length: count }, (_, i) => {
    const script = `
      const { addToLockFile } = await import(${JSON.stringify(program)});
      const host = { processId: process.pid, epochMs: Date.now };
      for (const n of [0, 1, 2]) {
        const pin = { kind: "git", url: "https://host/" + ${i} + "-" + n + ".git", commit: "1".repeat(40) };
        await addToLockFile(${JSON.stringify(root)}, { pins: [pin] }, host);
      }`;
    return promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  });
  await Promise.all(writers);
  expect(lockedIn(root)).toHaveLength(count * 3);
});

const requireBanner =
  'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';

test("what another has pinned meanwhile stays as it is, and comments do", async () => {
  const root = workspace();
  const host = { processId: process.pid, epochMs: () => 0 };
  await addToLockFile(root, { pins: [pinOf("b")] }, host);
  const path = join(root, "kraft.lock.yaml");
  writeFileSync(path, readFileSync(path, "utf8").replace("  - git", "  # why\n  - git"));
  const component = {
    type: "lib",
    name: "tls",
    chosen: "1.0",
    source: { kind: "git", url: "https://host/a.git", reference: "1.0" },
  } as const;
  const other = { ...pinOf("b"), commit: "2".repeat(40) };
  await addToLockFile(root, { pins: [other, pinOf("a")], components: [component] }, host);
  expect(lockedIn(root)).toEqual(["https://host/a.git", "https://host/b.git"]);
  const text = readFileSync(path, "utf8");
  expect(text).toContain("  # why\n  - git: https://host/b.git");
  expect(text).not.toContain("2".repeat(40));
  expect([...readComponentPins({ path, text }).values()]).toEqual([component]);
});
