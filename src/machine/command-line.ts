// What a kernel is told when it boots. Pure: knows no virtual machine monitor's options.

import { alwaysQuoted, quoteArgument, splitArguments } from "./kernel-argument.ts";
import { isEnabled, type KernelConfig } from "./kernel-config.ts";

/** What a command line is made of. */
export interface KernelInvocation {
  readonly platform: "qemu" | "fc";
  /** As Unikraft names it: `x86_64` or `arm64`. */
  readonly architecture: string;
  /** The name of the kernel, which the application gets as its `argv[0]`. */
  readonly name: string;
  /** `library.parameter=value`, as the user gave them; a value may be a list: `[ "a" "b" ]`. */
  readonly kernelArgs: readonly string[];
  /** `CIDR[:gateway[:dns0[:dns1[:hostname[:domain]]]]]` of each network interface. */
  readonly interfaces: readonly string[];
  /** `device:mountpoint:driver:flags:options:ukoptions`, beside that of the initrd. */
  readonly fstab: readonly string[];
  readonly hasInitrd: boolean;
  /** What the initrd is, such as `erofs`; absent: an archive, which is extracted. */
  readonly initrdFormat?: string | undefined;
  /** `K=V` each. */
  readonly env: readonly string[];
  /** Arguments of the application. */
  readonly args: readonly string[];
  /** Undefined when nobody knows how the kernel was configured. */
  readonly config: KernelConfig | undefined;
}

