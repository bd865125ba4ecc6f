// The program that reads a Dockerfile and lists the actions that build it. Knows how they are
// called, and not how they are carried out.

import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { formatYielded } from "../action/yielded.ts";
import { type Diagnostic, renderDiagnostic, sortDiagnostics } from "../diagnostic/diagnostic.ts";
import { type ProgramContext, ProgramError } from "../rule/program.ts";
import { actionsOfPlan, type StageAction } from "./build-actions.ts";
import { actionsOfBuilder } from "./builder-actions.ts";
import { hasRunIn } from "./executor-need.ts";
import { readIgnoreFile } from "./ignore-patterns.ts";
import type { ImageConfig } from "./image-config.ts";
import { imageActions } from "./image-actions.ts";
import { readJson } from "./layer-programs.ts";
import { parseDockerfile } from "./parse.ts";
import { planStages } from "./plan.ts";
import type { DockerfileRequest } from "./request.ts";
import { type Resolved, resolveStages } from "./resolve.ts";

/**
 * Lists the actions of the {@link DockerfileRequest} that the first argument is, as JSON. Those of
 * stages depend on what images say of themselves: when these are not at hand, it lists the actions
 * that bring them, and itself once more.
 */
export async function planDockerfile(
  args: readonly string[],
  context: ProgramContext,
): Promise<void> {
  const [json] = args;
  if (json === undefined) throw new Error("bug: the request is missing");
  const request = JSON.parse(json) as DockerfileRequest;
  const { resolve, print } = context;
  const text = readFileSync(resolve(request.dockerfile), "utf8");
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const dockerfile = parseDockerfile({ path: request.path, text }, report);
  const resolved = dockerfile && resolveStages(dockerfile, request.choice, report);
  const actions = resolved && actionsFor(resolved, { text, request, context, report });
  const lines = sortDiagnostics(diagnostics).map(renderDiagnostic);
  if (actions === undefined) throw new ProgramError(lines.join("\n"));
  for (const line of lines) print(line);
  writeFileSync(resolve(request.actions), formatYielded(actions));
  await Promise.resolve();
}

interface Planning {
  /** Of the Dockerfile. */
  readonly text: string;
  readonly request: DockerfileRequest;
  readonly context: ProgramContext;
  readonly report: (diagnostic: Diagnostic) => void;
}

function actionsFor(
  resolved: Resolved,
  { request, context, report, text }: Planning,
): StageAction[] | undefined {
  const { executor } = request;
  const hasRun = hasRunIn(resolved);
  const isForBuilder = executor?.kind === "builder" && (hasRun || !executor.isForRunsOnly);
  if (executor?.kind === "embedded" && executor.obstacle !== undefined && hasRun) {
    throw new ProgramError(`RUN cannot be carried out here: ${executor.obstacle}`);
  }
  const bases = isForBuilder ? request.chosenBases : request.bases;
  if (resolved.images.size > 0 && bases === undefined) {
    return imageActions(resolved, { request, isForBuilder }, report);
  }
  const images = new Map(
    Object.entries(bases ?? {}).map(([name, { config }]) => {
      return [name, readJson(context.resolve(config)) as ImageConfig] as const;
    }),
  );
  const plan = planStages(resolved, images, report);
  const { ignoreFile } = request;
  const file = ignoreFile === undefined ? undefined : context.resolve(ignoreFile);
  const ignored =
    file !== undefined && existsSync(file) ? readIgnoreFile(readFileSync(file, "utf8")) : [];
  if (plan === undefined) return undefined;
  if (!isForBuilder) return actionsOfPlan(plan, request, ignored);
  return actionsOfBuilder({ builder: executor.builder, resolved, plan, request, ignored, text });
}
