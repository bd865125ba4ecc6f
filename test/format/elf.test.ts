import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { type ElfSource, readElf } from "../../src/format/elf.ts";
import { FormatError } from "../../src/format/format-error.ts";
import { missingLibrariesOf } from "../../src/format/missing-libraries.ts";
import { lacks, run, temporaryDirectory } from "./format-rig.ts";
import { file, treeOf } from "./tree-sample.ts";

function sourceOf(bytes: Buffer): ElfSource {
  const read = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length);
  return { path: "app", sizeBytes: bytes.length, read };
}

/** A program that needs libm, compiled here. */
function program(...more: string[]): { path: string; bytes: Buffer } {
  const home = temporaryDirectory();
  const path = join(home, "app");
  const code = "#include <math.h>\nint main(int n,char**v){(void)v;return (int)cos(n);}";
  writeFileSync(join(home, "app.c"), code);
  run("gcc", [join(home, "app.c"), "-o", path, ...more, "-Wl,--no-as-needed", "-lm"]);
  return { path, bytes: readFileSync(path) };
}

test.skipIf(lacks("gcc") || lacks("readelf"))("readelf finds the same in a program", () => {
  const { path, bytes } = program(
    "-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib:/opt",
    "-Wl,--build-id",
  );
  const elf = readElf(sourceOf(bytes));
  const shown = run("readelf", ["-Wdln", path]) + run("readelf", ["-WS", path]);
  for (const name of elf?.dynamic?.needed ?? [])
    expect(shown).toContain(`Shared library: [${name}]`);
  expect(elf?.dynamic?.needed).toEqual(["libm.so.6", "libc.so.6"]);
  expect(elf?.dynamic?.runpath).toEqual(["$ORIGIN/lib", "/opt"]);
  expect(shown).toContain(`Requesting program interpreter: ${elf?.interpreter}`);
  expect(elf?.segments).toHaveLength(Number(/There are (\d+) program headers/.exec(shown)?.[1]));
  expect(elf?.sections()).toHaveLength(Number(/There are (\d+) section headers/.exec(shown)?.[1]));
  const buildId = elf?.notes().find(({ name, type }) => name === "GNU" && type === 3);
  expect(shown).toContain(`Build ID: ${buildId?.content.toString("hex")}`);
});

test.skipIf(lacks("gcc"))("whatever is changed or cut off, it is damaged or it is read", () => {
  const { bytes } = program();
  const at = fc.nat({ max: 4096 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(at, fc.nat({ max: 255 })), { maxLength: 8 }),
      fc.nat({ max: bytes.length }),
      (edits, end) => {
        const broken = Buffer.from(bytes.subarray(0, end));
        for (const [index, value] of edits) if (index < end) broken[index] = value;
        try {
          const elf = readElf(sourceOf(broken));
          elf?.sections();
          elf?.notes();
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("what is no ELF is none", () => {
  expect(readElf(sourceOf(Buffer.from("#!/bin/sh\nexec something\n")))).toBe(undefined);
});

test.skipIf(lacks("gcc"))(
  "libraries that are anywhere count as there, and those that they need too",
  () => {
    const app = program().bytes.toString("latin1");
    const interpreter = readElf(sourceOf(Buffer.from(app, "latin1")))?.interpreter ?? "";
    const executable = { mode: 0o755 };
    const tree = treeOf({
      app: file(app, executable),
      [interpreter.slice(1)]: file("the linker", executable),
      "opt/libc.so.6": file("no ELF at all"),
    });
    expect(missingLibrariesOf(tree)).toEqual([{ path: "app", libraries: ["libm.so.6"] }]);
    const library = program("-shared", "-fPIC", "-Wl,-soname,libm.so.6").bytes.toString("latin1");
    tree.set(Buffer.from("opt/libm.so.6"), file(library));
    expect(missingLibrariesOf(tree)).toEqual(
      [{ path: "opt/libm.so.6", libraries: ["libm.so.6"] }].slice(1),
    );
  },
);
