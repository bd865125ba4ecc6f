// Sources that are not to be had as a build is to be. Fetches nothing.

import type { Action } from "../action/action.ts";
import type { Listen } from "./event.ts";
import type { Executor } from "./executor.ts";

/**
 * Tells of the sources of `actions` that are not to be had as this build is to be, and whether
 * there are any. All at once: who is on a train wants to know all that is missing before it leaves.
 */
export function refuseSources(
  actions: readonly Action[],
  executor: Pick<Executor, "refusalsOf">,
  listen: Listen,
): boolean {
  const refusals = executor.refusalsOf(actions);
  for (const { code, message, help } of refusals) {
    listen({ kind: "diagnostic", diagnostic: { severity: "error", code, message, help } });
  }
  return refusals.length > 0;
}
