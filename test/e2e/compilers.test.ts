// The same kernel by us, object by object, and by make, with each compiler that is here.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { hasProgram } from "../examples/core-rig.ts";
import { examplesRig } from "./examples-rig.ts";
import { temporaryDirectory } from "./rig.ts";

const name = "hello_qemu-x86_64";

/** The kernel of hello as make makes it, of the options that we resolved, and what it warns of. */
function madeByMake({ root, path, read }: ReturnType<typeof examplesRig>) {
  const directory = temporaryDirectory();
  const [config, build] = [join(directory, "config"), join(directory, "build")];
  const options = read(`.kraft/out/hello/qemu-x86_64.config/.config.${name}`);
  const places = { core: path("core"), app: path("hello"), "libs/wordcount": library(path) };
  const ours = Object.entries(places).reduce(
    (text, [seen, place]) => text.replaceAll(`"/kraft/${seen}`, `"${place}`),
    options,
  );
  writeFileSync(config, ours);
  const maps = [...Object.entries(places), ["build", build] as const]
    .map(([seen, place]) => `-ffile-prefix-map=${place}=/kraft/${seen}`)
    .join(" ");
  const words = [`A=${places.app}`, `O=${build}`, `C=${config}`, "N=hello", `L=${library(path)}`];
  const flags = ["HOSTUTC=1970-01-01T00:00:00+00:00", `UK_CFLAGS=${maps}`, `UK_ASFLAGS=${maps}`];
  const args = ["--no-print-directory", "-s", "-j2", "-C", places.core, ...words, ...flags, "all"];
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C" };
  const made = spawnSync("make", args, { cwd: root, encoding: "utf8", env });
  if (made.status !== 0) throw new Error(made.stdout + made.stderr);
  return { kernel: readFileSync(join(build, name)), warnings: warningsIn(made.stderr) };
}

function warningsIn(text: string): readonly string[] {
  return text.match(/\bwarning: .*/g) ?? [];
}

function library(path: (name: string) => string): string {
  return path("libs/lib-wordcount");
}

for (const compiler of ["gcc", "clang"]) {
  const canBuild = hasProgram(compiler) && hasProgram("make") && process.arch === "x64";
  describe.skipIf(!canBuild)(`a kernel built by ${compiler}`, () => {
    test("is bit by bit the one that make builds", { timeout: 600_000 }, async () => {
      const here = examplesRig();
      const file = "core/support/build/Makefile.build";
      const before = here.read(file);
      here.write({ [file]: before.replace("COMPILER ?= gcc", `COMPILER ?= ${compiler}`) });
      const built = await here.build("//hello:qemu-x86_64.kernel", "//hello:qemu-x86_64.config");
      expect(built.code, built.text).toBe(0);
      const compiled = built.events.filter(({ mnemonic }) => mnemonic === "CC");
      expect(compiled.length).toBeGreaterThan(20);
      const ours = readFileSync(here.path(`.kraft/out/hello/qemu-x86_64.kernel/${name}`));
      const { kernel, warnings } = madeByMake(here);
      expect(ours.equals(kernel)).toBe(true);
      expect(warningsIn(built.text).filter((one) => !warnings.includes(one))).toEqual([]);
      const compilerText = readFileSync(
        here.path(`.kraft/out/hello/qemu-x86_64.kernel/${name}.dbg`),
        "latin1",
      );
      expect(compilerText).toContain(compiler === "gcc" ? "GNU C" : "clang version");
    });
  });
}
