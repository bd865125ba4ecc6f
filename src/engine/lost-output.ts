// Outputs of actions whose blobs went away. Makes none again.

import { existsSync } from "node:fs";

import type { ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import type { StagedInput } from "../sandbox/staged-input.ts";
import type { Input } from "./inputs.ts";
import type { SharedResults } from "./shared-results.ts";

/** Outputs whose blobs went away: the actions that make them have to do so again. */
export class LostOutput extends Error {
  override readonly name = "LostOutput";
  readonly paths: readonly [ExecPath, ...ExecPath[]];

  constructor(...paths: readonly [ExecPath, ...ExecPath[]]) {
    super(`the output ${paths[0]} is no longer in the store`);
    this.paths = paths;
  }
}

/** Throws one LostOutput for all of `inputs` whose blobs went away. */
export function refuseLost(inputs: readonly Input[]): void {
  const [first, ...others] = inputs.filter(({ staged }) => isLost(staged)).map(({ path }) => path);
  if (first !== undefined) throw new LostOutput(first, ...others);
}

/** Brings here what others have of `inputs`. Throws one LostOutput for all that cannot be had. */
export async function bringInputs(
  inputs: readonly Input[],
  shared: Pick<SharedResults, "fetch"> | undefined,
): Promise<void> {
  await shared?.fetch(madeBefore(inputs));
  refuseLost(inputs);
}

/**
 * What those of `inputs` stand for that actions made. Others are not asked for sources, which are
 * here: what they lack of them would count as lost, and no other input would come.
 */
function madeBefore(inputs: readonly Input[]): Node[] {
  return inputs.filter(({ isSource }) => !isSource).map(({ node }) => node);
}

function isLost(staged: StagedInput): boolean {
  try {
    // A directory is laid down by asking for it, which is about to be done anyway.
    if (staged.kind === "blob") return staged.isLost?.() ?? !existsSync(staged.file);
    return staged.kind === "directory" && staged.directory === "";
  } catch (error) {
    if (error instanceof LostOutput) return true;
    throw error;
  }
}
