// Which keys urunc knows, and where it reads them.
//
// Source: urunc 0.8, pkg/unikontainers, annotations.go; bunny-urunc-mirage-solo5.md §4.1.

import { nearestName } from "../diagnostic/suggest.ts";
import type { UruncProblem } from "./urunc-rules.ts";
import { type UruncFacts, uruncPrefix } from "./urunc.ts";

const keysOfImages = [
  "unikernelType",
  "hypervisor",
  "binary",
  "cmdline",
  "unikernelVersion",
  "initrd",
  "block",
  "blkMntPoint",
  "useDMBlock",
  "mountRootfs",
  "solo5NetDev",
  "solo5BlkDev",
];

/** Keys that mean something only to a container: they name what its host has. */
export const uruncContainerKeys: readonly string[] = [
  "bootKernel",
  "bootInitrd",
  "vAccel",
  "RPCAddress",
];

/** What is wrong with the keys of `facts` themselves: none of it keeps an image from being booted. */
export function uruncKeyProblemsOf(facts: UruncFacts): UruncProblem[] {
  return Object.keys(facts).flatMap((key) => {
    if (keysOfImages.includes(key)) return [];
    if (uruncContainerKeys.includes(key)) return containerProblemsOf(key, facts);
    const nearest = nearestName(key, [...keysOfImages, ...uruncContainerKeys]);
    const help = nearest === undefined ? {} : { help: `did you mean "${nearest}"?` };
    return [warning(key, `urunc knows no key "${key}"`, help)];
  });
}

function containerProblemsOf(key: string, facts: UruncFacts): UruncProblem[] {
  const value = facts[key] ?? "";
  const message = `urunc takes ${key} from a container, and not from /urunc.json of its image`;
  const help = `give the container the annotation ${uruncPrefix}${key}`;
  const other = { bootKernel: "bootInitrd", bootInitrd: "bootKernel" }[key];
  return [
    warning(key, message, { help }),
    ...(key === "vAccel" && value !== "vsock"
      ? [warning(key, `vAccel can be vsock alone, not "${value}"`)]
      : []),
    ...(other !== undefined && !value.startsWith("/")
      ? [warning(key, `${key} is an absolute path of the host, not "${value}"`)]
      : []),
    ...(other !== undefined && (facts[other] ?? "") === ""
      ? [warning(key, `urunc takes ${key} only together with ${other}`)]
      : []),
  ];
}

function warning(key: string, message: string, help: { readonly help?: string } = {}) {
  return { severity: "warning", key, message, ...help } as const;
}
