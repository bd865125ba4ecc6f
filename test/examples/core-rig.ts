import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { removeTree } from "../../src/sandbox/remove-tree.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** What every target of the platform `qemu` asks for. */
export const qemuOptions = ["CONFIG_ARCH_X86_64=y", "CONFIG_PLAT_KVM=y", "CONFIG_KVM_VMM_QEMU=y"];

/** A copy of the examples in which the core cannot be written, and somewhere to build. */
export function coreRig() {
  const directory = mkdtempSync(join(tmpdir(), "kraft-core-"));
  const sources = join(directory, "examples");
  cpSync(examples, sources, { recursive: true, verbatimSymlinks: true });
  const core = join(sources, "core");
  changeModes(core, 0o555, 0o444);
  return {
    directory,
    sources,
    core,
    output: (name: string) => outputOf(join(directory, name), sources),
    /** Adds a line at the end of a file of the core. */
    append: (path: string, line: string) => {
      const file = join(core, path);
      chmodSync(file, 0o644);
      writeFileSync(file, `${readFileSync(file, "utf8")}${line}\n`);
    },
    remove: () => removeTree(directory),
  };
}

/** One output directory, and the calls of make that fill it. */
function outputOf(directory: string, sources: string) {
  mkdirSync(directory);
  const config = join(directory, "kernel.config");
  const build = join(directory, "build");
  const make = (app: string, ...args: readonly string[]): SpawnSyncReturns<string> => {
    const libraries = ["lib-crc", "lib-wordcount"].map((name) => join(sources, "libs", name));
    const places = [`A=${join(sources, app)}`, `O=${build}`, `C=${config}`, `N=${app}`];
    const core = join(sources, "core");
    return spawnSync(
      "make",
      ["--no-print-directory", "-C", core, ...places, `L=${libraries.join(":")}`, ...args],
      { encoding: "utf8", env: { PATH: process.env["PATH"], LC_ALL: "C" } },
    );
  };
  return {
    directory,
    config,
    build,
    make,
    /** Resolves `options`, lines of a `.config`. */
    configure: (app: string, options: readonly string[]): SpawnSyncReturns<string> => {
      const request = join(directory, "defconfig");
      writeFileSync(request, options.map((line) => `${line}\n`).join(""));
      return make(app, `UK_DEFCONFIG=${request}`, "defconfig");
    },
    /** What was made, a line each: `CC libukcpio: header.o`. */
    compile: (app: string, ...args: readonly string[]): string[] => {
      const maps = [`${sources}=/kraft/source`, `${directory}=/kraft/output`];
      const flags = maps.map((map) => `-ffile-prefix-map=${map}`).join(" ");
      const pinned = ["HOSTUTC=1970-01-01T00:00:00+00:00", `UK_CFLAGS=${flags}`];
      const result = make(app, "-j2", ...pinned, `UK_ASFLAGS=${flags}`, ...args, "all");
      if (result.status !== 0) throw new Error(result.stdout + result.stderr);
      const made = result.stdout.split("\n").filter((line) => line.startsWith("  "));
      return made.map((line) => line.trim().replace(/ +/, " "));
    },
  };
}

function changeModes(path: string, directoryMode: number, fileMode: number): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  if (status.isDirectory()) {
    for (const name of readdirSync(path)) changeModes(join(path, name), directoryMode, fileMode);
  }
  // Scripts stay programs.
  const isProgram = status.isDirectory() || (status.mode & 0o100) !== 0;
  chmodSync(path, isProgram ? directoryMode : fileMode);
}

/** Every file below `directory` with its modification time: equal when nothing was written. */
export function snapshot(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names.sort().map((name) => `${name} ${lstatSync(join(directory, name)).mtimeMs}`);
}

/** Whether `program` can be run. */
export function hasProgram(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

/** A machine that was started. */
export interface Booted {
  readonly console: string;
  /** Absent when it was stopped from outside, as soon as its console had the marker. */
  readonly status?: number;
}

/** Boots `kernel` until its console has `marker`, or it ends. One that boots again has failed. */
export function boot(kernel: string, args: readonly string[], marker?: string): Promise<Booted> {
  const machine = ["-accel", "tcg", "-cpu", "max", "-display", "none", "-m", "64M"];
  const exits = ["isa-debug-exit,iobase=0xf4,iosize=4", "isa-debug-exit,iobase=0x501,iosize=2"];
  const devices = exits.flatMap((device) => ["-device", device]);
  const qemu = spawn(
    "qemu-system-x86_64",
    [...machine, ...devices, "-serial", "stdio", "-kernel", kernel, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let console = "";
  let errors = "";
  const hasReset = (): boolean => {
    const lines = console.split("\r\n");
    return lines[0] !== "" && lines.lastIndexOf(lines[0] ?? "") > 0;
  };
  qemu.stdout.setEncoding("utf8").on("data", (text: string) => {
    console += text;
    const isSeen = marker !== undefined && console.includes(marker);
    if (isSeen || hasReset()) qemu.kill("SIGKILL");
  });
  qemu.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    qemu.on("error", reject);
    qemu.on("close", (status) => {
      const text = console.replaceAll("\r\n", "\n");
      if (errors !== "" || hasReset()) reject(new Error(`${errors}${text}`));
      else resolve(status === null ? { console: text } : { console: text, status });
    });
  });
}
