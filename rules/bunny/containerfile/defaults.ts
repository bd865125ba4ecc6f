// What bunny adds to the labels of a Containerfile.
//
// Source: bunny 0.0.5, hops/parse_file.go, containerfileToPack.

import { mountRootfsOf } from "../device-block.ts";

/** Where bunny has things from that a Containerfile does not state. */
export const bunnyImages = {
  urunit: "harbor.nbfc.io/nubificus/urunit:latest",
  qemu: "harbor.nbfc.io/nubificus/bunny/linux-kernel-qemu:latest",
  other: "harbor.nbfc.io/nubificus/bunny/linux-kernel-firecracker:latest",
} as const;

/** The label with which a Containerfile refuses urunit, the init that starts its command. */
export const urunitLabel = "bunny.urunit";

/** Guests that can have no file system of the host, which bunny forgets. */
const guestsWithoutFiles = ["mirage", "mewz", "hermit"];

/** What an image lacks that bunny would add. */
export interface Defaults {
  /** By keys without prefix. */
  readonly facts: Readonly<Record<string, string>>;
  readonly needsUrunit: boolean;
  /** The image that has the kernel; absent: the image has one of its own. */
  readonly kernelImage?: string;
}

/**
 * What to add to an image with these facts. Unlike bunny, files of the image are mounted only where
 * the guest can; and `useDMBlock`, which older runtimes had, says so in their words.
 */
export function defaultsFor(
  facts: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): Defaults {
  const unikernelType = facts["unikernelType"] ?? "linux";
  const hypervisor = facts["hypervisor"] ?? "qemu";
  const needsKernel = facts["binary"] === undefined;
  const isMounted = facts["initrd"] === undefined && facts["blkMntPoint"] !== "/";
  const canMount =
    !guestsWithoutFiles.includes(unikernelType) &&
    !(unikernelType === "unikraft" && hypervisor === "firecracker");
  const mountRootfs = mountRootfsOf(facts["useDMBlock"]) ?? String(canMount);
  return {
    facts: {
      ...(facts["unikernelType"] === undefined && { unikernelType }),
      ...(facts["hypervisor"] === undefined && { hypervisor }),
      ...(needsKernel && { binary: "/.boot/kernel" }),
      ...(facts["mountRootfs"] === undefined && isMounted && { mountRootfs }),
    },
    needsUrunit: unikernelType === "linux" && labels[urunitLabel] !== "false",
    ...(needsKernel && { kernelImage: kernelImageFor(hypervisor) }),
  };
}

/** Like bunny, which has no kernels but these two, also for hvt and spt. */
function kernelImageFor(hypervisor: string): string {
  return hypervisor === "qemu" ? bunnyImages.qemu : bunnyImages.other;
}
