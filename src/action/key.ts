// The name under which the result of an action is kept, here and at a remote. Knows no cache.

import { type Digest, digestOf } from "../digest/digest.ts";
import type { Action, ExecPath } from "./action.ts";
import { type KeyParts, type KeySource, keyPartsOf } from "./facts.ts";
import { type OpenTree, inputRootOf } from "./input-root.ts";
import { encodeAction, encodeCommand } from "./reapi-action.ts";
import type { Node } from "./result.ts";

/** Names the result of an action. */
export interface ActionKey {
  /** Of the encoded REAPI `Action`. */
  readonly digest: Digest;
  /** Of its Command. */
  readonly command: Digest;
  /** The Action, its Command and the Directories of its input root: what a remote has to know. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
}

/** What a key may need besides the action. */
export interface KeyOptions extends Pick<KeySource, "scope"> {
  /** Asked for a tree that other inputs are in; absent: there is no such tree. */
  readonly openTree?: OpenTree;
}

/**
 * The key of `action` on `inputs`, a node for each path it reads. `toolchain` has a text for each
 * of its tools that changes when the tool does. Who asked for the action is not in its key.
 */
export function keyOf(
  action: Action,
  inputs: ReadonlyMap<ExecPath, Node>,
  toolchain: ReadonlyMap<string, string>,
  { openTree, scope }: KeyOptions = {},
): ActionKey {
  const parts = keyPartsOf({ action, inputs, toolchain, scope });
  const { root, directories } = inputRootOf(inputs, openTree);
  const command = encodeCommand({
    arguments: parts.arguments.map(([, value]) => value),
    environment: Object.entries(parts.environment).map(([name, value]) => ({ name, value })),
    outputPaths: parts.outputPaths,
  });
  const commandDigest = digestOf(command);
  const message = encodeAction({
    command: commandDigest,
    inputRoot: root,
    salt: saltOf(parts),
    platform: [],
  });
  const digest = digestOf(message);
  const blobs = new Map(directories).set(commandDigest, command).set(digest, message);
  return { digest, command: commandDigest, blobs };
}

/** A line for each fact; as JSON, so that no value can look like two facts. */
function saltOf({ salt }: KeyParts): string {
  return salt.map((fact) => `${JSON.stringify(fact)}\n`).join("");
}
