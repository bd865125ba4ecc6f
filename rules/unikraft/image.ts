import {
  type ExecPath,
  FormatError,
  formatReference,
  type Label,
  type MachineImage,
  type MachineSpec,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  parseReference,
  provider,
} from "../../src/index.ts";
import { fetchedPath } from "./component.ts";
import { configFile, imageSpec } from "./config.ts";
import { kernelFile } from "./kernel.ts";
import type { PackageRuntime } from "./kraftfile/runtime.ts";
import { kernelFileName } from "./make.ts";
import { runtimeProgram } from "./program/runtime.ts";
import type { ImageSpec } from "./project.ts";
import { imageConfigFile, rootfsFile } from "./rootfs.ts";

/** All that it takes to boot or to package. */
export interface Image {
  readonly spec: ImageSpec;
  readonly machine: MachineSpec;
  /** Whether the kernel has a root file system inside. */
  readonly embedsRootfs: boolean;
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
    runtime: optional(attribute.label, undefined),
    rootfs: optional(attribute.label, undefined),
  },
  analyze: (context): TargetResult => {
    const { spec, config: configLabel, rootfs, ...labels } = context.attributes;
    const { dependency } = context;
    const base = labels.runtime === undefined ? undefined : dependency(labels.runtime);
    const origin = originOf(spec, { ...labels, base }, context);
    if (origin === undefined) return { outputs: [] };
    const configured = configLabel === undefined ? undefined : dependency(configLabel);
    const config = (configured && configFile.of(configured)) ?? origin.config;
    const built = rootfs === undefined ? undefined : dependency(rootfs);
    const isInside = origin.kind === "built" && origin.embedsRootfs;
    const own = built === undefined || isInside ? undefined : rootfsFile.of(built);
    const initrd = own ?? (rootfs === undefined ? origin.initrd : undefined);
    const image = built && imageConfigFile.of(built);
    const machine = machineOf(spec, { origin, initrd, config, image });
    const parts = [labels.kernel, configLabel, rootfs].flatMap((label) =>
      label === undefined ? [] : [dependency(label).layout ?? {}],
    );
    const taken = { [`.unikraft/build/${machine.name}`]: origin.kernel };
    return {
      outputs: [origin.kernel, initrd ?? [], image ?? []].flat(),
      machine,
      providers: imageOf.give({ spec, machine, embedsRootfs: origin.embedsRootfs }),
      ...(configured?.groups && { groups: configured.groups }),
      layout: Object.assign(origin.kind === "taken" ? taken : {}, ...parts) as Layout,
    };
  },
});

type Layout = Readonly<Record<string, ExecPath>>;

/** Where a kernel comes from, with what it brings along. */
interface Origin {
  readonly kind: "built" | "taken";
  readonly kernel: ExecPath;
  readonly embedsRootfs: boolean;
  readonly config?: ExecPath;
  readonly initrd?: ExecPath;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** See `MachineSpec`. */
  readonly images?: readonly MachineImage[];
}

interface OriginLabels {
  readonly kernel: Label | undefined;
  readonly runtime: Label | undefined;
  /** The result of `runtime`. */
  readonly base: TargetResult | undefined;
}

type OriginContext = Pick<
  RuleContext<unknown>,
  "action" | "component" | "dependency" | "output" | "report"
>;

/** The kernel of `spec`; undefined when it cannot be had, which is reported. */
function originOf(
  spec: ImageSpec,
  { kernel: label, runtime, base }: OriginLabels,
  context: OriginContext,
): Origin | undefined {
  if (label !== undefined) {
    const kernel = kernelFile.of(context.dependency(label));
    return kernel && { kind: "built", kernel: kernel.file, embedsRootfs: kernel.embedsRootfs };
  }
  // Why the other package has no image is told there.
  if (runtime !== undefined) return base && providedOrigin(base);
  return takenOrigin(spec, context);
}

function providedOrigin(base: TargetResult): Origin | undefined {
  const image = imageOf.of(base);
  if (image === undefined) return undefined;
  const { kernel, config, initrd, args, env, images } = image.machine;
  return {
    kind: "taken",
    kernel,
    embedsRootfs: image.embedsRootfs,
    ...(config === undefined ? {} : { config }),
    ...(initrd === undefined ? {} : { initrd }),
    args,
    env,
    ...(images === undefined ? {} : { images }),
  };
}

