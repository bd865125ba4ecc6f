// Planned stages → actions. Knows no disk.

import type { Action, ExecPath, WithoutOwner } from "../action/action.ts";
import { namesAccount } from "../layer/account.ts";
import type { BuildPlan } from "./plan.ts";
import { type CopySources, copySourcesOf } from "./copy-sources.ts";
import type { CopyChange, CopyWork, DockerfileRequest, LayerPaths } from "./request.ts";
import { runAction } from "./run-action.ts";
import type { FilesStep, Step, TreeName } from "./step.ts";

/** An action that has no owner yet. */
export type StageAction = WithoutOwner<Action>;

/** What actions of a Dockerfile are made from, and where they go. */
export interface Making {
  readonly request: DockerfileRequest;
  /** The patterns of the ignore file. */
  readonly ignored: readonly string[];
  /** The layers of each stage that is done, the lowest first. */
  readonly stages: Map<number, readonly LayerPaths[]>;
  readonly add: (action: StageAction) => void;
}

/** The actions that carry out `plan`, the last of which give the tree and its config. */
export function actionsOfPlan(
  plan: BuildPlan,
  request: DockerfileRequest,
  ignored: readonly string[],
): StageAction[] {
  const actions: StageAction[] = [];
  const making: Making = {
    request,
    ignored,
    stages: new Map(),
    add: (action) => void actions.push(action),
  };
  for (const { number, base, steps } of plan.stages) {
    const layers = [...layersOf(base, making)];
    for (const [i, step] of steps.entries()) {
      const name = `${request.work}/stage${number}/${i + 1}`;
      const output = { layer: `${name}.layer`, names: `${name}.names` };
      addStep(step, { output, layers, making });
      layers.push(output);
    }
    making.stages.set(number, layers);
  }
  const result = plan.stages.at(-1);
  if (result === undefined) throw new Error("bug: a plan without a stage");
  const takesImages = request.packing?.takesImages === true;
  const layers = (making.stages.get(result.number) ?? []).map(({ layer, layout }) => {
    return takesImages ? (layout ?? layer) : layer;
  });
  making.add(treeAction(layers, request));
  const text = `${JSON.stringify(result.config, undefined, 1)}\n`;
  const { config } = request;
  making.add({ kind: "write", mnemonic: "ImageConfig", inputs: [], outputs: [config], text });
  return actions;
}

/** The layers of a tree that is made before. */
export function layersOf(tree: TreeName, { stages, request }: Making): readonly LayerPaths[] {
  if (tree.kind === "scratch") return [];
  if (tree.kind === "stage") return stages.get(tree.stage) ?? [];
  const base = request.bases?.[tree.image];
  if (base === undefined) throw new Error(`bug: nothing is known of the image ${tree.image}`);
  return [base];
}

interface StepPlace {
  readonly output: LayerPaths;
  /** Below it. */
  readonly layers: readonly LayerPaths[];
  readonly making: Making;
}

function addStep(step: Step, { output, layers, making }: StepPlace): void {
  switch (step.kind) {
    case "run":
      return runAction(step, { output, layers, making });
    case "directory": {
      const { path, owner } = step;
      const change: CopyChange = { kind: "directory", path, owner };
      const work = { output, change, below: layers, owner };
      return making.add(
        copyAction(work, { subject: step.text, inputs: [], without: {}, within: {} }, making),
      );
    }
    case "files":
      return making.add(filesAction(step, { output, layers, making }));
  }
}

function filesAction(step: FilesStep, { output, layers, making }: StepPlace): StageAction {
  const { kind, unpacks, destination, excluded, keepsParents, chown, chmod } = step;
  const { sources, ...read } = copySourcesOf(step, output, making);
  const change: CopyChange = {
    kind,
    unpacks,
    sources,
    destination,
    excluded,
    keepsParents,
    ...(chown !== undefined && { chown }),
    ...(chmod !== undefined && { chmod }),
  };
  const below = step.isLinked ? [] : layers;
  const work = { output, change, below, owner: chown ?? "", accounts: layers };
  return copyAction(work, { subject: step.text, ...read }, making);
}

/** What is to be done, before it is an action. */
interface PlannedCopy {
  readonly output: LayerPaths;
  readonly change: CopyChange;
  readonly below: readonly LayerPaths[];
  /** As the step names it. */
  readonly owner: string;
  /** The layers that know users by name; absent: those below. */
  readonly accounts?: readonly LayerPaths[];
}

/** What it reads besides layers. */
export interface CopyInputs extends Omit<CopySources, "sources"> {
  readonly subject: string;
}

/** The action that makes a layer by copying. */
export function copyAction(
  planned: PlannedCopy,
  about: CopyInputs,
  { request }: Making,
): StageAction {
  const { output, change, below, owner } = planned;
  const accounts = namesAccount(owner) ? (planned.accounts ?? below) : [];
  const work: CopyWork = {
    output,
    below: below.map(({ names }) => names),
    accounts: accounts.map(({ layer }) => layer),
    mtime: request.mtime,
    change,
  };
  const context = about.inputs.filter((path) => !path.startsWith(`${request.work}/`));
  const inputs = [...new Set([...about.inputs, ...work.below, ...work.accounts])];
  return {
    kind: "program",
    mnemonic: change.kind === "directory" ? "Workdir" : "Copy",
    subject: about.subject,
    program: `${request.ruleSet}/layer-copy`,
    version: 4,
    args: [JSON.stringify(work)],
    inputs,
    outputs: [output.layer, output.names],
    ...(context.length > 0 && { modesOf: [...new Set(context)] }),
    ...(Object.keys(about.without).length > 0 && { without: about.without }),
    ...(Object.keys(about.within).length > 0 && { within: about.within }),
  };
}

/**
 * The action that makes of all layers, the lowest first, what `request` wants; a tar of the whole
 * is one layer.
 */
export function treeAction(layers: readonly ExecPath[], request: DockerfileRequest): StageAction {
  const { tree, ruleSet, path, packing } = request;
  const inputs = [...new Set([...layers, ...(packing?.inputs ?? [])])];
  if (packing !== undefined) {
    const { mnemonic, program, version, args, output } = packing;
    const how = { mnemonic, program, version, args: [...args, ...layers] };
    return { kind: "program", ...how, inputs, outputs: [output] };
  }
  return {
    kind: "program",
    mnemonic: "Flatten",
    subject: path,
    program: `${ruleSet}/layer-flatten`,
    version: 1,
    args: [tree, ...layers],
    inputs,
    outputs: [tree],
  };
}
