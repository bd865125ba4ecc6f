// Machines for binaries of Solo5, which say themselves what they need. Starts none.
//
// Source: Solo5, docs/building.md, tenders/common, scripts/virtio-run.

import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { openArchive } from "../format/archive-bytes.ts";
import { FormatError } from "../format/format-error.ts";
import { type Solo5Binary, type Solo5Device, solo5BinaryOf } from "../format/solo5-notes.ts";
import type { MachineSpec } from "../rule/rule.ts";
import type { RunOptions } from "./machine.ts";
import type { Machine } from "./monitor.ts";
import type { MachineOutcome } from "./outcome.ts";
import { mebibytesOf } from "./size.ts";

/** What a device of a guest is on this machine. */
export interface AttachedDevice extends Solo5Device {
  /** The absolute path of a file, or the name of a network interface. */
  readonly at: string;
  /** Whether the guest gets a copy of the file, as it is not to be written to. */
  readonly isCopied: boolean;
}

/** `NAME=WHAT`, as users attach devices. */
export interface DeviceWords {
  readonly block: Readonly<Record<string, string>>;
  readonly net: Readonly<Record<string, string>>;
}

type Refused = Extract<MachineOutcome, { kind: "refused" }>;

/** Platforms that are ABIs of Solo5, of those that can be run here. */
export function isSolo5(platform: string): boolean {
  return /^(?:hvt|spt|virtio)$/.test(platform);
}

/** The machine for `spec`, whose devices are those that its kernel declares; or why there is none. */
export function solo5MachineOf(spec: MachineSpec, options: RunOptions): Machine | Refused {
  const kernelPath = options.locate(spec.kernel);
  const found = binaryAt(kernelPath, spec);
  if (typeof found === "string") return { kind: "refused", reasons: [found] };
  const { devices, problems } = attached(found.devices, spec, options);
  const reasons = [...wordProblems(options), ...strayDevices(found.devices, options), ...problems];
  if (reasons.length > 0) return { kind: "refused", reasons };
  const { platform, architecture, args } = spec;
  return {
    kind: "machine",
    platform,
    architecture,
    name: spec.name.replace(/^[^\w]|[^\w.+-]/g, "_") || "kernel",
    kernelPath,
    initrdPath: undefined,
    memoryBytes: options.memoryBytes ?? (platform === "virtio" ? 128 : 512) * 2 ** 20,
    ports: [],
    devices,
    args,
    // All that an application is told is one text.
    commandLine: args.join(" "),
    warnings: [],
  };
}

/** What a tender, solo5-spt or solo5-hvt, is called with. Paths are in its working directory. */
export function tenderArguments(
  { memoryBytes, devices, args }: Machine,
  kernelFile: string,
): readonly string[] {
  const attachments = devices.map((device) =>
    device.type === "net"
      ? `--net:${device.name}=${device.at}`
      : `--block:${device.name}=${diskFile(device)}`,
  );
  return [`--mem=${mebibytesOf(memoryBytes)}`, ...attachments, kernelFile, ...args];
}

/** What QEMU is called with for `devices`: disks, and taps that are there already. */
export function qemuDevices(devices: readonly AttachedDevice[]): readonly string[] {
  return devices.flatMap((one) => {
    const { name, type, at } = one;
    const [kind, backend, device] =
      type === "net"
        ? [
            "-netdev",
            `tap,id=${name},ifname=${at},script=no,downscript=no`,
            "virtio-net-pci,netdev",
          ]
        : ["-drive", `file=${diskFile(one)},if=none,format=raw,id=${name}`, "virtio-blk-pci,drive"];
    return [kind, backend, "-device", `${device}=${name}`];
  });
}

/** The files of `devices`, by their names in the working directory of a monitor. */
export function filesOfDevices(devices: readonly AttachedDevice[]) {
  const disks = devices.filter(({ type }) => type === "block");
  const named = (isCopied: boolean): Record<string, string> =>
    Object.fromEntries(
      disks
        .filter((device) => device.isCopied === isCopied)
        .map((device) => [diskFile(device), device.at]),
    );
  return { links: named(false), copies: named(true) };
}

/** Names of devices are letters and digits. */
function diskFile({ name }: Solo5Device): string {
  return `${name}.disk`;
}

/** The binary, or why it cannot be run as `platform`. */
function binaryAt(path: string, { kernel, platform }: MachineSpec): Solo5Binary | string {
  const file = openArchive(path, kernel);
  try {
    const binary = solo5BinaryOf(file);
    if (binary === undefined) return `${kernel} is no binary of Solo5`;
    if (binary.abi === platform) return binary;
    return `${kernel} is linked for Solo5's ${binary.abi}, not for ${platform}`;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  } finally {
    file.close();
  }
}

/** What Unikraft's machines can be asked for, and these cannot. */
function wordProblems({ ports = [], kernelArgs = [], env = [] }: RunOptions): string[] {
  return [
    ...(ports.length > 0
      ? ["ports cannot be forwarded to machines of Solo5: attach a network, --net NAME=INTERFACE"]
      : []),
    ...(kernelArgs.length > 0 ? ["Solo5 has no parameters of libraries, only arguments"] : []),
    ...(env.length > 0 ? ["Solo5 has no variables for applications, only arguments"] : []),
  ];
}

/** Devices that are attached, and that nobody declares. */
function strayDevices(declared: readonly Solo5Device[], { devices }: RunOptions): string[] {
  if (devices === undefined) return [];
  return (["block", "net"] as const).flatMap((type) => {
    const names = declared.filter((device) => device.type === type).map(({ name }) => name);
    const known = names.length === 0 ? "it declares none" : `it declares ${names.join(", ")}`;
    return Object.keys(devices[type])
      .filter((name) => !names.includes(name))
      .map((name) => `the kernel has no ${type} device "${name}": ${known}`);
  });
}

function attached(
  declared: readonly Solo5Device[],
  { disks = {} }: MachineSpec,
  { devices: given, host, locate }: RunOptions,
) {
  const devices: AttachedDevice[] = [];
  const problems: string[] = [];
  for (const { name, type } of declared) {
    const word = given?.[type][name];
    const disk = type === "block" ? disks[name] : undefined;
    if (word !== undefined) {
      const at = type === "block" ? resolve(host.workingDirectory, word) : word;
      if (type === "block" && !existsSync(at)) problems.push(`there is no file ${word}`);
      devices.push({ name, type, at, isCopied: false });
    } else if (disk !== undefined) {
      devices.push({ name, type, at: locate(disk), isCopied: true });
    } else {
      const option = type === "block" ? `--block ${name}=FILE` : `--net ${name}=INTERFACE`;
      problems.push(`nothing is attached to the ${type} device "${name}": ${option}`);
    }
  }
  return { devices, problems };
}
