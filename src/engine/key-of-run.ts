// The action key of an action on its inputs, as both are found in a build.

import type { Action } from "../action/action.ts";
import { type ActionKey, keyOf } from "../action/key.ts";
import type { Digest } from "../digest/digest.ts";
import type { Input, Inputs } from "./inputs.ts";
import { toolsOf } from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";

/** What keys are drawn from, besides the action. */
export interface KeyContext {
  readonly toolchain: Pick<Toolchain, "identities">;
  readonly inputs: Pick<Inputs, "openTree">;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}

/** The key of `action` on `inputs`, both as the action sees them. Throws a LostOutput. */
export function keyOfRun(
  action: Action,
  inputs: readonly Input[],
  { toolchain, inputs: { openTree }, scope }: KeyContext,
): ActionKey {
  const nodes = new Map(inputs.map(({ staged, node }) => [staged.path, node]));
  return keyOf(action, nodes, identitiesOf(action, toolchain), { openTree, scope });
}

/** What a remote should know of `key` besides its result: the messages that it stands for. */
export function aboutKey({ digest, command, blobs }: ActionKey): ReadonlyMap<Digest, Uint8Array> {
  return new Map(
    [command, digest].flatMap((one) => {
      const bytes = blobs.get(one);
      return bytes === undefined ? [] : [[one, bytes] as const];
    }),
  );
}

/** The tools of `action` that are there, each with what tells it from others. */
export function identitiesOf(
  action: Action,
  { identities }: Pick<Toolchain, "identities">,
): Map<string, string> {
  const known = toolsOf(action).map((name) => [name, identities.get(name)] as const);
  return new Map(known.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}
