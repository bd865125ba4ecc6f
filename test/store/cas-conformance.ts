import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { digestOf, emptyDigest } from "../../src/digest/digest.ts";
import type { Cas } from "../../src/store/cas.ts";
import { sealedMtimeMs } from "../../src/store/seal.ts";

const hello = Buffer.from("hello");
const plain = { digest: digestOf(hello), executable: false };
const executable = { digest: digestOf(hello), executable: true };

/** What every CAS has to do. `open` gives an empty one, and a directory for the user's files. */
export function casConformance(name: string, open: () => { cas: Cas; workplace: string }): void {
  describe(name, () => {
    test("gives back what was put, under the digest of its bytes", () => {
      const { cas } = open();
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          const digest = cas.put(bytes);
          expect(digest).toBe(digestOf(bytes));
          expect(cas.has(digest)).toBe(true);
          expect(cas.read(digest)).toEqual(Buffer.from(bytes));
        }),
      );
    });

    test("behaves as a map does, whatever the order of puts, imports, reads and losses", () => {
      const step = fc.record({
        act: fc.constantFrom("put", "import", "read", "link", "lose"),
        blob: fc.integer({ min: 0, max: 4 }),
        executable: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          const { cas, workplace } = open();
          const model = new Set<number>();
          for (const [index, { act, blob, executable }] of steps.entries()) {
            const bytes = Buffer.from(`blob ${blob}`);
            const file = { digest: digestOf(bytes), executable };
            const path = join(workplace, `${index}`);
            if (act === "put") cas.put(bytes);
            if (act === "import") {
              writeFileSync(path, bytes, { mode: executable ? 0o755 : 0o644 });
              expect(cas.importFile(path, { move: index % 2 === 0 })).toEqual(file);
            }
            if (act === "put" || act === "import") model.add(blob);
            if (act === "link") expect(cas.link(file, path)).toBe(model.has(blob));
            if (act === "read") expect(cas.read(file.digest) !== undefined).toBe(model.has(blob));
            if (act === "lose" && lose(cas, file.digest)) model.delete(blob);
            expect(cas.has(file.digest)).toBe(model.has(blob));
          }
        }),
        { numRuns: 30 },
      );
    });

    test("does not have what was never put", () => {
      const { cas, workplace } = open();
      expect(cas.has(plain.digest)).toBe(false);
      expect(cas.read(plain.digest)).toBeUndefined();
      expect(cas.pathOf(plain)).toBeUndefined();
      expect(cas.link(plain, join(workplace, "x"))).toBe(false);
      expect(existsSync(join(workplace, "x"))).toBe(false);
    });

    test("always has the empty blob, in both forms", () => {
      const { cas, workplace } = open();
      expect(cas.has(emptyDigest)).toBe(true);
      expect(cas.read(emptyDigest)).toEqual(Buffer.alloc(0));
      expect(cas.link({ digest: emptyDigest, executable: true }, join(workplace, "x"))).toBe(true);
      expect(cas.link({ digest: emptyDigest, executable: false }, join(workplace, "y"))).toBe(true);
      expect(modeOf(join(workplace, "x"))).toBe(0o555);
      expect(modeOf(join(workplace, "y"))).toBe(0o444);
    });

    test("keeps blobs read-only, executable or not as asked, with the sealed mtime", () => {
      const { cas } = open();
      cas.put(hello);
      for (const [file, mode] of [[plain, 0o444] as const, [executable, 0o555] as const]) {
        const path = cas.pathOf(file) ?? "";
        expect(readFileSync(path)).toEqual(hello);
        expect(modeOf(path)).toBe(mode);
        expect(statSync(path).mtimeMs).toBe(sealedMtimeMs);
      }
    });

    test("has a blob of a given hash only at its own size", () => {
      const { cas } = open();
      cas.put(hello);
      const { digest: other } = { digest: plain.digest.replace(/5$/, "6") as typeof plain.digest };
      expect(cas.has(other)).toBe(false);
      expect(cas.has(plain.digest)).toBe(true);
    });

    test.each([
      ["small", 100],
      ["large", 200_000],
    ])("puts %s bytes that nobody has looked at only under their own digest", async (_, length) => {
      const { cas } = open();
      const bytes = Buffer.alloc(length, "kraft");
      const wrong = Buffer.alloc(length, "craft");
      const temporary = dirname(cas.temporaryPath());
      for (const executable of [false, true]) {
        const file = { digest: digestOf(bytes), executable };
        expect(await cas.putUnchecked(wrong, file)).toBe(false);
        expect(cas.has(digestOf(wrong))).toBe(false);
        expect(await Promise.all([1, 2].map(() => cas.putUnchecked(bytes, file)))).toEqual([
          true,
          true,
        ]);
        expect(readFileSync(cas.pathOf(file) ?? "")).toEqual(bytes);
        expect(modeOf(cas.pathOf(file) ?? "")).toBe(executable ? 0o555 : 0o444);
        expect(readdirSync(temporary)).toEqual([]);
      }
    });

    test("imports a file by copying, which leaves the file as it was", () => {
      const { cas, workplace } = open();
      const path = join(workplace, "tool");
      writeFileSync(path, hello, { mode: 0o755 });
      const before = statSync(path);
      expect(cas.importFile(path, { move: false })).toEqual(executable);
      expect(statSync(path).mode).toBe(before.mode);
      expect(statSync(path).mtimeMs).toBe(before.mtimeMs);
      expect(cas.read(executable.digest)).toEqual(hello);
    });

    test("imports a file by taking it away", () => {
      const { cas, workplace } = open();
      const path = join(workplace, "out");
      for (const round of ["new", "already there"]) {
        writeFileSync(path, hello);
        expect(cas.importFile(path, { move: true }), round).toEqual(plain);
        expect(existsSync(path), round).toBe(false);
        expect(cas.read(plain.digest), round).toEqual(hello);
      }
    });

    test("leaves the other links of a file alone that is taken away", () => {
      const { cas, workplace } = open();
      const [source, output] = [join(workplace, "source"), join(workplace, "output")];
      writeFileSync(source, hello, { mode: 0o644 });
      linkSync(source, output);
      cas.importFile(output, { move: true });
      expect(existsSync(output)).toBe(false);
      expect(modeOf(source)).toBe(0o644);
      writeFileSync(source, "other");
      expect(cas.read(plain.digest)).toEqual(hello);
    });

    test("imports a file of several megabytes without a difference", () => {
      const { cas, workplace } = open();
      const bytes = Buffer.alloc(3_500_000, "kraft-graph ");
      for (const move of [false, true]) {
        const path = join(workplace, "kernel");
        writeFileSync(path, bytes);
        expect(cas.importFile(path, { move }).digest).toBe(digestOf(bytes));
        expect(cas.read(digestOf(bytes))?.equals(bytes)).toBe(true);
      }
    });

    test("does not follow a symbolic link on import", () => {
      const { cas, workplace } = open();
      writeFileSync(join(workplace, "file"), hello);
      symlinkSync("file", join(workplace, "link"));
      expect(() => cas.importFile(join(workplace, "link"), { move: false })).toThrow(/ELOOP/);
    });

    test("finds out a blob that was written to through one of its links", () => {
      const { cas, workplace } = open();
      cas.put(hello);
      const output = join(workplace, "output");
      expect(cas.link(plain, output)).toBe(true);
      chmodSync(cas.pathOf(plain) ?? "", 0o644);
      appendFileSync(cas.pathOf(plain) ?? "", "!");
      expect(cas.has(plain.digest)).toBe(false);
      expect(cas.pathOf(plain)).toBeUndefined();
    });

    test("finds out a write of the same size", () => {
      const { cas } = open();
      cas.put(hello);
      const path = cas.pathOf(plain) ?? "";
      chmodSync(path, 0o644);
      writeFileSync(path, "jello");
      chmodSync(path, 0o444);
      expect(cas.has(plain.digest)).toBe(false);
      cas.put(hello);
      expect(cas.read(plain.digest)).toEqual(hello);
    });

    test("verifies what it reads even where the stat tells nothing", () => {
      const { cas } = open();
      cas.put(hello);
      const path = cas.pathOf(plain) ?? "";
      writeFileSync(path, "jello", { flag: "r+" });
      utimesSync(path, sealedMtimeMs / 1000, sealedMtimeMs / 1000);
      expect(cas.read(plain.digest)).toBeUndefined();
      expect(cas.has(plain.digest)).toBe(false);
    });

    test("keeps and reseals a blob that was only touched", () => {
      const { cas } = open();
      cas.put(hello);
      const path = cas.pathOf(plain) ?? "";
      chmodSync(path, 0o644);
      utimesSync(path, 1, 1);
      expect(cas.pathOf(plain)).toBe(path);
      expect(statSync(path).mtimeMs).toBe(sealedMtimeMs);
      expect(modeOf(path)).toBe(0o444);
    });

    test("takes a torn blob for a missing one", () => {
      const { cas } = open();
      cas.put(hello);
      const path = cas.pathOf(plain) ?? "";
      truncateSync(path, 0);
      utimesSync(path, sealedMtimeMs / 1000, sealedMtimeMs / 1000);
      expect(cas.has(plain.digest)).toBe(false);
    });

    test("tells a link to a blob from a file that is merely equal", () => {
      const { cas, workplace } = open();
      cas.put(hello);
      const copy = join(workplace, "copy");
      writeFileSync(copy, hello, { mode: 0o444 });
      utimesSync(copy, sealedMtimeMs / 1000, sealedMtimeMs / 1000);
      const blob = cas.pathOf(plain) ?? "";
      expect(cas.isLink(plain, statSync(blob, { bigint: true }))).toBe(true);
      expect(cas.isLink(plain, statSync(copy, { bigint: true }))).toBe(false);
    });

    test("refuses to link over a file, and says which", () => {
      const { cas, workplace } = open();
      cas.put(hello);
      const path = join(workplace, "taken");
      mkdirSync(path);
      expect(() => cas.link(plain, path)).toThrow(path);
    });

    test("copies a blob with the mode that is asked for", () => {
      const { cas, workplace } = open();
      cas.put(hello);
      const path = join(workplace, "copy");
      expect(cas.copy(plain, path, 0o640)).toBe(true);
      expect(modeOf(path)).toBe(0o640);
      expect(readFileSync(path)).toEqual(hello);
      expect(statSync(path).mtimeMs).toBe(sealedMtimeMs);
      writeFileSync(path, "mine");
      expect(cas.read(plain.digest)).toEqual(hello);
    });

    test("says which directory is missing, and does not take the blob for missing", () => {
      const { cas, workplace } = open();
      cas.put(hello);
      const path = join(workplace, "absent", "file");
      expect(() => cas.link(plain, path)).toThrow(path);
      expect(() => cas.copy(plain, path, 0o644)).toThrow(path);
      expect(cas.has(plain.digest)).toBe(true);
    });

    test("leaves a file alone that stands where a copy is to go", () => {
      const { cas, workplace } = open();
      cas.put(hello);
      const path = join(workplace, "mine");
      writeFileSync(path, "mine");
      expect(() => cas.copy(plain, path, 0o644)).toThrow(path);
      expect(readFileSync(path, "utf8")).toBe("mine");
    });

    test("imports without a copy a file made at a temporary path", () => {
      const { cas } = open();
      const path = cas.temporaryPath();
      writeFileSync(path, hello);
      const inode = statSync(path).ino;
      const file = cas.importFile(path, { move: true });
      expect(statSync(cas.pathOf(file) ?? "").ino).toBe(inode);
    });
  });
}

function lose(cas: Cas, digest: typeof plain.digest): boolean {
  let lost = false;
  for (const executable of [false, true]) {
    const path = cas.has(digest) ? cas.pathOf({ digest, executable }) : undefined;
    if (path === undefined) continue;
    truncateSync(path, 1);
    lost = true;
  }
  return lost;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
