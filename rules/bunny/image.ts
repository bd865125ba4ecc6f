import {
  type MachineSpec,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  renderSpan,
  uruncAnnotationsOf,
} from "../../src/index.ts";
import { inputsOf } from "./copy-inputs.ts";
import { kernelPath, rootfsPath } from "./image-plan.ts";
import { type Kernel, kernelOf, specAttribute } from "./kernel.ts";
import type { BunnySpec } from "./load.ts";
import type { Copy } from "./program/copy.ts";
import { type ImageRequest, imageProgram } from "./program/image.ts";
import type { BunnyRootfs } from "./bunnyfile/rootfs.ts";
import type { ImageFiles } from "./program/image-files.ts";
import { type Context, type RootfsFile, copiesOf, imageOf, rootfsOf } from "./rootfs.ts";

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
    const base = baseOf(spec, kernel, context);
    if (base === "none to be had") return { outputs: [] };
    const copies = layersOf(spec, { kernel, rootfs }, context);
    const layout = context.output("image");
    const reads = inputsOf(copies);
    const request = requestOf(spec, { kernel, base, copies, epoch: context.sourceDateEpoch });
    context.action({
      kind: "program",
      mnemonic: "Package",
      program: `bunny/${imageProgram.name}`,
      version: imageProgram.version,
      args: [layout, JSON.stringify(request)],
      ...reads,
      inputs: [...new Set([...(base === undefined ? [] : [base.layout]), ...reads.inputs])],
      outputs: [layout],
      places: placesOf(spec),
    });
    const machine = machineOf(spec, { kernel, rootfs });
    return { outputs: [layout], ...(machine && { machine }) };
  },
});

interface Parts {
  readonly kernel: Kernel;
  readonly rootfs: RootfsFile | undefined;
}

/** The image that this one goes on from; undefined when it starts from nothing. */
function baseOf(
  { bunnyfile, plan }: BunnySpec,
  kernel: Kernel,
  context: Context,
): ImageFiles | "none to be had" | undefined {
  const { rootfs } = bunnyfile;
  if (plan.base === "kernel image") return kernel.image;
  if (plan.base !== "rootfs image" || rootfs === undefined) return undefined;
  const reference = referenceIn(rootfs);
  return reference === undefined
    ? undefined
    : (imageOf(reference, rootfs.at, context) ?? "none to be had");
}

function referenceIn(rootfs: BunnyRootfs): string | undefined {
  if (rootfs.kind === "image") return rootfs.reference;
  return rootfs.kind === "file" && rootfs.from.kind === "image" ? rootfs.from.reference : undefined;
}

/** What is copied into the image, a layer each, in bunny's order. */
function layersOf(
  { bunnyfile, plan }: BunnySpec,
  { kernel, rootfs }: Parts,
  context: Context,
): readonly Copy[] {
  const given = bunnyfile.rootfs;
  const isRaw = plan.base === "files" || given?.kind === "image";
  const files = isRaw && given !== undefined && given.kind !== "file" ? given.includes : [];
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

/** The lines of the bunnyfile that decide about the kernel. */
function placesOf({ bunnyfile: { monitor, kernel } }: BunnySpec): Readonly<Record<string, string>> {
  return { hypervisor: renderSpan(monitor.at), binary: renderSpan(kernel.at) };
}

interface RequestParts {
  readonly kernel: Kernel;
  readonly base: ImageFiles | undefined;
  readonly copies: readonly Copy[];
  /** Seconds since 1970. */
  readonly epoch: number;
}

function requestOf(
  { bunnyfile, plan }: BunnySpec,
  { kernel, base, copies, epoch }: RequestParts,
): ImageRequest {
  const annotations = uruncAnnotationsOf(plan.facts);
  const { cmd, entrypoint, env } = bunnyfile;
  return {
    architecture: kernel.architecture.image,
    sourceDateEpoch: epoch,
    ...(base && { base }),
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
