import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { Listings, type Span } from "../../src/engine/listings.ts";
import { WatchedPaths } from "../../src/engine/watched-paths.ts";

test("a directory that comes makes listings old, and one beside it does not", () => {
  const { root, listings } = rig();
  const header = join(root, "include/sys/a.h");
  mkdirSync(join(root, "include"));
  expect(listings.hasFile(header)).toBe(false);
  mkdirSync(join(root, "include/net"));
  expect(listings.areCurrent()).toBe(true);
  mkdirSync(dirname(header));
  expect(listings.areCurrent()).toBe(false);
  writeFileSync(header, "");
  expect(listings.hasFile(header)).toBe(true);
  expect(listings.areCurrent()).toBe(true);
});

test("a directory that comes where a link leads makes listings old", () => {
  const { root, listings } = rig();
  symlinkSync("elsewhere/include", join(root, "include"));
  expect(listings.hasFile(join(root, "include/a.h"))).toBe(false);
  expect(listings.areCurrent()).toBe(true);
  mkdirSync(join(root, "elsewhere/include"), { recursive: true });
  expect(listings.areCurrent()).toBe(false);
});

test("a directory that goes makes listings old, also for those that were missing in it", () => {
  const { root, listings } = rig();
  mkdirSync(join(root, "include"));
  expect(listings.hasFile(join(root, "include/sys/a.h"))).toBe(false);
  rmSync(join(root, "include"), { recursive: true });
  expect(listings.areCurrent()).toBe(false);
  expect(listings.hasFile(join(root, "include/sys/a.h"))).toBe(false);
  expect(listings.areCurrent()).toBe(true);
});

/** A program that ran from one moment of `listings` to the next. */
function spanNow(listings: Listings, sinceMs = Infinity): Span {
  return { began: listings.moment(), ended: listings.moment(), sinceMs };
}

test("a look that began after a program ended tells of all that was listed by then", async () => {
  const { root, listings } = rig();
  mkdirSync(join(root, "include"));
  mkdirSync(join(root, "other"));
  const earlier = spanNow(listings);
  listings.hasFile(join(root, "include/a.h"));
  expect(listings.wereCurrent(spanNow(listings))).toBe(true);
  await setTimeout(5);
  writeFileSync(join(root, "include/a.h"), "");
  // It had ended when the directory was still as it was listed.
  expect(listings.wereCurrent(earlier)).toBe(true);
  listings.hasFile(join(root, "other/sys/a.h"));
  listings.hasFile(join(root, "other/a.h"));
  expect(listings.wereCurrent(earlier)).toBe(true);
  const later = spanNow(listings);
  for (const name of ["other/sys/a.h", "other/b.h"]) {
    listings.hasFile(join(root, name));
    await setTimeout(5);
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), "");
    expect(listings.wereCurrent(earlier), name).toBe(true);
  }
  expect(listings.wereCurrent(later)).toBe(false);
});

test("what is listed after the look that counts is looked at", async () => {
  for (const name of ["include/a.h", "include/sys/a.h"]) {
    const { root, listings } = rig();
    mkdirSync(join(root, "include"));
    const span = spanNow(listings);
    expect(listings.wereCurrent(spanNow(listings))).toBe(true);
    listings.hasFile(join(root, name));
    await setTimeout(5);
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), "");
    expect(listings.wereCurrent(span), name).toBe(false);
  }
});

test("a change that one program is told of is told to each that ran then", async () => {
  const { root, listings } = rig();
  mkdirSync(join(root, "include"));
  listings.hasFile(join(root, "include/a.h"));
  const [one, other] = [spanNow(listings), spanNow(listings)];
  await setTimeout(5);
  writeFileSync(join(root, "include/a.h"), "");
  expect(listings.wereCurrent(one)).toBe(false);
  expect(listings.hasFile(join(root, "include/a.h"))).toBe(true);
  expect(listings.wereCurrent(other)).toBe(false);
  expect(listings.wereCurrent(spanNow(listings))).toBe(true);
});

test("a name that came after a program began, and before it was looked for, tells of a change", async () => {
  const { root, listings } = rig();
  mkdirSync(join(root, "include"));
  await setTimeout(50);
  const before = spanNow(listings, Date.now());
  writeFileSync(join(root, "include/a.h"), "");
  await setTimeout(50);
  const after = spanNow(listings, Date.now());
  expect(listings.hasFile(join(root, "include/a.h"))).toBe(true);
  expect(listings.wereCurrent(before)).toBe(false);
  expect(listings.wereCurrent(after)).toBe(true);
});

test("whatever happens to a tree, listings that are current say what is there", async () => {
  const names = fc.constantFrom("a", "b", "a/a", "a/b", "b/a", "a/a/b", "a/b/a", "b/a/b");
  const change = fc.record({
    kind: fc.constantFrom("file", "directory", "link", "remove", "move"),
    path: names,
    to: names,
  });
  const batches = fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const { root, listings } = rig();
      const files = [
        "x",
        "a/x",
        "b/x",
        "a/a/x",
        "a/b/x",
        "b/a/x",
        "a/a/b/x",
        "b/a/b/x",
        "a",
        "b/a",
      ];
      for (const batch of all) {
        for (const file of files) listings.hasFile(join(root, file));
        // Kernels before 6.13 keep times by a clock that ticks every 4 ms.
        await setTimeout(5);
        for (const one of batch) apply(root, one);
        if (!listings.areCurrent()) expect(listings.areCurrent()).toBe(true);
        const { listings: others } = rig();
        for (const file of files) {
          const path = join(root, file);
          expect(listings.hasFile(path), file).toBe(others.hasFile(path));
        }
        await setTimeout(5);
      }
    }),
    { numRuns: 100 },
  );
});

interface Change {
  readonly kind: "file" | "directory" | "link" | "remove" | "move";
  readonly path: string;
  readonly to: string;
}

function apply(root: string, { kind, path, to }: Change): void {
  const at = join(root, path);
  try {
    if (kind === "file") writeFileSync(join(at, "x"), "");
    if (kind === "directory") mkdirSync(at, { recursive: true });
    if (kind === "link") symlinkSync(join(root, to), at);
    if (kind === "remove") rmSync(at, { recursive: true });
    if (kind === "move") renameSync(at, join(root, to));
  } catch {
    // Such as a file in a directory that there is not.
  }
}

function rig(): { readonly root: string; readonly listings: Listings } {
  const root = mkdtempSync(join(tmpdir(), "listings-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return { root, listings: new Listings(new WatchedPaths()) };
}
