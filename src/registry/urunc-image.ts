// What urunc wants to know of an image of Unikraft. Source: bunny-urunc-mirage-solo5.md §4.

import { FormatError } from "../format/format-error.ts";
import { wellKnown } from "../format/image.ts";
import {
  type UruncFacts,
  uruncAnnotationsOf,
  uruncJsonOf,
  uruncJsonPath,
} from "../format/urunc.ts";
import { uruncProblemsOf } from "../format/urunc-rules.ts";
import type { ImageParts } from "./remade-manifest.ts";

/** The facts for `parts`. Throws a FormatError where urunc would not boot it. */
export function uruncFactsOf({ config, layers, platform }: ImageParts): UruncFacts {
  const hasInitrd = layers.some(
    ({ annotations = {} }) => wellKnown.initrd.annotation in annotations,
  );
  const version = /^\d+\.\d+\.\d+/.exec(platform["os.version"] ?? "")?.[0];
  const facts = {
    unikernelType: "unikraft",
    hypervisor: monitors[platform.os] ?? platform.os,
    binary: wellKnown.kernel.path,
    cmdline: config.args.join(" "),
    mountRootfs: "false",
    ...(hasInitrd && { initrd: wellKnown.initrd.path }),
    ...(version !== undefined && { unikernelVersion: version }),
  };
  const [problem] = uruncProblemsOf(facts);
  if (problem === undefined) return facts;
  const help = problem.help === undefined ? "" : ` (${problem.help})`;
  const name = `${platform.os}/${platform.architecture}`;
  throw new FormatError(name, `cannot be packed for urunc: ${problem.message}${help}`);
}

/** What an image has for urunc: a file, and annotations, which are labels, too. */
export function uruncParts(facts: UruncFacts) {
  const annotations = uruncAnnotationsOf(facts);
  return { text: uruncJsonOf(annotations), path: uruncJsonPath, annotations };
}

const monitors: Readonly<Record<string, string>> = {
  kvm: "qemu",
  fc: "firecracker",
  firecracker: "firecracker",
  hl: "hyperlight",
};
