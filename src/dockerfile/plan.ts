// A resolved Dockerfile and the configs of its images → what each stage does, and what comes of it.

import type { Report } from "../diagnostic/diagnostic.ts";
import { emptyConfig, type ImageConfig } from "./image-config.ts";
import type { Instruction } from "./instruction.ts";
import { parseTrigger } from "./parse.ts";
import { imageNameOf, platformArguments } from "./platform.ts";
import { planInstruction, type StageContext } from "./plan-instruction.ts";
import { type Resolved, treesOf } from "./resolve.ts";
import { StageState } from "./stage-state.ts";
import type { PlannedStage, Step } from "./step.ts";

/** What the stages of a Dockerfile do, in an order in which each comes after those it needs. */
export interface BuildPlan {
  /** At least one; the last is the result. */
  readonly stages: readonly PlannedStage[];
}

/**
 * Plans the stages that are needed. `images` has the configs of all images that `resolved` names.
 * Undefined when a mistake was reported.
 */
export function planStages(
  resolved: Resolved,
  images: ReadonlyMap<string, ImageConfig>,
  report: Report,
): BuildPlan | undefined {
  let isGood = true;
  const tell: Report = (diagnostic) => {
    if (diagnostic.severity === "error") isGood = false;
    report(diagnostic);
  };
  const stages = new Map<number, PlannedStage>();
  for (const number of resolved.needed) {
    stages.set(number, planStage(resolved, number, { images, stages, report: tell }));
  }
  return isGood ? { stages: [...stages.values()] } : undefined;
}

interface Known {
  readonly images: ReadonlyMap<string, ImageConfig>;
  readonly stages: ReadonlyMap<number, PlannedStage>;
  readonly report: Report;
}

/** Source: BuildKit, frontend/dockerfile/dockerfile2llb/image.go. */
const scratchConfig: ImageConfig = { ...emptyConfig, workingDirectory: "/" };

function planStage(
  resolved: Resolved,
  number: number,
  { images, stages, report }: Known,
): PlannedStage {
  const stage = resolved.dockerfile.stages[number];
  const base = resolved.bases[number];
  if (stage === undefined || base === undefined) throw new Error(`bug: no stage ${number}`);
  const { tree } = base;
  const config =
    tree.kind === "image"
      ? images.get(tree.image)
      : tree.kind === "stage"
        ? stages.get(tree.stage)?.config
        : scratchConfig;
  if (config === undefined) throw new Error(`bug: nothing is known of ${JSON.stringify(tree)}`);
  const { platform, buildPlatform } = { ...resolved.choice, platform: resolved.choice.platform };
  const predefined = platformArguments(platform, buildPlatform);
  const state = new StageState({ ...config, triggers: [] });
  const steps: Step[] = [];
  const context: StageContext = {
    resolved,
    number,
    state,
    predefined,
    report,
    add: (step) => steps.push(step),
  };
  const name = tree.kind === "image" ? imageNameOf(tree.image) : "";
  const triggered = config.triggers
    .flatMap((one) => parseTrigger(one, name, report))
    .filter((one) => isAtHand(one, context));
  const all: readonly Instruction[] = [...triggered, ...stage.instructions];
  for (const instruction of all) planInstruction(instruction, context);
  return { number, base: tree, steps, config: state.config };
}

/** What is needed was asked before it was known what images say to who builds on them. */
function isAtHand(trigger: Instruction, { resolved, number, report }: StageContext): boolean {
  const { dockerfile, images, needed } = resolved;
  const missing = treesOf(trigger, dockerfile.stages, number).find(
    (tree) =>
      (tree.kind === "image" && !images.has(tree.image)) ||
      (tree.kind === "stage" && !needed.includes(tree.stage)),
  );
  if (missing === undefined) return true;
  const name = missing.kind === "image" ? missing.image : "a stage";
  const message = `an ONBUILD reads ${name}, which nothing else of the Dockerfile does`;
  const help = "copy from it in the Dockerfile itself, too";
  report({ severity: "error", code: "bad-dockerfile", message, at: trigger.at, help });
  return false;
}
