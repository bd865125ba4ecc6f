import {
  type ExecPath,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import { configFile, fixedRoot, imageSpec } from "./config.ts";
import {
  type MakePlaces,
  hiddenFrom,
  kernelFileName,
  makeLine,
  placesOf,
  quote,
  toolsOf,
} from "./make.ts";
import type { ImageSpec } from "./project.ts";
import { rootfsFile } from "./rootfs.ts";
import { embedsRootfs } from "./settings.ts";

/** A kernel that can be booted, and whether it has its root file system inside. */
export interface Kernel {
  readonly file: ExecPath;
  readonly embedsRootfs: boolean;
}

/** The kernel that a target makes. */
export const kernelFile = provider<Kernel>("unikraft.kernel");

/** The kernel of an image, stripped, and the same with debug information. */
export const kernelRule = defineRule({
  name: "unikraft_kernel",
  description: "compiles and links the kernel of an image",
  attributes: {
    spec: imageSpec,
    config: attribute.label,
    rootfs: optional(attribute.label, undefined),
  },
  analyze: (context): TargetResult => {
    const { spec, config: configLabel, rootfs } = context.attributes;
    const places = placesOf(spec, context);
    const config = configFile.of(context.dependency(configLabel));
    if (places === undefined || config === undefined) return { outputs: [] };
    const embeds = embedsRootfs(spec.project, spec.target);
    const initrd =
      embeds && rootfs !== undefined ? rootfsFile.of(context.dependency(rootfs)) : undefined;
    const name = kernelFileName(spec);
    const kernel = context.output(name);
    const debug = context.output(`${name}.dbg`);
    context.action({
      kind: "command",
      mnemonic: "Kernel",
      subject: `${context.label}`,
      argv: ["sh", "-ec", kernelScript({ spec, places, config, kernel, debug, ...context })],
      env: {},
      inputs: [
        places.core,
        ...places.libraries,
        places.app,
        config,
        ...(initrd === undefined ? [] : [initrd]),
      ],
      without: hiddenFrom(spec, places),
      outputs: [kernel, debug],
      tools: toolsOf(spec),
      resources: { cpu: 2 },
    });
    return {
      outputs: [kernel, debug],
      providers: kernelFile.give({ file: kernel, embedsRootfs: initrd !== undefined }),
      layout: { [`.unikraft/build/${name}`]: kernel, [`.unikraft/build/${name}.dbg`]: debug },
    };
  },
});

interface KernelCall {
  readonly spec: ImageSpec;
  readonly places: MakePlaces;
  readonly config: ExecPath;
  readonly kernel: ExecPath;
  readonly debug: ExecPath;
  readonly output: (name: string) => ExecPath;
  readonly sourceDateEpoch: number;
}

function kernelScript({
  spec,
  places,
  config,
  kernel,
  debug,
  output,
  sourceDateEpoch,
}: KernelCall): string {
  const scratch = output("make");
  const image = `${scratch}/${kernelFileName(spec)}`;
  const local = `${scratch}/.config`;
  const map = `"-ffile-prefix-map=$root=${fixedRoot}"`;
  const goal = `UK_CFLAGS=${map} UK_CXXFLAGS=${map} UK_ASFLAGS=${map} -j"$(nproc)" all`;
  const call = { image: spec, places, scratch, config: local, sourceDateEpoch, goal };
  return [
    "root=$PWD",
    `mkdir -p ${quote(scratch)}`,
    // Options name files below the fixed root, wherever the input root really is.
    `sed "s|=\\"${fixedRoot}/|=\\"$root/|" ${quote(config)} > ${quote(local)}`,
    makeLine(call),
    `cp ${quote(image)} ${quote(kernel)}`,
    `cp ${quote(`${image}.dbg`)} ${quote(debug)}`,
  ].join("\n");
}
