// A planned Dockerfile → the actions that have a program of the machine build it as a whole.

import type { ImageBuild, ImageBuilder } from "../action/image-build.ts";
import { type Making, type StageAction, treeAction } from "./build-actions.ts";
import { copySourcesOf } from "./copy-sources.ts";
import { namesForBuilders, textForBuilders } from "./builder-text.ts";
import type { ContextWork } from "./context-program.ts";
import type { BuildPlan } from "./plan.ts";
import { formatPlatform } from "./platform.ts";
import type { DockerfileRequest } from "./request.ts";
import type { Resolved } from "./resolve.ts";
import type { FileSource, RunMount, RunStep, Step } from "./step.ts";

/** What is to be built by a builder. */
export interface Building {
  readonly builder: ImageBuilder;
  readonly resolved: Resolved;
  /** All steps that are needed, also of what the bases bring along. */
  readonly plan: BuildPlan;
  readonly request: DockerfileRequest;
  /** The patterns of the ignore file. */
  readonly ignored: readonly string[];
  /** Of the Dockerfile. */
  readonly text: string;
}

/** The actions that have `building.builder` build, and make its image into the tree and its config. */
export function actionsOfBuilder(building: Building): StageAction[] {
  const { request, resolved, text, builder } = building;
  const { work, config, mtime, packing } = request;
  const tree = packing === undefined ? request.tree : `${work}/built.tar`;
  const dockerfile = `${work}/Dockerfile`;
  const context = `${work}/context.tar`;
  const layout = `${work}/built`;
  const build = buildOf(building, { dockerfile, context });
  const layouts = Object.values(request.chosenBases ?? {}).map((base) => base.layout);
  const { architecture } = resolved.choice.platform;
  return [
    {
      kind: "write",
      mnemonic: "Write",
      inputs: [],
      outputs: [dockerfile],
      text: textForBuilders(text, resolved),
    },
    contextAction(building, context),
    {
      kind: "command",
      mnemonic: "BuildImage",
      subject: request.path,
      argv: [builder],
      env: {},
      tools: [builder],
      inputs: [dockerfile, context, ...basesOf(request)],
      outputs: [layout],
      build,
      ...(needsNetwork(building.plan) && { network: true }),
    },
    {
      kind: "program",
      mnemonic: "Image",
      subject: request.path,
      program: `${request.ruleSet}/image-take`,
      version: 1,
      args: [layout, architecture, tree, config, String(mtime), ...layouts],
      inputs: [...new Set([layout, ...layouts])],
      outputs: [tree, config],
    },
    // A tar of the whole is a layer, too.
    ...(packing === undefined ? [] : [treeAction([tree], request)]),
  ];
}

function buildOf(
  { builder, resolved, plan, request }: Building,
  files: Pick<ImageBuild, "dockerfile" | "context">,
): ImageBuild {
  const { target, buildArgs, platform } = resolved.choice;
  const runs = stepsOf(plan).filter((step): step is RunStep => step.kind === "run");
  const mounts = runs.flatMap((run) => run.mounts);
  const rights = [
    ...(runs.some(({ network }) => network === "host") ? (["network.host"] as const) : []),
    ...(runs.some(({ isPrivileged }) => isPrivileged) ? (["security.insecure"] as const) : []),
  ];
  return {
    builder,
    ...files,
    bases: Object.entries(request.chosenBases ?? {}).flatMap(([image, { layout, index }]) => {
      return namesForBuilders(image, resolved).map((name) => ({ name, layout, index }));
    }),
    platform: formatPlatform(platform),
    args: buildArgs,
    secrets: handedOver(mounts, "secret"),
    agents: handedOver(mounts, "ssh"),
    rights,
    ...(target !== undefined && { target }),
  };
}

/** Each by its id, once: required if it is so anywhere. */
function handedOver(mounts: readonly RunMount[], kind: "secret" | "ssh"): ImageBuild["secrets"] {
  const found = new Map<string, boolean>();
  for (const mount of mounts) {
    if (mount.kind !== kind) continue;
    found.set(mount.id, mount.isRequired || found.get(mount.id) === true);
  }
  return [...found.keys()].sort().map((id) => ({ id, isRequired: found.get(id) === true }));
}

function basesOf({ chosenBases = {} }: DockerfileRequest): string[] {
  return Object.values(chosenBases).flatMap(({ layout, index }) => [layout, index]);
}

/** Packs what the steps may read of the context, and nothing else, so that nothing else counts. */
function contextAction({ plan, request, ignored }: Building, output: string): StageAction {
  const sources = stepsOf(plan).flatMap(contextSourcesOf);
  const step = {
    kind: "files",
    text: "the build context",
    unpacks: false,
    sources,
    destination: "/",
    excluded: [],
    keepsParents: true,
    isLinked: true,
  } as const;
  const making: Making = { request, ignored, stages: new Map(), add: refuse };
  const { inputs, without, within } = copySourcesOf(step, { layer: output, names: output }, making);
  const { context, ignoreFile, mtime } = request;
  const pathsWith = (keepsParents: true | undefined): string[] => {
    const found = sources.flatMap((one) =>
      one.kind === "context" && one.keepsParents === keepsParents ? one.path : [],
    );
    return [...new Set(found)].sort();
  };
  const work: ContextWork = {
    context,
    ...(ignoreFile !== undefined && { ignoreFile }),
    sources: pathsWith(undefined),
    withParents: pathsWith(true),
    mtime,
    output,
  };
  return {
    kind: "program",
    mnemonic: "Context",
    subject: `the context of ${request.path}`,
    program: `${request.ruleSet}/context-pack`,
    version: 2,
    args: [JSON.stringify(work)],
    inputs: [...new Set(inputs)],
    outputs: [output],
    ...(inputs.length > 0 && { modesOf: [...new Set(inputs)] }),
    ...(Object.keys(without).length > 0 && { without }),
    ...(Object.keys(within).length > 0 && { within }),
  };
}

function refuse(): never {
  throw new Error("bug: a file of the context is fetched from nowhere");
}

function contextSourcesOf(step: Step): FileSource[] {
  if (step.kind === "files") return step.sources.filter(({ kind }) => kind === "context");
  if (step.kind !== "run") return [];
  return step.mounts.flatMap((mount) =>
    mount.kind === "bind" && mount.tree.kind === "context"
      ? [{ kind: "context" as const, path: mount.source }]
      : [],
  );
}

function needsNetwork(plan: BuildPlan): boolean {
  return stepsOf(plan).some((step) => {
    if (step.kind === "run") return step.network !== "none";
    return (
      step.kind === "files" && step.sources.some(({ kind }) => kind === "url" || kind === "git")
    );
  });
}

function stepsOf({ stages }: BuildPlan): Step[] {
  return stages.flatMap(({ steps }) => steps);
}
