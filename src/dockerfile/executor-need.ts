// What carrying out a Dockerfile takes of this machine, told before anything is built. Reads what it
// is given.

import type { Action, ExecPath } from "../action/action.ts";
import type { ImageBuilder } from "../action/image-build.ts";
import { parseDockerfile } from "./parse.ts";
import type { DockerfileRequest } from "./request.ts";
import { type Resolved, resolveStages } from "./resolve.ts";

/** What a Dockerfile takes besides the engine. */
export type ExecutorNeed =
  | { readonly kind: "program"; readonly name: ImageBuilder }
  /** Its RUN cannot be carried out here, for that reason. */
  | { readonly kind: "obstacle"; readonly reason: string };

/**
 * The need of `action`; undefined when the engine does it all, and when `action` reads no Dockerfile,
 * or one that has mistakes, or that `readText` does not have yet, as another action makes it.
 */
export function executorNeedOf(
  action: Action,
  readText: (path: ExecPath) => string | undefined,
): ExecutorNeed | undefined {
  if (action.kind !== "program" || !action.program.endsWith("/dockerfile")) return undefined;
  // Programs of other rule sets may have that name, and arguments of their own.
  if (action.mnemonic !== "Dockerfile" || action.args[0] === undefined) return undefined;
  const request = JSON.parse(action.args[0]) as DockerfileRequest;
  const need = needOf(request);
  if (need === undefined || !need.isForRunsOnly) return need?.need;
  const text = readText(request.dockerfile);
  if (text === undefined) return undefined;
  const dockerfile = parseDockerfile({ path: request.path, text }, () => undefined);
  const resolved = dockerfile && resolveStages(dockerfile, request.choice, () => undefined);
  return resolved !== undefined && hasRunIn(resolved) ? need.need : undefined;
}

/** Whether a stage that is needed runs a program. */
export function hasRunIn({ dockerfile, needed }: Resolved): boolean {
  return needed.some((number) =>
    dockerfile.stages[number]?.instructions.some(({ kind }) => kind === "run"),
  );
}

function needOf({
  executor,
}: DockerfileRequest):
  | { readonly need: ExecutorNeed; readonly isForRunsOnly: boolean }
  | undefined {
  if (executor?.kind === "builder") {
    const { builder: name, isForRunsOnly } = executor;
    return { need: { kind: "program", name }, isForRunsOnly };
  }
  if (executor?.obstacle === undefined) return undefined;
  return { need: { kind: "obstacle", reason: executor.obstacle }, isForRunsOnly: true };
}
