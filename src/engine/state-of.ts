import type { Action } from "../action/action.ts";
import { engineTool } from "../action/facts.ts";
import { identityOf } from "../action/remote-source.ts";
import type { Node } from "../action/result.ts";
import { assertNever } from "../base/brand.ts";
import { Recent } from "../base/recent.ts";
import { digestOf } from "../digest/digest.ts";
import type { Input } from "./inputs.ts";
import type { ActionRecord } from "./records.ts";

/** All that the result of an action depends on, in a form that is cheap to compare. */
export type ActionState = Pick<ActionRecord, "fingerprint" | "command" | "tools" | "inputs">;

/** The state of `action` with these inputs and tools. */
export function stateOf(
  action: Action,
  inputs: readonly Input[],
  toolchain: ReadonlyMap<string, string>,
): ActionState {
  // With a prototype, V8 makes a shape for each set of paths, which takes 800 bytes.
  const byPath: Record<string, string> = Object.create(null);
  for (const { path, node } of inputs) byPath[path] = textOf(node);
  return stateWith(action, byPath, toolchain);
}

/**
 * Whether `record` is of the very state that `stateOf` would give, without making that one: most
 * actions are up to date. False where only their fingerprints can tell.
 */
export function isStateOf(
  record: ActionRecord,
  {
    action,
    inputs,
    toolchain,
  }: {
    readonly action: Action;
    readonly inputs: readonly Input[];
    readonly toolchain: ReadonlyMap<string, string>;
  },
): boolean {
  const paths = Object.keys(record.inputs);
  const tools = toolsOf(action);
  return (
    paths.length === inputs.length &&
    inputs.every(
      ({ path, node }, i) => paths[i] === path && record.inputs[path] === textOf(node),
    ) &&
    Object.keys(record.tools).length === tools.length &&
    tools.every((name) => record.tools[name] === toolDigestOf(name, toolchain)) &&
    record.command === commandDigestOf(action)
  );
}

/** The state of `action` when all that it reads is in `inputs`, by what it is called. */
export function stateWith(
  action: Action,
  inputs: Readonly<Record<string, string>>,
  toolchain: ReadonlyMap<string, string>,
): ActionState {
  const command = commandDigestOf(action);
  const tools = Object.fromEntries(
    toolsOf(action).map((name) => [name, toolDigestOf(name, toolchain)]),
  );
  const fingerprint = shortDigestOf(JSON.stringify([command, tools, inputs]));
  return { fingerprint, command, tools, inputs };
}

/** The tools that are part of the key of `action`. */
export function toolsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case "command":
    case "compile":
      return action.tools;
    case "program":
      return [engineTool];
    case "write":
    case "fetch":
      return [];
    default:
      return assertNever(action);
  }
}

function commandDigestOf(action: Action): string {
  // Asked for again for each set of files that it may have read, and for one action after another.
  if (latest?.action !== action) {
    const text = commandTextOf(action);
    latest = { action, digest: shortDigestOf(text) };
    if (text.length <= maxKeptText) texts.keep(latest.digest, text);
  }
  return latest.digest;
}

/** Of the action that was asked for last. */
let latest: { readonly action: Action; readonly digest: string } | undefined;

/** The text of a command of which the digest was asked for a moment ago; undefined: it is not known. */
export function recentCommandText(digest: string): string | undefined {
  return texts.of(digest);
}

/** Of actions that are under way. */
const texts = new Recent<string>(256);
const maxKeptText = 2048;

/** What `action` does, as JSON, of which `command` in its state is the digest. */
export function commandTextOf(action: Action): string {
  // The owner and the like say who asked for it, not what it does.
  const none = undefined; // JSON leaves it out, which is faster than a copy without these names.
  const told = { owner: none, mnemonic: none, subject: none };
  const others = { ...told, resources: none, sharesSandbox: none, inputs: none };
  if (action.kind === "program") return JSON.stringify({ ...action, ...others, places: undefined });
  if (action.kind !== "fetch") return JSON.stringify({ ...action, ...others });
  return JSON.stringify({ ...action, ...others, source: identityOf(action.source) });
}

/** A short text for the tool `name` as it is now; the same for any that is absent. */
export function toolDigestOf(name: string, toolchain: ReadonlyMap<string, string>): string {
  const identity = toolchain.get(name) ?? "absent";
  const known = toolDigests.get(identity);
  if (known !== undefined) return known;
  const digest = shortDigestOf(identity);
  toolDigests.set(identity, digest);
  return digest;
}

/** By identity: a handful of tools serve all actions. */
const toolDigests = new Map<string, string>();

/** 128 bits: enough that no two of a workspace's states are ever taken for one another. */
function shortDigestOf(text: string): string {
  return digestOf(text).slice(0, 32);
}

/** `node` in a short text that is another one when it is. */
export function textOf(node: Node): string {
  switch (node.kind) {
    case "file": {
      const mode = node.mode === undefined ? "" : node.mode.toString(8);
      return `${node.digest.slice(0, 32)}${node.executable ? "x" : ""}${mode}`;
    }
    case "symlink":
      return `-> ${node.target}`;
    case "tree":
      // A file may have the very bytes that a directory is encoded as.
      return `${node.root.slice(0, 32)}/`;
    default:
      return assertNever(node);
  }
}
