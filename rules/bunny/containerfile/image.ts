import {
  type ExecPath,
  type Label,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  dockerfileAction,
  parsePlatform,
  provider,
} from "../../../src/index.ts";
import { architectureOf } from "../architecture.ts";
import { type BuiltRequest, builtProgram, treeProgram } from "../program/built-image.ts";
import { type ContainPlan, containPlanProgram } from "../program/contain-plan.ts";
import type { ImageFiles } from "../program/image-files.ts";
import type { ContainerfileSpec } from "./load.ts";

/** The image that a Containerfile builds, to which nothing is added yet. */
const builtOf = provider<ImageFiles>("bunny.built");

const specAttribute = attribute.checked<ContainerfileSpec>("a Containerfile");

/** All files that a Containerfile builds. */
export const containerfileRootfsRule = defineRule({
  name: "bunny_containerfile_rootfs",
  description: "the root file system that a Containerfile builds",
  attributes: { spec: specAttribute },
  analyze: (context): TargetResult => {
    const { action, output, sourceDateEpoch } = context;
    const built = buildAction(context.attributes.spec, context);
    const tar = output("rootfs.tar");
    action({
      kind: "program",
      mnemonic: "Rootfs",
      program: `bunny/${treeProgram.name}`,
      version: treeProgram.version,
      args: [tar, built.layout, built.architecture, String(sourceDateEpoch)],
      inputs: [built.layout],
      outputs: [tar],
    });
    return { outputs: [tar], providers: builtOf.give(built) };
  },
});

/** The kernel of the image: one that the Containerfile puts there, else bunny's. */
export const containerfileKernelRule = defineRule({
  name: "bunny_containerfile_kernel",
  description: "the kernel in the image of a Containerfile",
  attributes: { spec: specAttribute, built: attribute.label },
  analyze: (context): TargetResult => planned("kernel", context),
});

/** The image of a Containerfile: what it builds, made ready for urunc. */
export const containerfileRule = defineRule({
  name: "bunny_containerfile",
  description: "builds a Containerfile as an image for urunc",
  attributes: { spec: specAttribute, built: attribute.label },
  analyze: (context): TargetResult => planned("image", context),
});

/** What it takes depends on labels that only the image that was built has for certain. */
function planned(
  wanted: ContainPlan["wanted"],
  {
    attributes: { spec, built: label },
    dependency,
    output: outputAt,
    action,
    sourceDateEpoch,
  }: RuleContext<{ readonly spec: ContainerfileSpec; readonly built: Label }>,
): TargetResult {
  const built = builtOf.of(dependency(label));
  if (built === undefined) return { outputs: [] };
  const output = outputAt(wanted);
  const plan: ContainPlan = {
    actions: outputAt("contain.json"),
    built,
    urunit: outputAt("urunit"),
    kernelImage: outputAt("kernel-image"),
    wanted,
    output,
    sourceDateEpoch,
    places: spec.places,
    told: spec.told,
  };
  action({
    kind: "program",
    mnemonic: "Contain",
    subject: spec.path,
    program: `bunny/${containPlanProgram.name}`,
    version: containPlanProgram.version,
    args: [JSON.stringify(plan)],
    inputs: [built.layout],
    outputs: [plan.actions],
    yields: plan.actions,
    places: spec.places,
  });
  return { outputs: [output] };
}

function buildAction(
  { name, path, ignoreFile, hostArchitecture, settings }: ContainerfileSpec,
  {
    source,
    component,
    output,
    action,
    sourceDateEpoch,
  }: RuleContext<{ readonly spec: ContainerfileSpec }>,
): ImageFiles {
  const platform = parsePlatform(hostArchitecture) ?? {
    os: "linux",
    architecture: hostArchitecture,
    variant: "",
  };
  const architecture = architectureOf(hostArchitecture)?.image ?? "amd64";
  const config = output("config.json");
  const layout = output("built");
  const images = Object.entries(settings.images).map(([image, directory]) => {
    const place = `image-${image.replaceAll(/[^\w.-]/g, "-")}`;
    return [image, component(place, { kind: "directory", directory })] as const;
  });
  action(
    dockerfileAction({
      tree: output("built.tar"),
      config,
      packing: packingOf(layout, { architecture, config }),
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
  return { layout, architecture };
}

function packingOf(layout: ExecPath, request: BuiltRequest) {
  return {
    mnemonic: "Image",
    program: `bunny/${builtProgram.name}`,
    version: builtProgram.version,
    args: [layout, JSON.stringify(request)],
    inputs: [request.config],
    takesImages: true,
    output: layout,
  };
}
