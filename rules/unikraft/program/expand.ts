// What make would do → actions that do it. Knows no Kraftfile.

import { existsSync, readFileSync, writeFileSync } from "node:fs";

import {
  type Action,
  type ExecPath,
  formatYielded,
  mountsOf,
  type Program,
  ProgramError,
  type WithoutOwner,
} from "../../../src/index.ts";
import { earlyCallOf } from "../early-options.ts";
import { actionsOf, type Expansion } from "../expand/actions-of.ts";
import { fetchActions } from "../expand/archive.ts";
import { isWholePlan, readMakePlan, type Step } from "../expand/make-plan.ts";

/** What expanding an image takes, as the rule hands it over. */
export interface ExpandRequest {
  /** As people know the image. */
  readonly name: string;
  /** The files that must come of it, as its actions see them. */
  readonly goals: readonly ExecPath[];
  readonly mounts: Readonly<Record<ExecPath, ExecPath>>;
  readonly sources: readonly ExecPath[];
  readonly skeletons: Readonly<Record<ExecPath, ExecPath>>;
  readonly without: Readonly<Record<ExecPath, readonly string[]>>;
  readonly tools: readonly string[];
  readonly embedded: readonly ExecPath[];
  /** See `ExpansionRequest`. */
  readonly earlyHeader: ExecPath;
  /** What to do when it cannot be expanded. */
  readonly opaque: WithoutOwner<Action>;
}

/**
 * Lists the actions that make an image, as the core's makefiles have them. An image that has a step
 * nobody can see through is made by one call of make, of which a line tells; what make would
 * fetch comes by actions of its own even then. Arguments: the output, what make printed of its
 * plan, how the header of options was written early, the request.
 */
export const expand: Program = {
  name: "expand",
  version: 8,
  run: async ([output, plan, call, words], { resolve, print }) => {
    if (output === undefined || plan === undefined || call === undefined || words === undefined) {
      throw new ProgramError("arguments are missing");
    }
    const request = JSON.parse(words) as ExpandRequest;
    const { outside } = mountsOf(request);
    const isSource = (path: ExecPath): boolean => {
      const [place] = Object.keys(request.skeletons).filter((at) => path.startsWith(`${at}/`));
      const skeleton = place === undefined ? undefined : request.skeletons[place];
      return skeleton !== undefined && existsSync(resolve(skeleton + path.slice(place?.length)));
    };
    const text = readFileSync(resolve(plan), "utf8");
    const steps = readMakePlan(text);
    const earlyCall = earlyCallOf(text, readFileSync(resolve(call), "utf8"));
    const expansion = actionsOf(steps, { ...request, earlyCall, isSource, outside });
    const reason = isWholePlan(text)
      ? reasonOf(expansion, request.goals.map(outside))
      : "make could not say all that it would do";
    if (reason === undefined && expansion.kind === "expanded") {
      writeFileSync(resolve(output), formatYielded(expansion.actions));
      return;
    }
    print(`note: ${request.name} is built by one call of make, as ${reason ?? ""}`);
    writeFileSync(resolve(output), formatYielded(opaqueActions(steps, request)));
  },
};

/** Why `expansion` will not do; undefined when it does. */
function reasonOf(expansion: Expansion, goals: readonly ExecPath[]): string | undefined {
  if (expansion.kind === "expanded") return missingGoal(expansion.actions, goals);
  const { step, reason } = expansion;
  return `${step.target} cannot be a step of its own: ${reason} (${step.rule})`;
}

/** The one call of make, which finds what it would fetch where it would leave it. */
function opaqueActions(
  steps: readonly Step[],
  request: ExpandRequest,
): readonly WithoutOwner<Action>[] {
  const { inside, outside } = mountsOf(request);
  const { opaque } = request;
  const fetches = fetchActions(steps, { outside });
  const fetched = fetches.map(({ outputs }) => outputs[0]);
  const mounts = Object.fromEntries(fetched.map((path) => [path, inside(path)]));
  const inputs = [...opaque.inputs, ...fetched];
  return [...fetches, { ...opaque, inputs, mounts: { ...opaque.mounts, ...mounts } }];
}

function missingGoal(
  actions: readonly WithoutOwner<Action>[],
  goals: readonly ExecPath[],
): string | undefined {
  const made = new Set(actions.flatMap(({ outputs }) => outputs));
  const missing = goals.find((goal) => !made.has(goal));
  return missing === undefined ? undefined : `its plan has no step that makes ${missing}`;
}
