// What MirageOS can be configured for. Knows no package.

/** One thing to be configured for. Source: MirageOS 4.11, `mirage configure --help`. */
export interface MirageTarget {
  /** As `--target` takes it. */
  readonly name: string;
  /** In labels, where it is called otherwise; absent: `name`. */
  readonly label?: string;
  /** Of the file that comes of it; empty: it has none. */
  readonly extension: string;
  /** What can boot it, as machines name it; absent: nothing here. */
  readonly platform?: string;
  /** Whether it is linked by the toolchain of Solo5. */
  readonly isSolo5: boolean;
}

/** All but those for other systems than Linux. */
export const mirageTargets: readonly MirageTarget[] = [
  { name: "unix", extension: "", platform: "unix", isSolo5: false },
  { name: "hvt", extension: "hvt", platform: "hvt", isSolo5: true },
  { name: "spt", extension: "spt", platform: "spt", isSolo5: true },
  { name: "virtio", extension: "virtio", platform: "virtio", isSolo5: true },
  { name: "muen", extension: "muen", isSolo5: true },
  { name: "genode", extension: "genode", isSolo5: true },
  { name: "xen", extension: "xen", platform: "xen", isSolo5: true },
  { name: "qubes", extension: "xen", isSolo5: true },
  {
    name: "unikraft-qemu",
    label: "qemu",
    extension: "qemu",
    platform: "qemu",
    isSolo5: false,
  },
  {
    name: "unikraft-firecracker",
    label: "fc",
    extension: "fc",
    platform: "fc",
    isSolo5: false,
  },
];
