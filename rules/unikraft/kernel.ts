import {
  type Action,
  type ExecPath,
  type TargetResult,
  type WithoutOwner,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import { configFile, imageSpec, seenRootfs } from "./config.ts";
import { fixedRoot, seen } from "./expand/layout.ts";
import { canonicalPaths, kernelFileName, makeLine, quote, toolsOf } from "./make.ts";
import { expand, type ExpandRequest } from "./program/expand.ts";
import type { ImageSpec } from "./project.ts";
import { embeddedRootfs } from "./rootfs.ts";
import { embedsRootfs } from "./settings.ts";
import { type Staging, stagingOf } from "./staging.ts";

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
    components: optional(attribute.labels, []),
    rootfs: optional(attribute.label, undefined),
  },
  analyze: (context): TargetResult => {
    const { spec, config: configLabel, rootfs } = context.attributes;
    const staging = stagingOf(spec, context);
    const config = configFile.of(context.dependency(configLabel));
    if (staging === undefined || config === undefined) return { outputs: [] };
    const embeds = embedsRootfs(spec.project, spec.target);
    const initrd =
      embeds && rootfs !== undefined ? embeddedRootfs.of(context.dependency(rootfs)) : undefined;
    const name = kernelFileName(spec);
    const [kernel, debug] = [context.output(name), context.output(`${name}.dbg`)];
    const image: Image = {
      spec,
      staging,
      config,
      kernel,
      debug,
      initrd,
      build: kernel.slice(0, -name.length - 1),
      name: context.label,
      sourceDateEpoch: context.sourceDateEpoch,
    };
    const [plan, actions] = [context.output("plan"), context.output("actions.json")];
    context.action(planAction(image, plan));
    context.action(expandAction(image, plan, actions));
    return {
      outputs: [kernel, debug],
      providers: kernelFile.give({ file: kernel, embedsRootfs: initrd !== undefined }),
      layout: { [`.unikraft/build/${name}`]: kernel, [`.unikraft/build/${name}.dbg`]: debug },
    };
  },
});

/** All that making a kernel depends on; paths are those of the graph. */
interface Image {
  readonly spec: ImageSpec;
  readonly staging: Staging;
  readonly config: ExecPath;
  readonly kernel: ExecPath;
  readonly debug: ExecPath;
  readonly initrd: ExecPath | undefined;
  /** The directory of all that is made. */
  readonly build: ExecPath;
  readonly name: string;
  readonly sourceDateEpoch: number;
}

/** Options name files below the fixed root, wherever the input root really is. */
const localConfig = `sed "s|=\\"${fixedRoot}/|=\\"$root/|" config > ${seen.config}`;

/**
 * Asks the core's makefiles for every step, and runs none. It sees empty sources, so that an edit
 * plans nothing again. Source: fine-grained.md §1.1.
 */
function planAction(image: Image, plan: ExecPath): WithoutOwner<Action> {
  const { spec, staging, config, initrd, sourceDateEpoch } = image;
  const { skeletons, tools } = staging;
  const inline =
    "build_cmd=$(call verbose_cmd,$(1),$(2)$(if $(3), : $(notdir $(3))),$(strip $(4)))";
  const call = makeLine({
    image: spec,
    places: staging.seen,
    scratch: seen.build,
    config: seen.config,
    sourceDateEpoch,
    // In the sub-make, which is skipped by its own mark, nothing is to be silent.
    goal: `sub_make_exec=1 ${quote(inline)} -n --trace -r all`,
  }).replace(" -s ", " ");
  const script = [
    "root=$PWD",
    `mkdir -p ${seen.build} ${seen.rootfs}`,
    // A file that is to be inside the kernel: what is in it is no matter for planning.
    ...(initrd === undefined ? [] : [`: > ${quote(seenRootfs(initrd))}`]),
    localConfig,
    // What is wrong shows when make is called for good.
    `${call} > output 2> errors || { cat errors >&2; : > output; }`,
    canonicalPaths(staging.seen, "canonical"),
    "sed -f canonical output > plan",
  ].join("\n");
  return {
    kind: "command",
    mnemonic: "Plan",
    subject: image.name,
    argv: ["sh", "-ec", script],
    env: {},
    inputs: [...Object.values(skeletons), config, `${tools}/conf`],
    outputs: [plan],
    mounts: {
      ...Object.fromEntries(Object.entries(skeletons).map(([at, path]) => [path, at])),
      [config]: "config",
      [tools]: seen.tools,
      [plan]: "plan",
    },
    tools: toolsOf(spec),
  };
}

function expandAction(image: Image, plan: ExecPath, output: ExecPath): WithoutOwner<Action> {
  const { spec, staging, config, initrd, build, kernel, debug } = image;
  const { places, skeletons, without, tools } = staging;
  const seenFiles = initrd === undefined ? [] : [seenRootfs(initrd)];
  const request: ExpandRequest = {
    name: image.name,
    goals: [kernel, debug].map((path) => `${seen.build}${path.slice(build.length)}`),
    mounts: {
      ...staging.mounts,
      [build]: seen.build,
      [config]: seen.config,
      [tools]: seen.tools,
      ...(initrd === undefined ? {} : { [initrd]: seenRootfs(initrd) }),
    },
    sources: [places.core, ...places.libraries, places.app],
    skeletons,
    without,
    tools: toolsOf(spec),
    embedded: seenFiles,
    opaque: opaqueAction(image),
  };
  return {
    kind: "program",
    mnemonic: "Expand",
    subject: image.name,
    program: `unikraft/${expand.name}`,
    version: expand.version,
    args: [output, plan, JSON.stringify(request)],
    inputs: [plan, ...Object.values(skeletons)],
    outputs: [output],
    yields: output,
  };
}

/** One call of make for all of it, for cores that nobody can see through. */
function opaqueAction(image: Image): WithoutOwner<Action> {
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
    tools: toolsOf(spec),
    resources: { cpu: 2 },
  };
}
