// A kernel whose steps nobody can see through: one call of make. Fetches nothing.

import type { Action, WithoutOwner } from "../../src/index.ts";
import { seenRootfs } from "./config.ts";
import { seen } from "./expand/layout.ts";
import { unpackers } from "./expand/upstream.ts";
import { type KernelImage, localConfig } from "./kernel-image.ts";
import { canonicalPaths, kernelFileName, makeLine, quote, toolsOf } from "./make.ts";

/** One call of make for all of it, for cores that nobody can see through. */
export function opaqueAction(image: KernelImage): WithoutOwner<Action> {
  const { spec, staging, config, initrd, kernel, debug, sourceDateEpoch } = image;
  const { places, mounts, without } = staging;
  const flags = ["UK_CFLAGS", "UK_CXXFLAGS", "UK_ASFLAGS"]
    .map((name) => `${name}="$maps"`)
    .join(" ");
  const place = { places: staging.seen, scratch: seen.build, config: seen.config };
  const goal = `${flags} -j"$(nproc)" all`;
  const built = `${seen.build}/${kernelFileName(spec)}`;
  const script = [
    "root=$PWD",
    `mkdir -p ${seen.build}`,
    localConfig,
    canonicalPaths(staging.seen, "canonical"),
    ...withoutNetwork,
    // The same pairs as options of the compiler.
    `maps=$(sed -n 's#^s|\\(.*\\)/|\\(.*\\)/|g$#-ffile-prefix-map=\\1=\\2#p' canonical | tr '\\n' ' ')`,
    makeLine({ image: spec, ...place, sourceDateEpoch, goal }),
    `cp ${quote(built)} kernel`,
    `cp ${quote(`${built}.dbg`)} kernel.dbg`,
  ].join("\n");
  return {
    kind: "command",
    mnemonic: "Kernel",
    subject: image.name,
    argv: ["sh", "-ec", script],
    env: {},
    inputs: [
      places.core,
      ...places.libraries,
      places.app,
      config,
      ...(initrd === undefined ? [] : [initrd]),
    ],
    without,
    outputs: [kernel, debug],
    mounts: {
      ...mounts,
      [config]: "config",
      [kernel]: "kernel",
      [debug]: "kernel.dbg",
      ...(initrd === undefined ? {} : { [initrd]: seenRootfs(initrd) }),
    },
    tools: [...new Set([...toolsOf(spec), ...unpackers])],
    resources: { cpu: 2 },
  };
}

/**
 * What makefiles fetch is an input already. What they fetch in a way that nobody understands fails
 * here, in every sandbox, as what came over the network would be in no key.
 */
const withoutNetwork: readonly string[] = [
  "mkdir -p no-network",
  "for tool in wget curl; do",
  "  {",
  "    echo '#!/bin/sh'",
  `    echo 'echo "\${0##*/}: only actions of the kind fetch may use the network, so this is not run: $*" >&2'`,
  "    echo 'exit 1'",
  "  } > no-network/$tool",
  "  chmod +x no-network/$tool",
  "done",
  'PATH="$root/no-network:$PATH"',
  // Repositories of this machine may still be asked what they are.
  "export PATH GIT_ALLOW_PROTOCOL=file",
];
