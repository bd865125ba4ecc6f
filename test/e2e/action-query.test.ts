import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";

/** An entry of a compilation database. */
interface Entry {
  readonly directory: string;
  readonly file: string;
  readonly arguments: readonly [string, ...string[]];
  readonly output: string;
}

test("the objects of a kernel are known once it is built, and how to know them before", async () => {
  const { run, build } = examplesRig();
  const objects = ["query", 'mnemonic("CC", deps(//hello:qemu-x86_64))'];
  const before = await run(objects);
  expect(before).toMatchObject({ code: 0, stdout: "" });
  expect(before.stderr).toContain('"kraft-graph build //hello:qemu-x86_64.kernel"');
  await build("//hello:qemu-x86_64");
  const after = await run(objects);
  expect(after).toMatchObject({ code: 0, stderr: "" });
  expect(after.stdout.split("\n")).toContain(
    ".kraft/out/hello/qemu-x86_64.kernel/libnolibc/ctype.o",
  );
});

test("what includes a header is told from what was read", async () => {
  const { run, build } = examplesRig();
  await build("//hello:qemu-x86_64");
  const query = 'inputs("hello/hello.h", deps(//hello:qemu-x86_64))';
  const { stdout } = await run(["query", query]);
  const directory = ".kraft/out/hello/qemu-x86_64.kernel/apphello";
  expect(stdout).toBe(`${directory}/greeting.o\n${directory}/main.o\n`);
});

test("a compiler takes every entry of compile_commands.json", async () => {
  const { root, run, build } = examplesRig();
  await build("//hello:qemu-x86_64");
  const form = ["--output", "compile_commands.json"];
  const { code, stdout, stderr } = await run(["query", ...form, "deps(//hello:qemu-x86_64)"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const entries = JSON.parse(stdout) as Entry[];
  expect(entries.map(({ file }) => file)).toContain("hello/main.c");
  for (const { directory, file, arguments: words } of entries) {
    expect(existsSync(join(root, file)), file).toBe(true);
    const [compiler, ...args] = words;
    // Throws unless it succeeds.
    execFileSync(compiler, ["-fsyntax-only", ...args], { cwd: directory });
  }
});
