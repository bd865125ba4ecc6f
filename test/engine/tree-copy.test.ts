import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { copyTree, openCopies, storeCopy } from "../../src/engine/tree-copy.ts";
import { type IsEmpty, ProgramError } from "../../src/rule/program.ts";
import { openStore } from "../../src/store/store.ts";
import { readTree } from "../../src/store/tree.ts";
import { realHost } from "../sandbox/sandbox-rig.ts";

function copyRig() {
  const root = mkdtempSync(join(tmpdir(), "kraft-tree-copy-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const { cas } = openStore(join(root, "store"), realHost);
  const from = join(root, "from");
  mkdirSync(from);
  return { root, from, cas, into: join(root, "into") };
}

type Rig = ReturnType<typeof copyRig>;

/** The tree of what `copyTree` leaves. */
function copiedTree({ from, into, cas }: Rig, isEmpty: IsEmpty) {
  copyTree(from, into, isEmpty);
  const fileAt = (path: string) => {
    const { mode } = statSync(path);
    return { ...cas.importFile(path, { move: false }), mode, changing: false };
  };
  return readTree(into, { modes: false, fileAt }).node;
}

const name = fc.constantFrom("a.c", "b.h", "Makefile", "run.sh", "lib", "x", "ü");
const entry = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/")),
  kind: fc.constantFrom("file", "program", "directory", "relative", "absolute", "lost"),
  text: fc.string({ maxLength: 30 }),
});

test("what goes into the store is what would be on disk", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const rig = copyRig();
      for (const { path, kind, text } of entries) make(rig, path, { kind, text });
      const isEmpty = (path: string, sizeBytes: number) => /\.[ch]$/.test(path) || sizeBytes > 20;
      const stored = storeCopy(rig.from, isEmpty, rig.cas);
      expect(rig.cas.hasTree(stored)).toBe(true);
      expect(stored).toEqual(copiedTree(rig, isEmpty));
    }),
    { numRuns: 60 },
  );
});

/** Makes the entry, unless something is in the way. */
function make(rig: Rig, path: string, { kind, text }: { kind: string; text: string }): void {
  const file = join(rig.from, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) return;
    if (kind === "directory") mkdirSync(file);
    else if (kind === "relative") symlinkSync("../beside", file);
    else if (kind === "lost") symlinkSync(join(rig.root, "nothing"), file);
    else if (kind === "absolute") symlinkSync(behind(rig.root, text), file);
    else {
      writeFileSync(file, text);
      if (kind === "program") chmodSync(file, 0o755);
    }
  } catch {
    // A file is where a directory would have to be, or a link leads nowhere.
  }
}

/** A file or a directory that a link of a sandbox could lead to. */
function behind(root: string, text: string): string {
  const path = join(root, `behind-${text.length}`);
  if (existsSync(path)) return path;
  if (text.length % 2 === 0) writeFileSync(path, text);
  else {
    mkdirSync(path);
    writeFileSync(join(path, "inside.c"), text);
  }
  return path;
}

test("a source may be behind a link itself", () => {
  const rig = copyRig();
  writeFileSync(join(rig.from, "a"), "text");
  const link = join(rig.root, "link");
  symlinkSync(rig.from, link);
  const stored = storeCopy(link, () => false, rig.cas);
  expect(stored).toEqual(storeCopy(rig.from, () => false, rig.cas));
  copyTree(link, rig.into, () => false);
  expect(readFileSync(join(rig.into, "a"), "utf8")).toBe("text");
});

test("a whole output goes into the store, and what is below one stays on disk", () => {
  const rig = copyRig();
  writeFileSync(join(rig.from, "a"), "text");
  const copies = openCopies(rig.root, ["out", "other"], rig.cas);
  copies.copyTree(rig.from, join(rig.root, "out"), () => false);
  copies.copyTree(rig.from, join(rig.root, "other/below"), () => false);
  expect([...copies.stored]).toEqual([["out", storeCopy(rig.from, () => false, rig.cas)]]);
  expect(existsSync(join(rig.root, "out"))).toBe(false);
  expect(readFileSync(join(rig.root, "other/below/a"), "utf8")).toBe("text");
});

test("a source that is gone fails the program, wherever the copy is to be", () => {
  const rig = copyRig();
  const copies = openCopies(rig.root, ["out"], rig.cas);
  const gone = join(rig.root, "src/gone");
  for (const into of ["out", "other/below"]) {
    const copy = () => copies.copyTree(gone, join(rig.root, into), () => false);
    expect(copy).toThrow(new ProgramError("src/gone is gone"));
  }
});
