import type { KconfigSetting, KraftTarget } from "./kraftfile/kraftfile.ts";
import type { Project } from "./project.ts";

/** An option, as someone asked for it. */
export interface RequestedSetting {
  /** With the prefix `CONFIG_`. */
  readonly symbol: string;
  /** `y`, `n`, a number, or text without quotes. */
  readonly value: string;
  /**
   * Who asked: `user` for what a Kraftfile says, `target` for what a platform, an architecture or
   * the rules need, `library` for the option that a library is guessed to have.
   */
  readonly by: "user" | "target" | "library";
  /** `file:line` of the Kraftfile; absent when it is in none. */
  readonly place?: string;
}

/**
 * The options that `target` asks for, a later one winning: the core's, each library's in link
 * order with the option that turns it on, the target's own, and last those that make the target
 * what it is. Whatever an earlier build left behind has no say.
 *
 * Source: kraftkit.md §3.5, less its step 6.
 */
export function requestedSettings(
  project: Project,
  target: KraftTarget,
  embeddedRootfs: string | undefined,
): readonly RequestedSetting[] {
  const settings = statedSettings(project, target);
  const add = (setting: RequestedSetting): unknown => settings.set(setting.symbol, setting);
  const slots = freeSlots(settings);
  for (const [i, variable] of variablesOf(project).slice(0, slots.length).entries()) {
    add({ symbol: slots[i] ?? "", value: variable, by: "target" });
  }
  for (const [symbol, value] of targetOptions(target)) add({ symbol, value, by: "target" });
  const path = "CONFIG_LIBVFSCORE_AUTOMOUNT_EINITRD_PATH";
  if (embeddedRootfs !== undefined && (settings.get(path)?.value ?? "") === "") {
    add({ symbol: path, value: embeddedRootfs, by: "target" });
  }
  return [...settings.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

/** How many of the variables of `env` have no place in the kernel of `target`. */
export function surplusVariables(project: Project, target: KraftTarget): number {
  const free = freeSlots(statedSettings(project, target)).length;
  return Math.max(0, variablesOf(project).length - free);
}

/** What Kraftfiles say, and the options of the libraries that they name. */
function statedSettings(project: Project, target: KraftTarget): Map<string, RequestedSetting> {
  const settings = new Map<string, RequestedSetting>();
  const add = (setting: RequestedSetting): unknown => settings.set(setting.symbol, setting);
  for (const setting of project.core?.kconfig ?? []) add(ofUser(setting));
  for (const { name, kconfig } of project.libraries) {
    add({ symbol: libraryOption(name), value: "y", by: "library" });
    for (const setting of kconfig) add(ofUser(setting));
  }
  for (const setting of target.kconfig) add(ofUser(setting));
  return settings;
}

/**
 * Whether the kernel of `target` has its root file system inside, so that it cannot be linked
 * before that is made.
 *
 * Source: kraftkit.md appendix A, the lists of triggers.
 */
export function embedsRootfs(project: Project, target: KraftTarget): boolean {
  const triggers = [
    "CONFIG_LIBVFSCORE_AUTOMOUNT_EINITRD",
    "CONFIG_LIBVFSCORE_AUTOMOUNT_CI_EINITRD",
    "CONFIG_LIBVFSCORE_ROOTFS_EINITRD",
  ];
  const settings = new Map(
    [project.core, ...project.libraries, target].flatMap((part) =>
      (part?.kconfig ?? []).map(({ symbol, value }) => [symbol, value] as const),
    ),
  );
  return triggers.some((symbol) => settings.get(symbol) === "y");
}

/** The option that the library `name` is guessed to have: its own Config.uk may say otherwise. */
function libraryOption(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith("LIB") ? `CONFIG_${upper}` : `CONFIG_LIB${upper}`;
}

/** Source: kraftkit.md §1.10, and §3.5, step 7. */
function targetOptions({
  platform,
  architecture,
}: KraftTarget): readonly (readonly [symbol: string, value: "y" | "n"])[] {
  const wanted = [
    ...(architectureOptions[architecture] ?? []),
    ...(platformOptions[platform] ?? []),
  ];
  const unwanted = platform === "kraftcloud" ? screenOptions : [];
  return [
    ...wanted.map((symbol) => [symbol, "y"] as const),
    ...unwanted.map((symbol) => [symbol, "n"] as const),
  ];
}

/** Of a machine that has no screen. */
const screenOptions = ["CONFIG_KVM_DEBUG_VGA_CONSOLE", "CONFIG_KVM_KERNEL_VGA_CONSOLE"];

const architectureOptions: Readonly<Record<string, readonly string[]>> = {
  x86_64: ["CONFIG_ARCH_X86_64"],
  arm64: ["CONFIG_ARCH_ARM_64"],
  arm: ["CONFIG_ARCH_ARM_32"],
};

const platformOptions: Readonly<Record<string, readonly string[]>> = {
  qemu: ["CONFIG_PLAT_KVM", "CONFIG_KVM_VMM_QEMU"],
  fc: ["CONFIG_PLAT_KVM", "CONFIG_KVM_VMM_FIRECRACKER"],
  kraftcloud: ["CONFIG_PLAT_KVM", "CONFIG_KVM_VMM_FIRECRACKER"],
  xen: ["CONFIG_PLAT_XEN"],
  linuxu: ["CONFIG_PLAT_LINUXU"],
};

/** How many variables a kernel can have compiled in, from 1. Source: kraftkit.md §3.5, step 8. */
const environmentSlots = 15;

/** Options for a variable each, which nobody has set. */
function freeSlots(settings: ReadonlyMap<string, RequestedSetting>): readonly string[] {
  return Array.from({ length: environmentSlots }, (_, i) => i + 1)
    .map((i) => `CONFIG_LIBPOSIX_ENVIRON_ENVP${i}`)
    .filter((symbol) => !settings.has(symbol));
}

/** Those of `env` that have a value. */
function variablesOf({ kraftfile }: Project): readonly string[] {
  return kraftfile.env.flatMap(({ name, value }) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
}

function ofUser({ symbol, value, at }: KconfigSetting): RequestedSetting {
  const line = at.source.text.slice(0, at.start).split("\n").length;
  return { symbol, value, by: "user", place: `${at.source.path}:${line}` };
}
