// Lists of actions that actions yield, as the build has them. Knows no plan.

import type { Action, ExecPath } from "../action/action.ts";
import { parseYielded } from "../action/yielded.ts";
import type { Digest } from "../digest/digest.ts";
import type { Refusal } from "../schedule/plan-graph.ts";
import type { Equipment } from "./equipment.ts";

/** What an action yielded; or what is wrong with it, one line. */
export type YieldedList =
  | { readonly actions: readonly Action[]; readonly digest: Digest }
  | { readonly problem: string };

/** The digest of the file that was left at `path`. */
export function listAt(path: ExecPath, { inputs }: Pick<Equipment, "inputs">): Digest | undefined {
  const node = inputs.outputAt(path);
  return node?.kind === "file" ? node.digest : undefined;
}

/** What the list `digest`, which `action` has left, says. */
export function readYielded(
  digest: Digest | undefined,
  { owner }: Pick<Action, "owner">,
  { store, dated }: Pick<Equipment, "store" | "dated">,
): YieldedList {
  const text = digest === undefined ? undefined : store.cas.read(digest)?.toString();
  if (digest === undefined || text === undefined) return { problem: "it is gone" };
  const yielded = parseYielded(text, owner);
  return "problem" in yielded ? yielded : { actions: yielded.map(dated), digest };
}

/** Why a plan does not take in what was yielded, in words. */
export function describeRefusal(refusal: Refusal): string {
  switch (refusal.kind) {
    case "cycle":
      return `they need each other: ${refusal.ids.join(" -> ")}`;
    default:
      return `${refusal.id} is ${refusal.kind}`;
  }
}