/** A kernel that no package of the workspace builds: of the disk, or of a registry. */
function takenOrigin(spec: ImageSpec, context: OriginContext): Origin | undefined {
  const { project } = spec;
  const { runtime, at } = project.kraftfile;
  if (runtime?.kind === "kernel") {
    // It may be anywhere, as a directory of a component may.
    const kernel = context.component("kernel", { kind: "directory", directory: runtime.path });
    return { kind: "taken", kernel, embedsRootfs: false };
  }
  // A package that provides it, but not for this target, was told of where that turned out.
  if (project.provider !== undefined) return undefined;
  if (runtime !== undefined) return pulledKernel(spec, runtime, context);
  context.report({
    severity: "error",
    code: "unsupported-source",
    message: `${project.name} names neither a core nor a runtime`,
    at,
    help: "name the core, as in `unikraft: stable`, or a kernel, as in `runtime: base:latest`",
  });
  return undefined;
}

/** The kernel of an image of a registry, for the platform and architecture of the target. */
function pulledKernel(
  spec: ImageSpec,
  { reference, kconfig, at }: PackageRuntime,
  { action, component, output, report }: OriginContext,
): Origin | undefined {
  const { target, project } = spec;
  const { platform, architecture } = target;
  const name = wholeReference(reference, project.registry);
  if (name === undefined) {
    const help = "write HOST/NAME:TAG";
    const message = `"${reference}" is no name of an image`;
    report({ severity: "error", code: "bad-runtime", message, at, help });
    return undefined;
  }
  const features = kconfig.map(({ symbol, value }) => `${symbol}=${value}`);
  const wanted = { os: platform, architecture, ...(features.length > 0 && { features }) };
  const layout = fetchedPath(
    "runtime",
    { kind: "image", reference: name, platform: wanted },
    {
      action,
      component,
    },
  );
  const kernel = output(kernelFileName(spec));
  const config = output(`.config.${kernelFileName(spec)}`);
  const said = output("runtime.json");
  // It is known only then whether the image has one.
  const initrd =
    project.rootfs === undefined ? output(`initramfs-${architecture}.cpio`) : undefined;
  const outputs = [kernel, config, said, ...(initrd === undefined ? [] : [initrd])] as const;
  action({
    kind: "program",
    mnemonic: "Runtime",
    program: `unikraft/${runtimeProgram.name}`,
    version: runtimeProgram.version,
    args: [layout, platform, architecture, ...outputs],
    inputs: [layout],
    outputs,
  });
  const images = [{ config: said, givesArgs: true }];
  const own = initrd === undefined ? {} : { initrd };
  return { kind: "taken", kernel, config, embedsRootfs: false, images, ...own };
}

function wholeReference(text: string, registry: string): string | undefined {
  const [first = "", ...rest] = text.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  try {
    return formatReference(parseReference(hasRegistry ? text : `${registry}/${text}`, "kraft"));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

interface Parts {
  readonly origin: Origin;
  readonly initrd: ExecPath | undefined;
  readonly config: ExecPath | undefined;
  /** What the image says of itself that the root file system was made from. */
  readonly image: ExecPath | undefined;
}

function machineOf(spec: ImageSpec, { origin, initrd, config, image }: Parts): MachineSpec {
  const { target, project } = spec;
  const { kraftfile } = project;
  const env = new Map((origin.env ?? []).map((line) => [line.split("=", 1)[0] ?? line, line]));
  for (const { name, value } of kraftfile.env) {
    env.set(name, value === undefined ? name : `${name}=${value}`);
  }
  const format = project.rootfs?.format ?? "cpio";
  const { cmd } = kraftfile;
  // What a Dockerfile says comes before what the runtime does.
  const said = image === undefined ? [] : [{ config: image, givesArgs: true }];
  const images = [...said, ...(origin.images ?? [])].map(({ config: file, givesArgs }) => ({
    config: file,
    givesArgs: givesArgs && cmd === undefined,
  }));
  return {
    platform: target.platform,
    architecture: target.architecture,
    kernel: origin.kernel,
    name: kernelFileName(spec),
    args: cmd ?? origin.args ?? [],
    env: [...env.values()],
    ...(initrd === undefined ? {} : { initrd }),
    ...(initrd === undefined || format === "cpio" ? {} : { initrdFormat: format }),
    ...(config === undefined ? {} : { config }),
    ...(images.length > 0 && { images }),
  };
}
