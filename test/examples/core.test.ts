import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { coreRig, hasProgram, qemuOptions, snapshot } from "./core-rig.ts";

const rig = coreRig();
afterAll(() => rig.remove());

const options = [...qemuOptions, "CONFIG_LIBVFSCORE=y", "CONFIG_LIBWORDCOUNT=y"];
const canBuild = hasProgram("make") && hasProgram("gcc") && process.arch === "x64";

describe.skipIf(!canBuild)("the core, built by gcc for x86-64", () => {
  const output = rig.output("first");
  const kernel = join(output.build, "hello_qemu-x86_64");
  const untouched = snapshot(rig.core);
  const text = (path: string): string => readFileSync(join(output.build, path), "utf8");

  beforeAll(() => {
    const configured = output.configure("hello", options);
    expect(configured.stderr).toBe("");
    output.compile("hello");
  });

  test("a configuration has what was asked for, where the core is, and defaults", () => {
    const config = readFileSync(output.config, "utf8");
    expect(config).toContain(`\nCONFIG_UK_BASE="${rig.core}"\n`);
    expect(config).toContain(`\nCONFIG_UK_APP="${join(rig.sources, "hello")}"\n`);
    expect(config).toContain('\nCONFIG_UK_NAME="hello"\n');
    expect(config).toContain("\nCONFIG_KVM_VMM_QEMU=y\n# CONFIG_KVM_VMM_FIRECRACKER is not set\n");
    expect(config).toContain("\nCONFIG_LIBUKBOOT_MAXNBARGS=60\n");
    expect(config).toContain("\n# CONFIG_LIBCRC is not set\n");
  });

  test("options are in a header, and each has a file of its own", () => {
    expect(text("include/uk/bits/config.h")).toContain("\n#define CONFIG_LIBVFSCORE 1\n");
    expect(text("include/uk/bits/config.h")).not.toContain("LIBCRC");
    expect(existsSync(join(output.build, "include/config/libvfscore/max/fds.h"))).toBe(true);
  });

  test("beside an object are its command and what it was made of", () => {
    const source = join(rig.core, "lib/ukcpio/header.c");
    const object = join(output.build, "libukcpio/header.o");
    expect(text("libukcpio/header.o.cmd")).toContain(` -c ${source} -o ${object} `);
    expect(text("libukcpio/header.d")).toContain(`deps_${object} := \\\n    ${source} \\\n`);
    expect(text("libukcpio/header.d")).toContain(join(rig.core, "lib/nolibc/include/ctype.h"));
    const automount = text("libvfscore/automount.d");
    expect(automount).toContain("include/config/libvfscore/automount/ci/einitrd.h");
  });

  test("a library becomes one object, in which only what it exports can be seen", () => {
    expect(text("libukcpio.ld.o.cmd")).toContain(" -Wl,-r ");
    const exports = join(rig.core, "lib/ukcpio/exportsyms.uk");
    expect(text("libukcpio.o.cmd")).toContain(`--keep-global-symbols=${exports} `);
    expect(existsSync(join(output.build, "libukcpio.o"))).toBe(true);
  });

  test("a kernel is a 32-bit executable with a Multiboot header in its first 8 KiB", () => {
    const bytes = readFileSync(kernel);
    const [elf32, executable, i386] = [bytes[4], bytes.readUInt16LE(16), bytes.readUInt16LE(18)];
    expect([elf32, executable, i386]).toEqual([1, 2, 3]);
    const header = bytes.indexOf(Buffer.from([0x02, 0xb0, 0xad, 0x1b]));
    expect(header % 4).toBe(0);
    expect(header).toBeLessThan(8192);
    const words = [0, 4, 8].map((offset) => bytes.readUInt32LE(header + offset));
    expect(words.reduce((sum, word) => (sum + word) >>> 0)).toBe(0);
    expect(readFileSync(`${kernel}.dbg`).length).toBeGreaterThan(bytes.length);
    expect(existsSync(`${kernel}.dbg.cmd`)).toBe(true);
  });

  test("a build writes nothing into the core", () => {
    expect(snapshot(rig.core)).toEqual(untouched);
  });

  test("the same sources in another directory give the same kernel", () => {
    const other = rig.output("a-second-directory");
    other.configure("hello", options);
    other.compile("hello");
    const again = readFileSync(join(other.build, "hello_qemu-x86_64"));
    expect(again.equals(readFileSync(kernel))).toBe(true);
  });

  test("a second build makes nothing, and a comment only its own library", () => {
    const before = readFileSync(kernel);
    expect(output.compile("hello")).toEqual(["CP config"]);
    rig.append("lib/ukcpio/header.c", "// A comment.");
    expect(output.compile("hello")).toEqual([
      "CP config",
      "CC libukcpio: header.o",
      "LD libukcpio.ld.o",
      "OBJCOPY libukcpio.o",
      "LD hello_qemu-x86_64.dbg",
      "SCSTRIP hello_qemu-x86_64",
      "OBJCOPY hello_qemu-x86_64.multiboot",
    ]);
    expect(readFileSync(kernel).equals(before)).toBe(true);
  });

  test("a changed header makes what includes it, and another option the whole", () => {
    rig.append("lib/ukcpio/header.h", "// A comment.");
    const compiled = output.compile("hello").filter((line) => line.startsWith("CC"));
    expect(compiled.sort()).toEqual(["CC libukcpio: archive.o", "CC libukcpio: header.o"]);
    output.configure("hello", [...options, "CONFIG_LIBUKBOOT_BANNER_NONE=y"]);
    const all = output.compile("hello").filter((line) => /^(CC|AS) /.test(line));
    expect(all).toContain("CC apphello: main.o");
    expect(all).not.toContain("CC libukboot: banner.o");
  });

  test("cleaning leaves the tools, and cleaning properly nothing", () => {
    expect(output.make("hello", "clean").status).toBe(0);
    expect(existsSync(kernel)).toBe(false);
    expect(existsSync(join(output.build, "kconfig/conf"))).toBe(true);
    expect(output.make("hello", "properclean").status).toBe(0);
    expect(existsSync(output.build)).toBe(false);
  });
});

