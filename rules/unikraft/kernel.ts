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
import { configFile, imageSpec, optionCall, seenRootfs } from "./config.ts";
import { tellUnlessEarly, writeEarly } from "./early-options.ts";
import { seen } from "./expand/layout.ts";
import { brokenPlanMark } from "./expand/make-plan.ts";
import { type KernelImage, localConfig } from "./kernel-image.ts";
import { canonicalPaths, kernelFileName, makeLine, quote, toolsOf } from "./make.ts";
import { opaqueAction } from "./opaque-kernel.ts";
import { expand, type ExpandRequest } from "./program/expand.ts";
import { embeddedRootfs } from "./rootfs.ts";
import { embedsRootfs } from "./settings.ts";
import { stagingOf } from "./staging.ts";

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
    const configured = context.dependency(configLabel);
    const [config, call] = [configFile.of(configured), optionCall.of(configured)];
    if (staging === undefined || config === undefined || call === undefined) return { outputs: [] };
    const embeds = embedsRootfs(spec.project, spec.target);
    const initrd =
      embeds && rootfs !== undefined ? embeddedRootfs.of(context.dependency(rootfs)) : undefined;
    const name = kernelFileName(spec);
    const [kernel, debug] = [context.output(name), context.output(`${name}.dbg`)];
    const image: KernelImage = {
      spec,
      staging,
      config,
      call,
      kernel,
      debug,
      initrd,
      build: kernel.slice(0, -name.length - 1),
      name: context.label,
      sourceDateEpoch: context.sourceDateEpoch,
    };
    const planned = { plan: context.output("plan"), header: context.output("options.h") };
    context.action(planAction(image, planned));
    context.action(expandAction(image, planned, context.output("actions.json")));
    return {
      outputs: [kernel, debug],
      providers: kernelFile.give({ file: kernel, embedsRootfs: initrd !== undefined }),
      layout: { [`.unikraft/build/${name}`]: kernel, [`.unikraft/build/${name}.dbg`]: debug },
    };
  },
});

/** What planning leaves. */
interface Planned {
  readonly plan: ExecPath;
  /** The header of options, if it could be written; see `writeEarly`. */
  readonly header: ExecPath;
}

/**
 * Asks the core's makefiles for every step, and runs none but the one that all compilers wait for.
 * It sees empty sources, so that an edit plans nothing again. Source: fine-grained.md §1.1.
 */
function planAction(image: KernelImage, { plan, header }: Planned): WithoutOwner<Action> {
  const { spec, staging, config, call, initrd, sourceDateEpoch } = image;
  const { skeletons, tools } = staging;
  const inline =
    "build_cmd=$(call verbose_cmd,$(1),$(2)$(if $(3), : $(notdir $(3))),$(strip $(4)))";
  const callWith = (...overridden: readonly string[]): string =>
    makeLine({
      image: spec,
      places: staging.seen,
      scratch: seen.build,
      config: seen.config,
      sourceDateEpoch,
      // In the sub-make, which is skipped by its own mark, nothing is to be silent.
      goal: `sub_make_exec=1 ${overridden.map(quote).join(" ")} -n --trace -r all`,
    }).replace(" -s ", " ");
  const script = [
    "root=$PWD",
    `mkdir -p ${seen.build} ${seen.rootfs}`,
    // A file that is to be inside the kernel: what is in it is no matter for planning.
    ...(initrd === undefined ? [] : [`: > ${quote(seenRootfs(initrd))}`]),
    localConfig,
    writeEarly("call", "options.h"),
    // Most of the directories that the core would start a shell for, one for each.
    `mkdir -p $(printf '%s\\n' ${seen.core}/lib/*/ | sed ${quote(libraryDirectory)})`,
    // What is wrong shows when make is called for good, with all that it would have fetched by then.
    `${callWith(inline, onlyMissing)} > output 2> errors ||`,
    `${callWith(inline)} > output 2> errors || { cat errors >&2; echo ${quote(brokenPlanMark)} >> output; }`,
    canonicalPaths(staging.seen, "canonical"),
    "wait",
    `{ ${tellUnlessEarly("options.h")}; sed -f canonical output; } > plan`,
  ].join("\n");
  return {
    kind: "command",
    mnemonic: "Plan",
    subject: image.name,
    argv: ["sh", "-ec", script],
    env: {},
    inputs: [...Object.values(skeletons), config, call, `${tools}/conf`],
    outputs: [plan, header],
    mounts: {
      ...Object.fromEntries(Object.entries(skeletons).map(([at, path]) => [path, at])),
      [config]: "config",
      [tools]: seen.tools,
      [call]: "call",
      [plan]: "plan",
      [header]: "options.h",
    },
    tools: toolsOf(spec),
  };
}

/** For sed: `core/lib/posix-time/` → where the build directory has that library. */
const libraryDirectory = `s|.*/\\(.*\\)/$|${seen.build}/lib\\1|;s|-|_|g`;

/**
 * The core's own function makes a directory by a shell whether it is there or not. That is done 90
 * times, for libraries that are not chosen as well, and takes a third of planning.
 */
const onlyMissing =
  'mk_sub_build_dir=$(if $(wildcard $(call sub_build_dir,$(1))/.),,$(shell mkdir -p "$(call sub_build_dir,$(1))"))';

function expandAction(
  image: KernelImage,
  { plan, header }: Planned,
  output: ExecPath,
): WithoutOwner<Action> {
  const { spec, staging, config, call, initrd, build, kernel, debug } = image;
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
    earlyHeader: header,
    opaque: opaqueAction(image),
  };
  return {
    kind: "program",
    mnemonic: "Expand",
    subject: image.name,
    program: `unikraft/${expand.name}`,
    version: expand.version,
    args: [output, plan, call, JSON.stringify(request)],
    inputs: [plan, call, ...Object.values(skeletons)],
    outputs: [output],
    yields: output,
  };
}
