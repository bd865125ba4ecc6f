// What is asked of a known result of an action: whether its files have to be here.

import type { ActionResult } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { ActionCache } from "../store/action-cache.ts";
import type { Why } from "./done.ts";
import type { FilesWanted } from "./shared-results.ts";

/** What is asked of a known result. */
export interface Demand {
  /** Whether its files have to be here: otherwise they are made again when somebody reads them. */
  readonly isWhole: boolean;
  /** How often the action has been found to have lost an output in this build. */
  readonly losses: number;
}

/** Whether a known result is worth a look: it is not when one that looked whole proved not to be. */
export function trusts({ losses }: Demand): boolean {
  return losses < 2;
}

/** Whether an action is carried out because its output was lost. */
export function isMadeAgain({ losses }: Demand): boolean {
  return losses > 0;
}

/** Why an action runs whose output was lost. */
export const lostOutput: Why["causes"] = [{ kind: "output-lost" }];

/** Which files of a result of others are to come here, where those `usual` would. */
export function filesFor(demand: Demand, usual: FilesWanted): FilesWanted {
  return isMadeAgain(demand) ? "now" : usual;
}

/** The result of `key` in the cache, as far as it will do. */
export function readFor(
  demand: Demand,
  key: Digest,
  actionCache: ActionCache,
): ActionResult | undefined {
  if (!trusts(demand)) return undefined;
  return demand.isWhole ? actionCache.readComplete(key) : actionCache.read(key);
}
