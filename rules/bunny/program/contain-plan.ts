// An image that was built, with its labels → the actions that make it ready for urunc, or take its
// kernel out of it. Only now is known what it lacks.

import { writeFileSync } from "node:fs";

import {
  type Action,
  type ExecPath,
  type Program,
  type ProgramContext,
  ProgramError,
  type WithoutOwner,
  formatYielded,
  uruncProblemsOf,
} from "../../../src/index.ts";
import { type Defaults, bunnyImages } from "../containerfile/defaults.ts";
import { imageFetch } from "../image-fetch.ts";
import { type ContainRequest, containProgram, containing } from "./contain.ts";
import { extractProgram } from "./extract.ts";
import type { ImageFiles } from "./image-files.ts";

/** What is to be made, as the rule writes it. */
export interface ContainPlan {
  /** The list of actions. */
  readonly actions: ExecPath;
  readonly built: ImageFiles;
  /** Where the images are put that the one built may need. */
  readonly urunit: ExecPath;
  readonly kernelImage: ExecPath;
  readonly wanted: "kernel" | "image";
  readonly output: ExecPath;
  readonly sourceDateEpoch: number;
  /** Where the labels stand, by keys of urunc without prefix. */
  readonly places: Readonly<Record<string, string>>;
  /** Problems that were told when the Containerfile was read. */
  readonly told: readonly string[];
}

/** Lists actions. Argument: a {@link ContainPlan} as JSON. */
export const containPlanProgram: Program = {
  name: "contain-plan",
  version: 1,
  run: async ([json], context) => {
    if (json === undefined) throw new Error("bug: the argument is missing");
    const plan = JSON.parse(json) as ContainPlan;
    const { facts, defaults } = await containing(plan.built, context);
    const all = { ...facts, ...defaults.facts };
    const actions =
      plan.wanted === "kernel" ? kernelActions(plan, all, defaults) : imageActions(plan, defaults);
    if (plan.wanted === "image") checkUrunc(plan, all, context);
    writeFileSync(context.resolve(plan.actions), formatYielded(actions));
  },
};

type Facts = Readonly<Record<string, string>>;
type PlannedAction = WithoutOwner<Action>;

function checkUrunc(
  { places, told }: ContainPlan,
  facts: Facts,
  { print }: Pick<ProgramContext, "print">,
): void {
  for (const { severity, key, message, help } of uruncProblemsOf(facts)) {
    const place = key in places ? key : "unikernelType";
    if (severity === "error") throw new ProgramError(message, { place });
    if (told.includes(message)) continue;
    print(`warning: ${message}${help === undefined ? "" : ` (${help})`}`);
  }
}

function kernelActions(
  { built, kernelImage, output, places }: ContainPlan,
  facts: Facts,
  defaults: Defaults,
): readonly PlannedAction[] {
  const path = facts["binary"] ?? "";
  const image = { layout: kernelImage, architecture: built.architecture };
  const from = defaults.kernelImage === undefined ? built : image;
  const extraction: PlannedAction = {
    kind: "program",
    mnemonic: "Extract",
    program: `bunny/${extractProgram.name}`,
    version: extractProgram.version,
    args: [from.layout, from.architecture, path, output],
    inputs: [from.layout],
    outputs: [output],
    places: { path: places["binary"] ?? "" },
  };
  if (defaults.kernelImage === undefined) return [extraction];
  return [fetchAction(defaults.kernelImage, image), extraction];
}

function imageActions(
  { built, urunit, kernelImage, output, places, sourceDateEpoch }: ContainPlan,
  defaults: Defaults,
): readonly PlannedAction[] {
  const { architecture } = built;
  const init = defaults.needsUrunit ? { layout: urunit, architecture } : undefined;
  const kernel =
    defaults.kernelImage === undefined ? undefined : { layout: kernelImage, architecture };
  const request: ContainRequest = {
    built,
    sourceDateEpoch,
    ...(init && { urunit: init }),
    ...(kernel && { kernel }),
  };
  return [
    ...(init === undefined ? [] : [fetchAction(bunnyImages.urunit, init)]),
    ...(kernel === undefined ? [] : [fetchAction(defaults.kernelImage ?? "", kernel)]),
    {
      kind: "program",
      mnemonic: "Package",
      program: `bunny/${containProgram.name}`,
      version: containProgram.version,
      args: [output, JSON.stringify(request)],
      inputs: [built.layout, ...[init, kernel].flatMap((image) => image?.layout ?? [])],
      outputs: [output],
      places,
    },
  ];
}

function fetchAction(reference: string, { layout, architecture }: ImageFiles): PlannedAction {
  const platform = { os: "linux", architecture };
  return imageFetch({ kind: "image", reference, platform }, layout);
}
