import {
  type ExecPath,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  partsOf,
} from "../../src/index.ts";
import { architecture, disks } from "./flags.ts";
import { objectsOf } from "./objects.ts";
import { abis, compilerOf } from "./toolchain.ts";

/** An application linked for one of the things that run Solo5 binaries. */
export const kernel = defineRule({
  name: "solo5_kernel",
  description: "links a Solo5 application for one ABI",
  attributes: {
    objects: attribute.label,
    /** Called as that of Unikraft's images, by which `--plat` chooses. */
    platform: attribute.oneOf(...abis),
    architecture,
    ldflags: optional(attribute.strings, []),
    args: optional(attribute.strings, []),
    disks: optional(disks, {}),
  },
  analyze: ({ attributes: given, label, dependency, output, action }): TargetResult => {
    const { platform, architecture: of, ldflags, args } = given;
    const { name } = partsOf(label);
    const binary = output(name);
    const inputs = objectsOf.of(dependency(given.objects))?.objects ?? [];
    const compiler = compilerOf(of);
    action({
      kind: "command",
      mnemonic: "Solo5Link",
      argv: [compiler, "-z", `solo5-abi=${platform}`, ...inputs, ...ldflags, "-o", binary],
      env: {},
      inputs,
      outputs: [binary],
      tools: [compiler],
    });
    const images = Object.entries(given.disks).flatMap(([device, at]): [string, ExecPath][] => {
      const [image] = dependency(at).outputs;
      return image === undefined ? [] : [[device, image]];
    });
    const machine = {
      platform,
      architecture: of,
      kernel: binary,
      name,
      args,
      env: [],
      ...(images.length > 0 && { disks: Object.fromEntries(images) }),
    };
    return { outputs: [binary], machine };
  },
});
