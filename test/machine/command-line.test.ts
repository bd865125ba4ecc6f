import { expect, test } from "vitest";

import { type KernelInvocation, commandLineOf } from "../../src/machine/command-line.ts";
import { parseKernelConfig } from "../../src/machine/kernel-config.ts";

function configOf(...lines: string[]) {
  return parseKernelConfig(lines.map((line) => `CONFIG_${line}\n`).join(""));
}

function answer(invocation: Partial<KernelInvocation>) {
  return commandLineOf({
    platform: "qemu",
    architecture: "x86_64",
    name: "app_qemu-x86_64",
    kernelArgs: [],
    interfaces: [],
    fstab: [],
    hasInitrd: false,
    env: [],
    args: [],
    config: undefined,
    ...invocation,
  });
}

function textOf(invocation: Partial<KernelInvocation>): string {
  const found = answer(invocation);
  return found.kind === "command-line" ? found.text : `refused: ${found.reasons.join("; ")}`;
}

const mounting = configOf("LIBVFSCORE_AUTOMOUNT_UP=y");
const everything = {
  kernelArgs: ["lwip.mtu=1400"],
  interfaces: ["10.0.2.15/24:10.0.2.2"],
  fstab: ["fs1:/data:9pfs:::mkmp"],
  hasInitrd: true,
  env: ["A=1", "B=two words"],
  args: ["-c", "/etc/app.conf"],
};

test.each<[string, Partial<KernelInvocation>, string]>([
  ["nothing", {}, ""],
  ["arguments alone, without a stop word", { args: ["a", "b"] }, "a b"],
  ["parameters, which a stop word ends", { kernelArgs: ["a.b=c"], args: ["x"] }, "a.b=c -- x"],
  ["parameters alone, which a stop word ends too", { kernelArgs: ["a.b=c"] }, "a.b=c --"],
  ["a list as it was given", { kernelArgs: ['a.b=[ "c d" e ]'] }, 'a.b=[ "c d" e ] --'],
  ["a parameter with a blank, quoted", { kernelArgs: ["a.b=c d"] }, '"a.b=c d" --'],
  [
    "all there is, in QEMU's order",
    { ...everything, config: mounting },
    "lwip.mtu=1400 netdev.ip=10.0.2.15/24:10.0.2.2 " +
      'vfs.fstab=[ "initrd0:/:extract::ramfs=2:" "fs1:/data:9pfs:::mkmp" ] ' +
      'env.vars=[ "A=1" "B=two words" ] -- -c /etc/app.conf',
  ],
  [
    "all there is, in Firecracker's order, after the name",
    { ...everything, config: mounting, platform: "fc", name: "app_fc-x86_64" },
    "app_fc-x86_64 lwip.mtu=1400 " +
      'vfs.fstab=[ "initrd0:/:extract::ramfs=2:" "fs1:/data:9pfs:::mkmp" ] ' +
      'env.vars=[ "A=1" "B=two words" ] netdev.ip=10.0.2.15/24:10.0.2.2 -- -c /etc/app.conf',
  ],
  [
    "the name for arm64, where QEMU adds none",
    { architecture: "arm64", args: ["x"] },
    "app_qemu-x86_64 x",
  ],
  ["no initrd for a kernel that nothing is known of", { hasInitrd: true }, ""],
  ["no initrd for a kernel that takes no table", { hasInitrd: true, config: configOf("A=y") }, ""],
  [
    "the initrd as kernels up to v0.16.0 call it",
    { hasInitrd: true, config: configOf("LIBVFSCORE_FSTAB=y") },
    'vfs.fstab=[ "initrd0:/:initrd:::" ] --',
  ],
  [
    "an initrd that is a file system by its own driver",
    { hasInitrd: true, initrdFormat: "erofs", config: mounting },
    'vfs.fstab=[ "initrd0:/:erofs:::" ] --',
  ],
  ["no table without an initrd", { config: mounting }, ""],
  ["values that would end a list, one by one", { env: ["A=[x]"] }, 'env.vars="A=[x]" --'],
  [
    "a word that keeps an application's own stop word from being the kernel's",
    { args: ["sh", "--", "x"], config: configOf("LIBUKLIBPARAM=y") },
    "_ -- sh -- x",
  ],
  ["an application's stop word in front as it is", { args: ["--", "x"] }, "-- x"],
])("a command line says %s", (_, invocation, text) => {
  expect(textOf(invocation)).toBe(text);
});

test.each<[string, Partial<KernelInvocation>, string]>([
  [
    "a parameter without a library",
    { kernelArgs: ["mtu=1"] },
    "mtu=1 is not of the form library.parameter=value",
  ],
  ["a list without an end", { kernelArgs: ["a.b=[ c"] }, "a.b=[ c does not end its list"],
  ["a list with an open quote", { kernelArgs: ['a.b=[ "c ]'] }, 'a.b=[ "c ] does not end its list'],
  ["a variable without a value", { env: ["A"] }, "A is not of the form K=V"],
  ["an empty argument", { args: ["x", ""] }, "argument 2 is empty, which a kernel cannot be given"],
  ["a NUL character", { args: ["a\0b"] }, '"a\\u0000b" has a NUL character'],
  [
    "more words than the kernel reads, with the name that QEMU adds",
    { args: ["a", "b"], config: configOf("LIBUKBOOT_MAXNBARGS=2") },
    "it has 3 words, of which the kernel reads 2 (LIBUKBOOT_MAXNBARGS)",
  ],
  [
    "more bytes than the kernel reads",
    { args: ["é"], name: "k", config: configOf("LIBUKBOOT_CMDLINE_MAX_LEN=4") },
    "it has 4 bytes, and the kernel takes 4 (LIBUKBOOT_CMDLINE_MAX_LEN)",
  ],
])("a command line with %s is refused", (_, invocation, reason) => {
  expect(answer(invocation)).toEqual({ kind: "refused", reasons: [reason] });
});

test("every mistake of a command line is told at once", () => {
  expect(answer({ kernelArgs: ["x"], env: ["=y"] })).toEqual({
    kind: "refused",
    reasons: ["x is not of the form library.parameter=value", "=y is not of the form K=V"],
  });
});

test.each<[string, string[], string[]]>([
  [
    "kernel that takes none",
    ["A=y"],
    ["the kernel ignores the environment, as LIBPOSIX_ENVIRON_LIBPARAM is off"],
  ],
  [
    "kernel that takes fewer",
    ["LIBPOSIX_ENVIRON_LIBPARAM=y", "LIBPOSIX_ENVIRON_LIBPARAM_MAXCOUNT=1"],
    ["the kernel takes 1 of 2 variables (LIBPOSIX_ENVIRON_LIBPARAM_MAXCOUNT)"],
  ],
  ["kernel that takes them", ["LIBPOSIX_ENVIRON_LIBPARAM=y"], []],
])("variables for a %s are warned of, or not", (_, lines, warnings) => {
  const found = answer({ env: ["A=1", "B=2"], config: configOf(...lines) });
  expect(found).toMatchObject({ kind: "command-line", warnings });
});

test("the PATH that images have anyway is passed on without a warning", () => {
  const found = answer({ env: ["PATH=/bin"], config: configOf("A=y") });
  expect(found).toMatchObject({ kind: "command-line", warnings: [] });
});

test("a .config says what its last line for a symbol says", () => {
  const text = '# CONFIG_A is not set\nCONFIG_B=y\r\nCONFIG_C="x=y"\nCONFIG_B=n\n';
  expect([...parseKernelConfig(text)]).toEqual([
    ["CONFIG_B", "n"],
    ["CONFIG_C", '"x=y"'],
  ]);
});
