import { expect, test } from "vitest";

import { bunnyImages, defaultsFor } from "../../../rules/bunny/containerfile/defaults.ts";

const kernel = "/.boot/kernel";
const [linux, qemu, binary] = [
  { unikernelType: "linux" },
  { hypervisor: "qemu" },
  { binary: kernel },
];
const [mounted, unmounted] = [{ mountRootfs: "true" }, { mountRootfs: "false" }];

test.each([
  ["nothing", {}, { ...linux, ...qemu, ...binary, ...mounted }],
  ["a kernel", { binary: "/k" }, { ...linux, ...qemu, ...mounted }],
  ["an initrd", { initrd: "/i" }, { ...linux, ...qemu, ...binary }],
  ["a block device as root", { blkMntPoint: "/" }, { ...linux, ...qemu, ...binary }],
  ["a block device", { blkMntPoint: "/d" }, { ...linux, ...qemu, ...binary, ...mounted }],
  ["mountRootfs", { mountRootfs: "false" }, { ...linux, ...qemu, ...binary }],
  ["useDMBlock", { useDMBlock: "0" }, { ...linux, ...qemu, ...binary, ...unmounted }],
  ["an empty useDMBlock", { useDMBlock: "" }, { ...linux, ...qemu, ...binary, ...mounted }],
  ["firecracker", { hypervisor: "firecracker" }, { ...linux, ...binary, ...mounted }],
  ["rumprun", { unikernelType: "rumprun" }, { ...qemu, ...binary, ...mounted }],
  ["mirage", { unikernelType: "mirage" }, { ...qemu, ...binary, ...unmounted }],
  ["mewz", { unikernelType: "mewz" }, { ...qemu, ...binary, ...unmounted }],
  ["hermit", { unikernelType: "hermit" }, { ...qemu, ...binary, ...unmounted }],
  ["unikraft", { unikernelType: "unikraft" }, { ...qemu, ...binary, ...mounted }],
  [
    "unikraft in firecracker",
    { unikernelType: "unikraft", hypervisor: "firecracker" },
    { ...binary, ...unmounted },
  ],
])("an image that states %s is told the rest", (_, stated, facts) => {
  expect(defaultsFor(stated, {}).facts).toEqual(facts);
});

test.each([
  [undefined, "harbor.nbfc.io/nubificus/bunny/linux-kernel-qemu:latest"],
  ["qemu", bunnyImages.qemu],
  ["firecracker", "harbor.nbfc.io/nubificus/bunny/linux-kernel-firecracker:latest"],
  ["hvt", bunnyImages.other],
  ["spt", bunnyImages.other],
])("the kernel for the monitor %s is of %s", (hypervisor, image) => {
  const stated = hypervisor === undefined ? {} : { hypervisor };
  expect(defaultsFor(stated, {}).kernelImage).toBe(image);
  // Whatever the guest: bunny does not ask.
  expect(defaultsFor({ ...stated, unikernelType: "mirage" }, {}).kernelImage).toBe(image);
  expect(defaultsFor({ ...stated, binary: "/k" }, {}).kernelImage).toBeUndefined();
});

test.each([
  ["linux", undefined, true],
  [undefined, undefined, true],
  ["linux", "true", true],
  ["linux", "", true],
  ["linux", "False", true],
  ["linux", "false", false],
  ["unikraft", undefined, false],
  ["mirage", "true", false],
])("the guest %s with bunny.urunit %j needs urunit: %j", (unikernelType, urunit, needsUrunit) => {
  const labels = urunit === undefined ? {} : { "bunny.urunit": urunit };
  const stated = unikernelType === undefined ? {} : { unikernelType };
  expect(defaultsFor(stated, labels).needsUrunit).toBe(needsUrunit);
});