/** The text, or why there is none. */
export type CommandLine =
  /** `warnings`: what the kernel will pass over. */
  | { readonly kind: "command-line"; readonly text: string; readonly warnings: readonly string[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/**
 * The command line of a kernel: `library.parameter=value… -- argument…`. The `--` is there only
 * when parameters are: without them the kernel would hand it to the application, for Firecracker
 * too. Refused is what would reach the kernel as something else, or only in part.
 *
 * Source: Unikraft, lib/ukboot/early_init.c and lib/uklibparam/parser.c; KraftKit, the order of
 * unikraft/export and of its machine drivers.
 */
export function commandLineOf(invocation: KernelInvocation): CommandLine {
  const reasons = mistakesIn(invocation);
  if (reasons.length > 0) return { kind: "refused", reasons };
  const name = isNamed(invocation) ? [quoteArgument(invocation.name)] : [];
  const parameters = parametersOf(invocation);
  const stop = parameters.length > 0 ? ["--"] : [];
  const args = invocation.args.map(quoteArgument);
  const text = [...name, ...parameters, ...stop, ...args].join(" ");
  const excess = excessOf(text, invocation);
  if (excess !== undefined) return { kind: "refused", reasons: [excess] };
  return { kind: "command-line", text, warnings: warningsFor(invocation) };
}

/**
 * The first word becomes `argv[0]` and is hidden from the kernel's parser. QEMU puts the name of
 * the kernel's file there, but only for multiboot, and so not on arm64.
 */
function isNamed({ platform, architecture }: KernelInvocation): boolean {
  return platform === "fc" || architecture !== "x86_64";
}

function parametersOf(invocation: KernelInvocation): string[] {
  const { platform, kernelArgs, interfaces, args, config } = invocation;
  const user = kernelArgs.map((one) => (isList(one) ? one : quoteArgument(one)));
  const network = interfaces.map((one) => quoteArgument(`netdev.ip=${one}`));
  const volumes = listOf("vfs.fstab", [...initrdEntry(invocation), ...invocation.fstab]);
  const environment = listOf("env.vars", invocation.env);
  const found =
    platform === "fc"
      ? [...user, ...volumes, ...environment, ...network]
      : [...user, ...network, ...volumes, ...environment];
  // Without parameters the kernel takes an application's own `--` for the end of some, and drops
  // what precedes it. A word without a dot is passed over in silence.
  const isMisread = args.indexOf("--") > 0 && config !== undefined;
  if (found.length === 0 && isMisread && isEnabled(config, "CONFIG_LIBUKLIBPARAM")) return ["_"];
  return found;
}

/**
 * Kernels that take no table from the command line mount the initrd as they were configured to.
 * KraftKit gives `initrd0:/:extract:::` to all others. Where nothing is mounted at `/` that fails,
 * and `ramfs=2` mounts what is missing; up to v0.16.0, where the symbol is LIBVFSCORE_FSTAB, the
 * driver was called `initrd`. Source: Unikraft, lib/vfscore/automount.c.
 */
function initrdEntry({ hasInitrd, initrdFormat, config }: KernelInvocation): string[] {
  if (!hasInitrd || config === undefined) return [];
  if (initrdFormat !== undefined) {
    // A file system is mounted as it is, by the driver of its name.
    const hasTable = ["CONFIG_LIBVFSCORE_AUTOMOUNT_UP", "CONFIG_LIBVFSCORE_FSTAB"];
    return hasTable.some((one) => isEnabled(config, one)) ? [`initrd0:/:${initrdFormat}:::`] : [];
  }
  if (isEnabled(config, "CONFIG_LIBVFSCORE_AUTOMOUNT_UP")) return ["initrd0:/:extract::ramfs=2:"];
  return isEnabled(config, "CONFIG_LIBVFSCORE_FSTAB") ? ["initrd0:/:initrd:::"] : [];
}

function listOf(parameter: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  // A value that ends as a list does would end the list; single assignments add up as well.
  if (values.some((value) => value.endsWith("]"))) {
    return values.map((value) => `${parameter}=${alwaysQuoted(value)}`);
  }
  return [`${parameter}=[ ${values.map(alwaysQuoted).join(" ")} ]`];
}

function isList(kernelArg: string): boolean {
  return kernelArg.slice(kernelArg.indexOf("=") + 1).startsWith("[");
}

function mistakesIn({ kernelArgs, interfaces, fstab, env, args }: KernelInvocation): string[] {
  const texts = [...kernelArgs, ...interfaces, ...fstab, ...env, ...args];
  const withZero = texts.filter((text) => text.includes("\0"));
  const empty = args.flatMap((arg, i) => (arg === "" ? [i + 1] : []));
  return [
    ...kernelArgs.flatMap(mistakeInParameter),
    ...env.filter((one) => !/^[^=[]+=/.test(one)).map((one) => `${one} is not of the form K=V`),
    ...withZero.map((text) => `${JSON.stringify(text)} has a NUL character`),
    ...empty.map((i) => `argument ${i} is empty, which a kernel cannot be given`),
  ];
}

function mistakeInParameter(text: string): string[] {
  if (!/^[^\s.=]+\.[^\s=]+=/.test(text)) {
    return [`${text} is not of the form library.parameter=value`];
  }
  const isClosed = text.endsWith("]") && splitArguments(text) !== undefined;
  return isList(text) && !isClosed ? [`${text} does not end its list`] : [];
}

/** What a kernel would cut off, or not boot with. */
function excessOf(text: string, invocation: KernelInvocation): string | undefined {
  const { config } = invocation;
  // QEMU's own first word, and the blank behind it.
  const name = isNamed(invocation) ? "" : `${invocation.name} `;
  const count = splitArguments(name + text)?.length ?? 0;
  const most = numberOf("CONFIG_LIBUKBOOT_MAXNBARGS", config);
  if (count > most) {
    return `it has ${count} words, of which the kernel reads ${most} (LIBUKBOOT_MAXNBARGS)`;
  }
  const length = Buffer.byteLength(name + text);
  const longest = numberOf("CONFIG_LIBUKBOOT_CMDLINE_MAX_LEN", config);
  if (length < longest) return undefined;
  return `it has ${length} bytes, and the kernel takes ${longest} (LIBUKBOOT_CMDLINE_MAX_LEN)`;
}

function warningsFor({ env, config }: KernelInvocation): string[] {
  // Each image of a Dockerfile has a PATH, which nobody asked for.
  const isAsked = env.some((variable) => !variable.startsWith("PATH="));
  if (!isAsked || config === undefined) return [];
  if (!isEnabled(config, "CONFIG_LIBPOSIX_ENVIRON_LIBPARAM")) {
    return ["the kernel ignores the environment, as LIBPOSIX_ENVIRON_LIBPARAM is off"];
  }
  const most = numberOf("CONFIG_LIBPOSIX_ENVIRON_LIBPARAM_MAXCOUNT", config);
  if (env.length <= most) return [];
  return [
    `the kernel takes ${most} of ${env.length} variables (LIBPOSIX_ENVIRON_LIBPARAM_MAXCOUNT)`,
  ];
}

function numberOf(symbol: string, config: KernelConfig | undefined): number {
  const value = Number(config?.get(symbol));
  return value > 0 ? value : Infinity;
}
