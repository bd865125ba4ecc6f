// A kernel that is a Solo5 binary says which monitor it is for, and which devices it has.

import {
  type ExecPath,
  type ProgramContext,
  ProgramError,
  openArchive,
  solo5BinaryOf,
  uruncPrefix,
} from "../../../src/index.ts";

/** The part of an image that its kernel decides about. */
interface KernelFacts {
  readonly kernel?: ExecPath;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The monitor of urunc for each target of Solo5; of others, none is. */
const monitorOf: Readonly<Record<string, string>> = { hvt: "hvt", spt: "spt", virtio: "qemu" };

/** What urunc calls devices that nobody names. Source: urunc 0.8, annotations. */
const standardNames = { net: "service", block: "storage" } as const;

const keys = { net: `${uruncPrefix}solo5NetDev`, block: `${uruncPrefix}solo5BlkDev` } as const;

/**
 * `image` with the names of its devices, where urunc would look for others. Throws a ProgramError
 * for a kernel that the image's monitor does not boot. Of other kernels, nothing is known.
 */
export function withDevices<T extends KernelFacts>(
  image: T,
  { resolve, print }: Pick<ProgramContext, "resolve" | "print">,
): T {
  if (image.kernel === undefined) return image;
  const file = openArchive(resolve(image.kernel), image.kernel);
  try {
    const binary = solo5BinaryOf(file);
    if (binary === undefined) return image;
    const monitor = image.annotations[`${uruncPrefix}hypervisor`];
    if (monitor !== monitorOf[binary.abi]) {
      throw new ProgramError(
        `the kernel ${image.kernel} is linked for Solo5's ${binary.abi}, and ${monitor} cannot boot it`,
      );
    }
    const found: Record<string, string> = {};
    for (const type of ["net", "block"] as const) {
      const [first, ...others] = binary.devices.filter((device) => device.type === type);
      const isGiven = image.annotations[keys[type]] !== undefined;
      if (first === undefined || isGiven) continue;
      if (first.name !== standardNames[type]) found[keys[type]] = first.name;
      if (others.length === 0) continue;
      print(`urunc attaches one ${type} device, ${first.name}, of ${others.length + 1}`);
    }
    const { annotations, labels } = image;
    return { ...image, annotations: { ...annotations, ...found }, labels: { ...labels, ...found } };
  } finally {
    file.close();
  }
}
