// Actions and their inputs and results, as the action itself sees them. Knows no store.

import type { Action } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { ActionResult } from "../action/result.ts";
import { stagedAt } from "./staged-later.ts";
import type { Input } from "./inputs.ts";

/** `action` with every path as it sees it; the same object when it mounts nothing. */
export function mountedAction<A extends Action>(action: A): A {
  if (action.mounts === undefined) return action;
  const { inside } = mountsOf(action);
  const [first, ...others] = action.outputs;
  const { yields, modesOf, without } = action;
  const hidden = Object.entries(without ?? {}).map(([path, list]) => [inside(path), list] as const);
  return {
    ...action,
    inputs: action.inputs.map(inside),
    outputs: [inside(first), ...others.map(inside)],
    ...(yields !== undefined && { yields: inside(yields) }),
    ...(modesOf !== undefined && { modesOf: modesOf.map(inside) }),
    ...(without !== undefined && { without: Object.fromEntries(hidden) }),
  };
}

/** `inputs` of `action`, staged where it sees them. Their own paths stay those of the graph. */
export function mountedInputs(action: Action, inputs: readonly Input[]): readonly Input[] {
  if (action.mounts === undefined) return inputs;
  const { inside } = mountsOf(action);
  return inputs.map((input) => ({
    ...input,
    staged: stagedAt(input.staged, inside(input.path)),
  }));
}

/** `result` of `action`, which has its outputs where it sees them, with the paths of the graph. */
export function unmountedResult(action: Action, result: ActionResult): ActionResult {
  if (action.mounts === undefined) return result;
  const { outside } = mountsOf(action);
  const outputs = new Map([...result.outputs].map(([path, node]) => [outside(path), node]));
  return { ...result, outputs };
}
