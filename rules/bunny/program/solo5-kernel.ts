// A kernel that is a Solo5 binary says which monitor it is for, and which devices it has.

import {
  type ExecPath,
  type ProgramContext,
  ProgramError,
  openArchive,
  solo5BinaryOf,
  uruncDevicesOf,
  uruncMonitorOf,
  uruncPrefix,
} from "../../../src/index.ts";

/** The part of an image that its kernel decides about. */
interface KernelFacts {
  readonly kernel?: ExecPath;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

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
    if (monitor !== uruncMonitorOf(binary.abi)) {
      throw new ProgramError(
        `the kernel ${image.kernel} is linked for Solo5's ${binary.abi}, and ${monitor} cannot boot it`,
      );
    }
    const found: Record<string, string> = {};
    for (const { type, key, name, isStandard, others } of uruncDevicesOf(binary.devices)) {
      if (image.annotations[`${uruncPrefix}${key}`] !== undefined) continue;
      if (!isStandard) found[`${uruncPrefix}${key}`] = name;
      if (others === 0) continue;
      print(`urunc attaches one ${type} device, ${name}, of ${others + 1}`);
    }
    const { annotations, labels } = image;
    return { ...image, annotations: { ...annotations, ...found }, labels: { ...labels, ...found } };
  } finally {
    file.close();
  }
}
