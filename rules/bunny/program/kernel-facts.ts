// What the kernel of an image says of itself: that it is a Solo5 binary, for which monitor, and with
// which devices. Every image is held against it, wherever its kernel comes from.

import {
  type FileBytes,
  type FileTree,
  type ProgramContext,
  ProgramError,
  solo5BinaryOf,
  uruncDevicesOf,
  uruncMonitorOf,
  uruncPrefix,
} from "../../../src/index.ts";

/** By full keys, what an image tells urunc. */
type Annotations = Readonly<Record<string, string>>;

const binaryKey = `${uruncPrefix}binary`;
const monitorKey = `${uruncPrefix}hypervisor`;

/** Whether something stands in `tree` where `annotations` say that the kernel is. */
export function hasKernel(tree: FileTree, annotations: Annotations): boolean {
  return tree.follow(Buffer.from(annotations[binaryKey] ?? "")) !== undefined;
}

/**
 * The kernel that `annotations` name in `tree`, all files of the image; undefined when they name
 * none. Throws a ProgramError when there is no such file, as nothing would boot then.
 */
export function kernelIn(tree: FileTree, annotations: Annotations): FileBytes | undefined {
  const path = annotations[binaryKey] ?? "";
  if (path === "") return undefined;
  const node = tree.follow(Buffer.from(path));
  if (node?.kind === "file") return node.content;
  const what = node === undefined ? "no file" : `a ${node.kind} in place of the file`;
  throw new ProgramError(`the image has ${what} ${path}, which is to be its kernel`, {
    place: "binary",
  });
}

/**
 * The names of devices that urunc has to be told of besides `annotations`, as it would look for
 * others. Throws a ProgramError for a kernel that the image's monitor does not boot. Of a kernel that
 * is none of Solo5, nothing is known.
 */
export function devicesOfKernel(
  kernel: FileBytes | undefined,
  annotations: Annotations,
  { print }: Pick<ProgramContext, "print">,
): Annotations {
  if (kernel === undefined) return {};
  const path = annotations[binaryKey] ?? "the kernel";
  const binary = solo5BinaryOf({ path, sizeBytes: kernel.sizeBytes, read: readerOf(kernel) });
  if (binary === undefined) return {};
  const monitor = annotations[monitorKey];
  const wanted = uruncMonitorOf(binary.abi);
  if (monitor !== wanted) {
    const boots = wanted === undefined ? "no monitor of urunc does" : `${wanted} does`;
    const abi = `the kernel ${path} is linked for Solo5's ${binary.abi}`;
    const message = `${abi}, and ${monitor} cannot boot it: ${boots}`;
    throw new ProgramError(message, { place: "hypervisor" });
  }
  const found: Record<string, string> = {};
  for (const { type, key, name, isStandard, others } of uruncDevicesOf(binary.devices)) {
    if (annotations[`${uruncPrefix}${key}`] !== undefined) continue;
    if (!isStandard) found[`${uruncPrefix}${key}`] = name;
    if (others === 0) continue;
    print(`urunc attaches one ${type} device, ${name}, of ${others + 1}`);
  }
  return found;
}

/** Reads anywhere in what comes in pieces: from the beginning each time, and never all at once. */
function readerOf(content: FileBytes): (offset: number, length: number) => Buffer {
  return (offset, length) => {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const piece of content.read()) {
      const start = Math.max(0, offset - at);
      at += piece.byteLength;
      if (at > offset) parts.push(piece.subarray(start, piece.byteLength + offset + length - at));
      if (at >= offset + length) break;
    }
    return Buffer.concat(parts);
  };
}
