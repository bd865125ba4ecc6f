import { posix } from "node:path";

import {
  type ExecPath,
  type Label,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import { noteCall } from "./early-options.ts";
import { fixedRoot, seen } from "./expand/layout.ts";
import { canonicalPaths, kernelFileName, makeLine, toolsOf } from "./make.ts";
import { optionGroups } from "./option-groups.ts";
import { defconfig } from "./program/defconfig.ts";
import { resolvedConfig } from "./program/resolved-config.ts";
import type { ImageSpec } from "./project.ts";
import { embeddedRootfs as embeddedFile } from "./rootfs.ts";
import { embedsRootfs, type RequestedSetting, requestedSettings } from "./settings.ts";
import { type Staging, stagingOf } from "./staging.ts";

/** The resolved options of an image. */
export const configFile = provider<string>("unikraft.config");

/** How the core's tool was called to resolve them; see `noteCall`. */
export const optionCall = provider<ExecPath>("unikraft.option-call");

/** How the reader of Kraftfiles hands an image to the rules. */
export const imageSpec = attribute.checked<ImageSpec>("an image");

/**
 * `.config`: what is asked for, resolved by the core's own Kconfig. Three steps, as a change in one
 * often stops there: the request in canonical form, the core's answer, and the answer checked
 * against the request and freed of paths.
 */
export const configRule = defineRule({
  name: "unikraft_config",
  description: "resolves the options of an image",
  attributes: {
    spec: imageSpec,
    components: optional(attribute.labels, []),
    rootfs: optional(attribute.label, undefined),
  },
  analyze: (context): TargetResult => {
    const { spec, rootfs } = context.attributes;
    const staging = stagingOf(spec, context);
    if (staging === undefined) return { outputs: [] };
    const embedded = embeddedRootfs(spec, rootfs, (label) =>
      embeddedFile.of(context.dependency(label)),
    );
    const settings = requestedSettings(
      spec.project,
      spec.target,
      embedded === undefined ? undefined : `${fixedRoot}/${seenRootfs(embedded)}`,
    );
    const config = context.output(`.config.${kernelFileName(spec)}`);
    const request = context.output("defconfig");
    const call = context.output("call");
    addSteps({ spec, staging, settings, request, call, config }, context);
    return {
      outputs: [config],
      providers: { ...configFile.give(config), ...optionCall.give(call) },
      groups: optionGroups({ spec, staging, settings, request, config }, context),
      layout: { [`.config.${kernelFileName(spec)}`]: config },
    };
  },
});

interface Request {
  readonly spec: ImageSpec;
  readonly staging: Staging;
  readonly settings: readonly RequestedSetting[];
  readonly request: ExecPath;
  readonly call: ExecPath;
  readonly config: ExecPath;
}

function addSteps(
  { spec, staging, settings, request, call, config }: Request,
  {
    action,
    output,
    sourceDateEpoch,
  }: Pick<RuleContext<unknown>, "action" | "output" | "sourceDateEpoch">,
): void {
  const answer = output("answer.config");
  const { skeletons, tools } = staging;
  const trees = Object.values(skeletons);
  const mounts = Object.fromEntries(Object.entries(skeletons).map(([at, path]) => [path, at]));
  const words = JSON.stringify({ settings, libraries: librariesOf(spec, staging) });
  action({
    kind: "program",
    mnemonic: "Defconfig",
    program: `unikraft/${defconfig.name}`,
    version: defconfig.version,
    args: ["defconfig", words, ...Object.keys(skeletons)],
    inputs: trees,
    outputs: [request],
    mounts: { ...mounts, [request]: "defconfig" },
  });
  action({
    kind: "command",
    mnemonic: "Configure",
    argv: ["sh", "-ec", configureScript(spec, staging, sourceDateEpoch)],
    env: {},
    inputs: [...trees, request, `${tools}/conf`],
    outputs: [answer, call],
    mounts: {
      ...mounts,
      [request]: "defconfig",
      [tools]: seen.tools,
      [answer]: seen.config,
      [call]: "call",
    },
    tools: toolsOf(spec),
  });
  action({
    kind: "program",
    mnemonic: "CheckConfig",
    program: `unikraft/${resolvedConfig.name}`,
    version: resolvedConfig.version,
    args: ["config", "answer", seen.core, JSON.stringify(settings), ...Object.keys(skeletons)],
    inputs: [answer, ...trees],
    outputs: [config],
    mounts: { ...mounts, [answer]: "answer", [config]: "config" },
  });
}

/** The root file system that is to be inside the kernel. */
function embeddedRootfs(
  { project, target }: ImageSpec,
  rootfs: Label | undefined,
  fileOf: (label: Label) => string | undefined,
): string | undefined {
  return rootfs !== undefined && embedsRootfs(project, target) ? fileOf(rootfs) : undefined;
}

/** Where actions see the root file system `file`. */
export function seenRootfs(file: ExecPath): ExecPath {
  return `${seen.rootfs}/${posix.basename(file)}`;
}

function librariesOf(
  { project }: ImageSpec,
  { seen: { libraries } }: Staging,
): { name: string; path: string }[] {
  return libraries.map((path, i) => ({ name: project.libraries[i]?.name ?? "", path }));
}

function configureScript(image: ImageSpec, staging: Staging, sourceDateEpoch: number): string {
  const goal = '--trace UK_DEFCONFIG="$root"/defconfig defconfig';
  const place = { places: staging.seen, scratch: seen.build, config: seen.config };
  const call = makeLine({ image, ...place, sourceDateEpoch, goal, startsOnce: true });
  return [
    "root=$PWD",
    `mkdir -p ${seen.build}`,
    `ln -s "$root"/${seen.core}/Makefile ${seen.build}/Makefile`,
    // What the core's tool says, but not how it is called.
    `${call} > trace || { grep -v ' --defconfig=\\|: update target ' trace; exit 2; }`,
    canonicalPaths(staging.seen, "canonical"),
    `sed -i -f canonical ${seen.config}`,
    noteCall("trace", "canonical", "call"),
  ].join("\n");
}
