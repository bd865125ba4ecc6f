// What a machine boots from → a container image for urunc, whoever built the kernel.

import { statSync } from "node:fs";

import { type ArchiveBytes, openArchive } from "../format/archive-bytes.ts";
import { writeContainerImage } from "../format/container-image.ts";
import { fileContent } from "../format/file-content.ts";
import type { TreeEntry } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { type Solo5Binary, solo5BinaryOf } from "../format/solo5-notes.ts";
import { uruncDevicesOf, uruncMonitorOf } from "../format/solo5-urunc.ts";
import {
  type UruncFacts,
  uruncAnnotationsOf,
  uruncJsonOf,
  uruncJsonPath,
} from "../format/urunc.ts";
import { uruncProblemsOf } from "../format/urunc-rules.ts";
import type { MachineSpec } from "../rule/rule.ts";

/** A machine, and what else its image says. */
export interface MachineImageRequest {
  readonly machine: MachineSpec;
  /** Where a file of the machine is on the disk; absolute. */
  readonly locate: (path: string) => string;
  /** Seconds since 1970; absent: the image does not say. */
  readonly created?: number;
}

/** Where images of bunny have them, too. */
const places = { kernel: "/.boot/kernel", initrd: "/.boot/rootfs" } as const;

/**
 * Writes the OCI image layout `directory`. Throws a FormatError for what urunc would not boot, and
 * for what is damaged.
 */
export async function writeMachineImage(
  { machine, locate, created }: MachineImageRequest,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const { kernel, initrd, args, env, architecture } = machine;
  const facts = factsOf(machine, locate(kernel));
  const annotations = uruncAnnotationsOf(facts);
  const mtime = created ?? 0;
  const text = Buffer.from(uruncJsonOf(annotations));
  const file = (path: string, content: { sizeBytes: number; read: () => Iterable<Uint8Array> }) => {
    const node = { kind: "file", mode: 0o644, uid: 0, gid: 0, mtime, content } as const;
    return [{ path: Buffer.from(path.slice(1)), node }] satisfies TreeEntry[];
  };
  const ofDisk = (path: string) => {
    const { size } = statSync(path);
    return { sizeBytes: size, read: () => fileContent(path, size) };
  };
  const image = {
    architecture: architecture === "x86_64" ? "amd64" : architecture,
    ...(created !== undefined && { created }),
    layers: [
      file(places.kernel, ofDisk(locate(kernel))),
      ...(initrd === undefined ? [] : [file(places.initrd, ofDisk(locate(initrd)))]),
      file(uruncJsonPath, { sizeBytes: text.length, read: () => [text] }),
    ],
    annotations,
    labels: annotations,
    cmd: args,
    env,
  };
  await writeContainerImage(directory, image, signal);
}

function factsOf(machine: MachineSpec, kernelPath: string): UruncFacts {
  const { platform, initrd, args, kernel } = machine;
  const solo5 = solo5BinaryAt(kernelPath, kernel);
  const hypervisor =
    solo5 === undefined ? (monitors[platform] ?? platform) : uruncMonitorOf(solo5.abi);
  if (hypervisor === undefined) {
    const help = "it boots hvt, spt and virtio";
    throw notForUrunc(kernel, `urunc has no monitor for Solo5's ${solo5?.abi}: ${help}`);
  }
  const facts = {
    // The guest of urunc that has devices of Solo5 by name, and arguments as they are.
    unikernelType: machine.guest ?? (solo5 === undefined ? "unikraft" : "mirage"),
    hypervisor,
    binary: places.kernel,
    cmdline: args.join(" "),
    mountRootfs: "false",
    ...(initrd !== undefined && { initrd: places.initrd }),
    ...devicesOf(solo5),
  };
  const [problem] = uruncProblemsOf(facts);
  if (problem === undefined) return facts;
  const help = problem.help === undefined ? "" : ` (${problem.help})`;
  throw notForUrunc(kernel, `${problem.message}${help}`);
}

/** urunc's names of monitors by Unikraft's names of platforms. */
const monitors: Readonly<Record<string, string>> = { qemu: "qemu", fc: "firecracker" };

function devicesOf(solo5: Solo5Binary | undefined): UruncFacts {
  const named = uruncDevicesOf(solo5?.devices ?? []).filter(({ isStandard }) => !isStandard);
  return Object.fromEntries(named.map(({ key, name }) => [key, name]));
}

function solo5BinaryAt(path: string, name: string): Solo5Binary | undefined {
  let file: ArchiveBytes | undefined;
  try {
    file = openArchive(path, name);
    return solo5BinaryOf(file);
  } finally {
    file?.close();
  }
}

function notForUrunc(kernel: string, why: string): FormatError {
  return new FormatError(kernel, `cannot be packed for urunc: ${why}`);
}
