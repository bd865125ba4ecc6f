// A bunnyfile → which files go where in its image, and what the image says of them.
//
// Source: bunny 0.0.5, hops/package.go: SetBaseAndGetPaths, SetAnnotations.

import type { UruncFacts } from "../../src/index.ts";
import type { Bunnyfile } from "./bunnyfile/bunnyfile.ts";
import type { BunnyRootfs } from "./bunnyfile/rootfs.ts";

/** What an image is made of. */
export interface ImagePlan {
  /** What it starts from; to `files` count those of a raw root file system. */
  readonly base: "scratch" | "files" | "kernel image" | "rootfs image";
  /** Whether the kernel is put to {@link kernelPath}, or is there already. */
  readonly copiesKernel: boolean;
  /** Whether the root file system is put to {@link rootfsPath}. */
  readonly copiesRootfs: boolean;
  readonly facts: UruncFacts;
}

/** Where kernels are put. */
export const kernelPath = "/.boot/kernel";

/** Where root file systems are put that are one file. */
export const rootfsPath = "/.boot/rootfs";

/** What to make of `bunnyfile`. */
export function imagePlanOf(bunnyfile: Bunnyfile): ImagePlan {
  const { kernel, rootfs } = bunnyfile;
  const base = baseOf(bunnyfile);
  const copiesKernel = base !== "kernel image";
  const isFile = rootfs?.kind === "file" || (rootfs?.kind === "built" && rootfs.type !== "raw");
  const copiesRootfs = isFile && base !== "rootfs image";
  const binary = copiesKernel ? kernelPath : (kernel.path?.text ?? "");
  const place = copiesRootfs ? rootfsPath : givenPathOf(rootfs);
  return { base, copiesKernel, copiesRootfs, facts: factsOf(bunnyfile, binary, place) };
}

function baseOf({ kernel, rootfs }: Bunnyfile): ImagePlan["base"] {
  if (rootfs?.kind === "image") return "rootfs image";
  if (rootfs?.kind === "file" && rootfs.from.kind === "image") return "rootfs image";
  if (rootfs?.kind === "built" && rootfs.type === "raw") return "files";
  return kernel.from.kind === "image" ? "kernel image" : "scratch";
}

function givenPathOf(rootfs: BunnyRootfs | undefined): string {
  return rootfs?.kind === "file" ? (rootfs.path ?? "") : "";
}

function factsOf(bunnyfile: Bunnyfile, binary: string, place: string): UruncFacts {
  const { framework, frameworkVersion, monitor, rootfs, cmd = [] } = bunnyfile;
  const type = rootfs === undefined ? undefined : typeOf(rootfs);
  const version = frameworkVersion?.text ?? "";
  return {
    unikernelType: framework.text,
    cmdline: cmd.join(" "),
    hypervisor: monitor.text,
    binary,
    mountRootfs: String(type === "raw"),
    ...(version !== "" && { unikernelVersion: version }),
    ...(type === "initrd" && { initrd: place }),
    ...(type === "block" && {
      block: place,
      blkMntPoint: framework.text === "rumprun" ? "/data" : "/",
    }),
  };
}

function typeOf(rootfs: BunnyRootfs): "initrd" | "block" | "raw" {
  return rootfs.kind === "image" ? "raw" : rootfs.type;
}
