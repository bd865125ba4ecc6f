import {
  type ExecPath,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  dockerfileAction,
  parsePlatform,
} from "../../../src/index.ts";
import { type Architecture, architectureOf } from "../architecture.ts";
import { type ContainRequest, containProgram } from "../program/contain.ts";
import { fetchedImage } from "../remote-image.ts";
import { bunnyImages } from "./defaults.ts";
import type { ContainerfileSpec } from "./load.ts";

/** The image of a Containerfile: what it builds, made ready for urunc. */
export const containerfileRule = defineRule({
  name: "bunny_containerfile",
  description: "builds a Containerfile as an image for urunc",
  attributes: { spec: attribute.checked<ContainerfileSpec>("a Containerfile") },
  analyze: (context): TargetResult => {
    const { spec } = context.attributes;
    const built = buildAction(spec, context);
    const architecture = architectureOf(spec.hostArchitecture) ?? {
      image: "amd64",
      machine: "x86_64",
    };
    const request = requestOf(spec, { built, architecture }, context);
    const layout = context.output("image");
    const extra = [request.urunit, request.kernel].flatMap((image) => image?.layout ?? []);
    context.action({
      kind: "program",
      mnemonic: "Package",
      program: `bunny/${containProgram.name}`,
      version: containProgram.version,
      args: [layout, JSON.stringify(request)],
      inputs: [built.tree, built.config, ...extra],
      outputs: [layout],
      places: spec.places,
    });
    return { outputs: [layout] };
  },
});

type Context = RuleContext<{ readonly spec: ContainerfileSpec }>;

interface Built {
  /** The whole file system, as tar. */
  readonly tree: ExecPath;
  /** What the image says of itself, as JSON. */
  readonly config: ExecPath;
}

function buildAction(
  { name, path, ignoreFile, hostArchitecture, settings }: ContainerfileSpec,
  { source, component, output, action, sourceDateEpoch }: Context,
): Built {
  const built = { tree: output("rootfs.tar"), config: output("config.json") };
  const platform = parsePlatform(hostArchitecture) ?? {
    os: "linux",
    architecture: hostArchitecture,
    variant: "",
  };
  const images = Object.entries(settings.images).map(([image, directory]) => {
    const place = `image-${image.replaceAll(/[^\w.-]/g, "-")}`;
    return [image, component(place, { kind: "directory", directory })] as const;
  });
  action(
    dockerfileAction({
      ...built,
      ruleSet: "bunny",
      path,
      dockerfile: source(name),
      context: source("."),
      ...(ignoreFile !== undefined && { ignoreFile: source(ignoreFile) }),
      choice: {
        buildArgs: settings.args,
        platform,
        buildPlatform: platform,
        ...(settings.target !== undefined && { target: settings.target }),
      },
      images: Object.fromEntries(images),
      ...(settings.executor && { executor: settings.executor }),
      actions: output("containerfile.json"),
      work: output("stages"),
      mtime: sourceDateEpoch,
    }),
  );
  return built;
}

function requestOf(
  { hypervisor, mayNeedUrunit, kernelImage }: ContainerfileSpec,
  { built, architecture }: { built: Built; architecture: Architecture },
  context: Context,
): ContainRequest {
  const fetched = (reference: string) =>
    fetchedImage({ reference, monitor: hypervisor, architecture, at: context.at }, context);
  const urunit = mayNeedUrunit ? fetched(bunnyImages.urunit) : undefined;
  const kernel = kernelImage === undefined ? undefined : fetched(kernelImage);
  return {
    ...built,
    architecture: architecture.image,
    sourceDateEpoch: context.sourceDateEpoch,
    ...(urunit && { urunit }),
    ...(kernel && { kernel, kernelImage }),
  };
}
