import {
  type ExecPath,
  type MachineSpec,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import { configFile, imageSpec } from "./config.ts";
import { kernelFile } from "./kernel.ts";
import { kernelFileName } from "./make.ts";
import type { ImageSpec } from "./project.ts";
import { imageConfigFile, rootfsFile } from "./rootfs.ts";

/** All that it takes to boot or to package. */
export interface Image {
  readonly spec: ImageSpec;
  readonly machine: MachineSpec;
}

/** The image that a target makes. */
export const imageOf = provider<Image>("unikraft.image");

/** A kernel, with its root file system beside it unless that is inside. */
export const imageRule = defineRule({
  name: "unikraft_image",
  description: "a kernel and its root file system, ready to boot",
  attributes: {
    spec: imageSpec,
    platform: attribute.string,
    architecture: attribute.string,
    kernel: optional(attribute.label, undefined),
    config: optional(attribute.label, undefined),
    rootfs: optional(attribute.label, undefined),
  },
  analyze: (context): TargetResult => {
    const { spec, kernel: kernelLabel, config: configLabel, rootfs } = context.attributes;
    const { dependency } = context;
    const kernel =
      kernelLabel === undefined
        ? prebuiltKernel(spec, context)
        : kernelFile.of(dependency(kernelLabel));
    if (kernel === undefined) return { outputs: [] };
    const configured = configLabel === undefined ? undefined : dependency(configLabel);
    const config = configured && configFile.of(configured);
    const built = rootfs === undefined ? undefined : dependency(rootfs);
    const initrd = built === undefined || kernel.embedsRootfs ? undefined : rootfsFile.of(built);
    const image = built && imageConfigFile.of(built);
    const machine = machineOf(spec, { kernel: kernel.file, initrd, config, image });
    const parts = [kernelLabel, configLabel, rootfs].flatMap((label) =>
      label === undefined ? [] : [dependency(label).layout ?? {}],
    );
    return {
      outputs: [kernel.file, initrd ?? [], image ?? []].flat(),
      machine,
      providers: imageOf.give({ spec, machine }),
      ...(configured?.groups && { groups: configured.groups }),
      layout: Object.assign({}, ...parts) as Record<string, ExecPath>,
    };
  },
});

interface Parts {
  readonly kernel: ExecPath;
  readonly initrd: ExecPath | undefined;
  readonly config: ExecPath | undefined;
  /** What the image says of itself that the root file system was made from. */
  readonly image: ExecPath | undefined;
}

function machineOf(spec: ImageSpec, { kernel, initrd, config, image }: Parts): MachineSpec {
  const { target, project } = spec;
  const { kraftfile } = project;
  return {
    platform: target.platform,
    architecture: target.architecture,
    kernel,
    name: kernelFileName(spec),
    args: kraftfile.cmd ?? [],
    env: kraftfile.env.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)),
    ...(initrd === undefined ? {} : { initrd }),
    ...(config === undefined ? {} : { config }),
    ...(image === undefined
      ? {}
      : { image: { config: image, givesArgs: kraftfile.cmd === undefined } }),
  };
}

/** The kernel that `runtime` gives in place of one from source. */
function prebuiltKernel(
  { project }: ImageSpec,
  { component, report }: Pick<RuleContext<unknown>, "component" | "report">,
): { file: ExecPath; embedsRootfs: boolean } | undefined {
  const { runtime, at } = project.kraftfile;
  if (runtime?.kind === "kernel") {
    // It may be anywhere, as a directory of a component may.
    const file = component("kernel", { kind: "directory", directory: runtime.path });
    return { file, embedsRootfs: false };
  }
  const [what, help] =
    runtime !== undefined
      ? [`the runtime ${runtime.reference}`, "name a kernel on the disk: runtime: kernel://PATH"]
      : ["the runtime base:latest, as it names none", "name the core: unikraft: {source: PATH}"];
  report({
    severity: "error",
    code: "unsupported-source",
    message: `${project.name} starts from ${what}, which cannot be had yet`,
    at: runtime?.at ?? at,
    help,
  });
  return undefined;
}
