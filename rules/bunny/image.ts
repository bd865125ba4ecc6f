import {
  type MachineSpec,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  uruncAnnotationsOf,
} from "../../src/index.ts";
import { kernelPath, rootfsPath } from "./image-plan.ts";
import { type Kernel, kernelOf, specAttribute } from "./kernel.ts";
import type { BunnySpec } from "./load.ts";
import type { Copy } from "./program/copy.ts";
import { type ImageRequest, imageProgram } from "./program/image.ts";
import { type RootfsFile, copiesOf, inputsOf, rootfsOf } from "./rootfs.ts";

/** The image of a bunnyfile, as an OCI layout. */
export const imageRule = defineRule({
  name: "bunny_image",
  description: "packs a kernel and its root file system as an image for urunc",
  attributes: {
    spec: specAttribute,
    kernel: attribute.label,
    rootfs: optional(attribute.label, undefined),
    srcs: optional(attribute.labels, []),
  },
  analyze: (context): TargetResult => {
    const { spec, kernel: kernelLabel, rootfs: rootfsLabel } = context.attributes;
    const kernel = kernelOf.of(context.dependency(kernelLabel));
    const rootfs = rootfsLabel && rootfsOf.of(context.dependency(rootfsLabel));
    // Why a part cannot be had is reported where that turned out.
    if (kernel === undefined || (rootfsLabel !== undefined && rootfs === undefined)) {
      return { outputs: [] };
    }
    const copies = layersOf(spec, { kernel, rootfs }, context);
    const layout = context.output("image");
    const { inputs, modesOf } = inputsOf(copies);
    context.action({
      kind: "program",
      mnemonic: "Package",
      program: `bunny/${imageProgram.name}`,
      version: imageProgram.version,
      args: [layout, JSON.stringify(requestOf(spec, kernel, copies, context.sourceDateEpoch))],
      inputs,
      modesOf,
      outputs: [layout],
    });
    const machine = machineOf(spec, { kernel, rootfs });
    return { outputs: [layout], ...(machine && { machine }) };
  },
});

interface Parts {
  readonly kernel: Kernel;
  readonly rootfs: RootfsFile | undefined;
}

/** What is copied into the image, a layer each, in bunny's order. */
function layersOf(
  { bunnyfile, plan }: BunnySpec,
  { kernel, rootfs }: Parts,
  context: Pick<RuleContext<unknown>, "label" | "source" | "dependency" | "report">,
): readonly Copy[] {
  const given = bunnyfile.rootfs;
  const files = given?.kind === "built" && plan.base === "files" ? given.includes : [];
  const fileAt = ({ file, isSource }: { file: string; isSource: boolean }, to: string): Copy => ({
    path: file,
    name: "",
    to,
    keepsModes: isSource,
  });
  return [
    ...copiesOf(files, context),
    ...(plan.copiesKernel ? [fileAt(kernel, kernelPath)] : []),
    ...(plan.copiesRootfs && rootfs ? [fileAt(rootfs, rootfsPath)] : []),
  ];
}

function requestOf(
  { bunnyfile, plan }: BunnySpec,
  { architecture }: Kernel,
  copies: readonly Copy[],
  sourceDateEpoch: number,
): ImageRequest {
  const annotations = uruncAnnotationsOf(plan.facts);
  const { cmd, entrypoint, env } = bunnyfile;
  return {
    architecture: architecture.image,
    sourceDateEpoch,
    copies,
    annotations,
    labels: annotations,
    ...(cmd && { cmd }),
    ...(entrypoint && { entrypoint }),
    env,
  };
}

/** How the image boots without a runtime, where this engine has its monitor. */
function machineOf(
  { bunnyfile, plan, name }: BunnySpec,
  { kernel, rootfs }: Parts,
): MachineSpec | undefined {
  const { framework, monitor, cmd, entrypoint, env } = bunnyfile;
  const platform = ({ qemu: "qemu", firecracker: "fc" } as const)[monitor.text];
  if (framework.text !== "unikraft" || platform === undefined) return undefined;
  const config = kernel.machine?.config;
  const isInitrd = plan.facts["initrd"] !== undefined;
  return {
    platform,
    architecture: kernel.architecture.machine,
    kernel: kernel.file,
    ...(rootfs !== undefined && isInitrd && { initrd: rootfs.file }),
    ...(config === undefined ? {} : { config }),
    name: kernel.machine?.name ?? name,
    args: [...(entrypoint ?? []), ...(cmd ?? [])],
    env,
  };
}
