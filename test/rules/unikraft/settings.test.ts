import { expect, test } from "vitest";

import type { RequestedSetting } from "../../../rules/unikraft/settings.ts";
import { build, requestIn } from "./unikraft-rig.ts";

const files = { "/core/Makefile": "", "/libs/lwip/Makefile.uk": "", "/libs/musl/Makefile.uk": "" };

/** What `text` asks for in `qemu-x86_64`, or in `target`: an object by symbol. */
function settingsOf(text: string, target = "qemu-x86_64"): Record<string, RequestedSetting> {
  const { withMnemonic, printed } = build({ ...files, "apps/x/Kraftfile": text });
  expect(printed).toBe("");
  const action = withMnemonic("Defconfig").find(({ owner }) => owner.endsWith(`:${target}.config`));
  const { settings } = requestIn(action) as { settings: readonly RequestedSetting[] };
  // Sorted, so that the order in which files say it does not matter.
  expect(settings.map(({ symbol }) => symbol)).toEqual(
    settings.map(({ symbol }) => symbol).toSorted(),
  );
  return Object.fromEntries(settings.map((setting) => [setting.symbol, setting]));
}

function valuesOf(text: string, target?: string): Record<string, string> {
  const entries = Object.values(settingsOf(text, target));
  return Object.fromEntries(entries.map(({ symbol, value }) => [symbol, value]));
}

test("a later one wins: the core's, the libraries' in link order, the target's", () => {
  const text = `spec: v0.6
unikraft:
  source: /core
  kconfig: {CONFIG_A: core, CONFIG_B: core, CONFIG_C: core, CONFIG_D: core}
libraries:
  lwip: {source: /libs/lwip, kconfig: {CONFIG_B: lwip, CONFIG_C: lwip, CONFIG_D: lwip}}
  musl: {source: /libs/musl, kconfig: {CONFIG_B: musl, CONFIG_C: musl}}
targets:
  - {platform: qemu, architecture: x86_64, kconfig: {CONFIG_D: target}}
`;
  expect(valuesOf(text)).toMatchObject({
    CONFIG_A: "core",
    // musl is linked first, whatever comes first in the file.
    CONFIG_B: "lwip",
    CONFIG_C: "lwip",
    CONFIG_D: "target",
  });
});

test("what makes a target what it is cannot be turned off", () => {
  const text = `spec: v0.6
unikraft: {source: /core, kconfig: {CONFIG_PLAT_KVM: 'n'}}
targets:
  - {platform: qemu, architecture: x86_64, kconfig: {CONFIG_ARCH_X86_64: 'n'}}
`;
  expect(settingsOf(text)).toMatchObject({
    CONFIG_PLAT_KVM: { value: "y", by: "target" },
    CONFIG_ARCH_X86_64: { value: "y", by: "target" },
  });
});

for (const [target, options] of [
  ["qemu/x86_64", ["CONFIG_ARCH_X86_64", "CONFIG_KVM_VMM_QEMU", "CONFIG_PLAT_KVM"]],
  ["kvm/arm64", ["CONFIG_ARCH_ARM_64", "CONFIG_KVM_VMM_QEMU", "CONFIG_PLAT_KVM"]],
  ["fc/x86_64", ["CONFIG_ARCH_X86_64", "CONFIG_KVM_VMM_FIRECRACKER", "CONFIG_PLAT_KVM"]],
  ["firecracker/arm64", ["CONFIG_ARCH_ARM_64", "CONFIG_KVM_VMM_FIRECRACKER", "CONFIG_PLAT_KVM"]],
  ["kraftcloud/x86_64", ["CONFIG_ARCH_X86_64", "CONFIG_KVM_VMM_FIRECRACKER", "CONFIG_PLAT_KVM"]],
  ["xen/arm", ["CONFIG_ARCH_ARM_32", "CONFIG_PLAT_XEN"]],
  ["linuxu/x86_64", ["CONFIG_ARCH_X86_64", "CONFIG_PLAT_LINUXU"]],
] as const) {
  test(`the target ${target} asks for ${options.join(", ")}`, () => {
    const text = `spec: v0.6\nunikraft: {source: /core}\ntargets: [${target}]\n`;
    const { labels, withMnemonic } = build({ ...files, "apps/x/Kraftfile": text });
    expect(labels.length).toBeGreaterThan(0);
    const { settings } = requestIn(withMnemonic("Defconfig")[0]) as {
      settings: readonly RequestedSetting[];
    };
    const wanted = settings.filter(({ value }) => value !== "n");
    expect(wanted).toEqual(options.map((symbol) => ({ symbol, value: "y", by: "target" })));
  });
}