describe.skipIf(!canBuild)("options of the core", () => {
  test("what nobody knows or what cannot be is warned of, with file and line", () => {
    const output = rig.output("warnings");
    const wrong = ["CONFIG_LIBNOSUCH=y", "CONFIG_LIBUKBOOT_MAXNBARGS=many"];
    const { status, stderr } = output.configure("hello", wrong);
    expect(status).toBe(0);
    const file = join(output.directory, "defconfig");
    expect(stderr).toContain(`${file}:1:warning: unknown symbol: LIBNOSUCH\n`);
    expect(stderr).toContain(`${file}:2:warning: symbol value 'many' invalid for LIBUKBOOT_`);
  });

  test("what is saved has only what differs from defaults, and gives the same again", () => {
    const output = rig.output("saved");
    const asked = [
      "CONFIG_PLAT_KVM=y",
      "CONFIG_KVM_VMM_FIRECRACKER=y",
      'CONFIG_LIBPOSIX_ENVIRON_ENVP1="A=\\"b\\""',
      "CONFIG_LIBVFSCORE=y",
      "CONFIG_LIBUKPRINT_KLVL_INFO=y",
      "# CONFIG_LIBUKTIME is not set",
    ];
    output.configure("hello", [...asked, "CONFIG_KVM_SERIAL_BAUD=115200"]);
    const resolved = readFileSync(output.config, "utf8");
    const saved = join(output.directory, "saved");
    expect(output.make("hello", `UK_DEFCONFIG=${saved}`, "savedefconfig").status).toBe(0);
    expect(readFileSync(saved, "utf8")).toBe(asked.map((line) => `${line}\n`).join(""));
    output.make("hello", `UK_DEFCONFIG=${saved}`, "defconfig");
    expect(readFileSync(output.config, "utf8")).toBe(resolved);
  });

  test("an architecture without code, or no platform, is refused with what to do", () => {
    const output = rig.output("refused");
    output.configure("hello", ["CONFIG_ARCH_ARM_64=y", "CONFIG_PLAT_KVM=y"]);
    expect(output.make("hello", "all").stderr).toContain("has no code for arm64: set CONFIG_ARCH_");
    output.configure("hello", []);
    expect(output.make("hello", "all").stderr).toContain("set CONFIG_PLAT_KVM=y");
    writeFileSync(output.config, "");
    expect(output.make("nobody", "all").stderr).toContain("there is no such directory");
  });
});
