import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { skeleton } from "../../../../rules/unikraft/program/skeleton.ts";
import { runProgram } from "./program-rig.ts";

/** The skeleton of a directory of `files`, after `change`; gives where it is. */
async function skeletonOf(
  files: Readonly<Record<string, string>>,
  change: (source: string) => void = () => undefined,
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "kraft-skeleton-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, "source", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  change(join(root, "source"));
  await runProgram(skeleton, root, ["out/skeleton", "source"], { output: "out/skeleton" });
  return join(root, "out/skeleton");
}

test("makefiles, options and scripts are there in full, and sources are empty", async () => {
  const whole = ["Makefile.uk", "Config.uk", "lib/x/exportsyms.uk", "a.awk", "gen.py", "conf.sh"];
  const empty = ["main.c", "lib/a.h", "b.S", "c.cc", "README.md", "d.s", "e.rs", "root.cpio"];
  const files = Object.fromEntries([...whole, ...empty].map((path) => [path, `text of ${path}\n`]));
  const at = await skeletonOf(files);
  for (const path of whole) expect(readFileSync(join(at, path), "utf8")).toBe(files[path]);
  for (const path of empty) expect(readFileSync(join(at, path), "utf8"), path).toBe("");
});

test("an edit of a source leaves the skeleton as it is", async () => {
  const [one, other] = [await skeletonOf({ "a.c": "1" }), await skeletonOf({ "a.c": "22" })];
  expect(readFileSync(join(one, "a.c"))).toEqual(readFileSync(join(other, "a.c")));
});

test("the sources of the tools that resolve options are there in full", async () => {
  const at = await skeletonOf({ "support/kconfig/conf.c": "int main;", "lib/support.c": "x" });
  expect(readFileSync(join(at, "support/kconfig/conf.c"), "utf8")).toBe("int main;");
  expect(readFileSync(join(at, "lib/support.c"), "utf8")).toBe("");
});

test("a file that is too large for a script is empty", async () => {
  const at = await skeletonOf({ data: "x".repeat(600 * 1024), script: "x".repeat(500 * 1024) });
  expect(statSync(join(at, "data")).size).toBe(0);
  expect(statSync(join(at, "script")).size).toBe(500 * 1024);
});

test("programs stay programs, empty or not", async () => {
  const at = await skeletonOf({ "run.sh": "#!/bin/sh\n", "odd.c": "x" }, (source) => {
    for (const name of ["run.sh", "odd.c"]) chmodSync(join(source, name), 0o755);
  });
  for (const name of ["run.sh", "odd.c"]) expect(statSync(join(at, name)).mode & 0o111).toBe(0o111);
});

test("empty directories are there, as some core asks for them", async () => {
  const at = await skeletonOf(
    { a: "" },
    (source) => void mkdirSync(join(source, "lib/empty"), { recursive: true }),
  );
  expect(statSync(join(at, "lib/empty")).isDirectory()).toBe(true);
});

test("a user's link stays a link, and one of the sandbox is what it leads to", async () => {
  const at = await skeletonOf(
    { "real/Makefile.uk": "x := 1\n", "real/a.c": "int a;" },
    (source) => {
      symlinkSync("real/Makefile.uk", join(source, "own"));
      symlinkSync(join(source, "real"), join(source, "staged"));
      symlinkSync("/nowhere/at/all", join(source, "broken"));
    },
  );
  expect(readlinkSync(join(at, "own"))).toBe("real/Makefile.uk");
  expect(lstatSync(join(at, "staged")).isDirectory()).toBe(true);
  expect(readFileSync(join(at, "staged/Makefile.uk"), "utf8")).toBe("x := 1\n");
  expect(readFileSync(join(at, "staged/a.c"), "utf8")).toBe("");
  expect(existsSync(join(at, "broken"))).toBe(false);
});