test("a library brings the option that turns it on, unless it is said to be off", () => {
  const text = `spec: v0.6
unikraft: {source: /core}
libraries:
  lwip: {source: /libs/lwip}
  musl: {source: /libs/musl, kconfig: {CONFIG_LIBMUSL: 'n'}}
targets: [qemu/x86_64]
`;
  expect(settingsOf(text)).toMatchObject({
    CONFIG_LIBLWIP: { value: "y", by: "library" },
    CONFIG_LIBMUSL: { value: "n", by: "user" },
  });
});

test("a name that begins with lib is not said twice", () => {
  const text = `spec: v0.6
unikraft: {source: /core}
libraries: {libcxx: {source: /libs/lwip}}
targets: [qemu/x86_64]
`;
  expect(valuesOf(text)).toHaveProperty("CONFIG_LIBCXX", "y");
});

test("a wish knows its line, for the warning when it is not granted", () => {
  const text = `spec: v0.6
unikraft:
  source: /core
  kconfig:
    - CONFIG_A=1
    - CONFIG_B="two words"
targets: [qemu/x86_64]
`;
  expect(settingsOf(text)).toMatchObject({
    CONFIG_A: { by: "user", place: "apps/x/Kraftfile:5" },
    CONFIG_B: { by: "user", place: "apps/x/Kraftfile:6" },
  });
  expect(settingsOf(text)["CONFIG_PLAT_KVM"]).not.toHaveProperty("place");
});

test("variables with a value are compiled in, in the slots that nobody has taken", () => {
  const text = `spec: v0.6
unikraft: {source: /core, kconfig: {CONFIG_LIBPOSIX_ENVIRON_ENVP2: MINE=1}}
env: {HOME: /, TERM: , LANG: C}
targets: [qemu/x86_64]
`;
  const values = valuesOf(text);
  expect(Object.entries(values).filter(([symbol]) => symbol.includes("ENVP"))).toEqual([
    ["CONFIG_LIBPOSIX_ENVIRON_ENVP1", "HOME=/"],
    ["CONFIG_LIBPOSIX_ENVIRON_ENVP2", "MINE=1"],
    ["CONFIG_LIBPOSIX_ENVIRON_ENVP3", "LANG=C"],
  ]);
});

test("no more variables are compiled in than a kernel has room for, which is told", () => {
  const kraftfileWith = (count: number): string => {
    const variables = Array.from({ length: count }, (_, i) => `V${i}: x`).join(", ");
    return `spec: v0.6\nunikraft: {source: /core}\nenv: {${variables}}\ntargets: [qemu/x86_64]\n`;
  };
  const symbolsOf = (text: string): number =>
    Object.keys(valuesOf(text)).filter((symbol) => symbol.includes("ENVP")).length;
  expect(symbolsOf(kraftfileWith(15))).toBe(15);
  const { withMnemonic, printed } = build({ ...files, "apps/x/Kraftfile": kraftfileWith(20) });
  expect(printed).toContain(
    "warning[bad-environment]: the last 5 variables are not in the kernel for qemu/x86_64, which has room for no more",
  );
  expect(printed).toContain("apps/x/Kraftfile:3:1\n");
  const { settings } = requestIn(withMnemonic("Defconfig")[0]) as {
    settings: readonly RequestedSetting[];
  };
  expect(settings.filter(({ symbol }) => symbol.includes("ENVP"))).toHaveLength(15);
});

test("a machine of KraftCloud has no screen", () => {
  const text = "spec: v0.6\nunikraft: {source: /core}\ntargets: [kraftcloud/x86_64]\n";
  expect(settingsOf(text, "kraftcloud-x86_64")).toMatchObject({
    CONFIG_KVM_DEBUG_VGA_CONSOLE: { value: "n", by: "target" },
    CONFIG_KVM_KERNEL_VGA_CONSOLE: { value: "n", by: "target" },
  });
});

test("a kernel with its root file system inside is told where that will be", () => {
  const path = "CONFIG_LIBVFSCORE_AUTOMOUNT_EINITRD_PATH";
  const text = (more: string): string => `spec: v0.6
unikraft: {source: /core, kconfig: {CONFIG_LIBVFSCORE_AUTOMOUNT_CI_EINITRD: 'y'${more}}}
rootfs: ./fs
targets: [qemu/x86_64]
`;
  const seen = "/kraft/rootfs/initramfs-x86_64.cpio";
  const withRootfs = (kraftfile: string): unknown => {
    const built = build({ ...files, "apps/x/Kraftfile": kraftfile, "apps/x/fs/a": "" });
    const { settings } = requestIn(built.withMnemonic("Defconfig")[0]) as {
      settings: readonly RequestedSetting[];
    };
    return settings.find(({ symbol }) => symbol === path)?.value;
  };
  expect(withRootfs(text(""))).toBe(seen);
  expect(withRootfs(text(`, ${path}: ''`))).toBe(seen);
  expect(withRootfs(text(`, ${path}: /mine.cpio`))).toBe("/mine.cpio");
  expect(withRootfs(text("").replace("'y'", "'n'"))).toBeUndefined();
});
