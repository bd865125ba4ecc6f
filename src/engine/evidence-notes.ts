// What of actions is kept to explain changes later: commands, tools, directories, small sources.

import { closeSync, constants, openSync, readSync } from "node:fs";

import type { Action, ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { TreeNode } from "../action/result.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { digestOf, parseDigest, splitDigest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { hashedBytesOf } from "../store/recent-files.ts";
import type { Evidence } from "../why/evidence.ts";
import type { StateFacts } from "../why/state.ts";
import type { Inputs } from "./inputs.ts";
import type { LaterWork } from "./later-work.ts";
import type { ActionRecord } from "./records.ts";
import {
  type ActionState,
  commandTextOf,
  recentCommandText,
  toolDigestOf,
  toolsOf,
} from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";
import { filesOfTree } from "./tree-files.ts";

/** What noting takes. */
export interface NoteParts {
  readonly inputs: Inputs;
  readonly toolchain: Pick<Toolchain, "identities">;
  readonly store: { readonly cas: Pick<Cas, "read"> };
  readonly evidence: Evidence;
  /** Takes what need not be noted at once: all files of a directory. */
  readonly later: Pick<LaterWork, "add">;
}

/** A result that is to be remembered. */
export interface Noting {
  /** The last record of the action. */
  readonly before: ActionRecord | undefined;
  readonly state: ActionState;
  /** Whether it was made before, and is now taken from a cache. */
  readonly isTaken: boolean;
}

/** Keeps what tells the state of `action` from what it was before. */
export function noteEvidence(
  action: Action,
  { before, state, isTaken }: Noting,
  parts: NoteParts,
): void {
  const { evidence, toolchain } = parts;
  // What the file has already may be added again, as looking it up takes reading its index.
  if (before?.command !== state.command && !evidence.isAdded(state.command)) {
    evidence.add(
      state.command,
      Buffer.from(recentCommandText(state.command) ?? commandTextOf(action)),
    );
  }
  for (const name of toolsOf(action)) {
    const identity = toolchain.identities.get(name);
    const digest = toolDigestOf(name, toolchain.identities);
    if (identity === undefined || before?.tools[name] === digest || evidence.isAdded(digest))
      continue;
    evidence.add(digest, Buffer.from(identity));
  }
  const { outside } = mountsOf(action);
  for (const path of Object.keys(state.inputs)) {
    const text = state.inputs[path] ?? "";
    if (before?.inputs[path] === text) continue;
    // To keep a whole core takes a fifth of all that taking its kernel from a cache does.
    const keepsLarge = !isTaken || before !== undefined;
    noteInput({ path: outside(path), text, action, keepsLarge }, parts);
  }
}

interface Noted {
  readonly path: ExecPath;
  readonly text: string;
  readonly action: Action;
  /** Whether files of large directories are kept, too. */
  readonly keepsLarge: boolean;
}

function noteInput({ path, text, action, keepsLarge }: Noted, parts: NoteParts): void {
  // Outputs are in the store, and nobody reads diffs of what belongs to the machine.
  if (path.startsWith(`${outputRoot}/`) || path.startsWith("/")) return;
  const { evidence, inputs, later } = parts;
  if (!text.endsWith("/")) {
    const isKept = (name: string): boolean => evidence.isAdded(name);
    return noteFile(text, inputs.diskPathOf(path), { evidence, isKept });
  }
  if (evidence.has(text)) return;
  const node = inputs.of(action).find((input) => input.path === path)?.node;
  if (node?.kind !== "tree") return;
  const isWhole = keepsLarge || splitDigest(node.tree).sizeBytes <= smallTreeBytes;
  later.add(noteTree({ node, text, isWhole, directory: inputs.diskPathOf(path) }, parts));
}

interface NotedTree {
  readonly node: TreeNode;
  readonly text: string;
  /** Whether its files are kept, too. */
  readonly isWhole: boolean;
  /** Where it stands. */
  readonly directory: string;
}

/** A step for each file of a tree. */
function* noteTree(
  { node, text, isWhole, directory }: NotedTree,
  { evidence, store }: Pick<NoteParts, "evidence" | "store">,
): Generator<undefined> {
  if (evidence.has(text)) return; // For another action, meanwhile.
  const files = isWhole ? filesIn(node, store.cas) : undefined;
  const isKept = (name: string): boolean => evidence.has(name);
  for (const [name, one] of files ?? []) {
    noteFile(one, `${directory}/${name}`, { evidence, isKept });
    yield;
  }
  // Last, as nobody looks at its files again when it is there.
  evidence.add(text, Buffer.from(`${node.root} ${node.tree}`));
}

/** Undefined when they are too many, or cannot be had. */
function filesIn(tree: TreeNode, cas: Pick<Cas, "read">): ReturnType<typeof filesOfTree> {
  try {
    const files = filesOfTree(tree, cas);
    return files !== undefined && files.size <= maxFilesOfTree ? files : undefined;
  } catch {
    return undefined; // It explains, and no more.
  }
}

/** Of larger directories only what changed is named, and not how. */
const maxFilesOfTree = 2000;

/** About what an app or a library has: 350 files. */
const smallTreeBytes = 32 * 1024;

/** Source: git takes a file with a zero byte in its beginning for no text, too. */
function noteFile(
  text: string,
  file: string,
  { evidence, isKept }: { readonly evidence: Evidence; readonly isKept: (name: string) => boolean },
): void {
  if (!/^[0-9a-f]{32}x?\d*$/.test(text)) return;
  const name = text.slice(0, 32);
  if (isKept(name)) return;
  const bytes = hashedBytesOf(name) ?? readAgain(file, name);
  if (bytes !== undefined && !bytes.includes(0)) evidence.add(name, bytes);
}

/** The bytes of `file`, unless they are no longer those of `name`. */
function readAgain(file: string, name: string): Buffer | undefined {
  const bytes = smallFileAt(file);
  return bytes !== undefined && digestOf(bytes).startsWith(name) ? bytes : undefined;
}

/** The bytes of `file`, there until this is asked again; undefined when they are too many or none. */
function smallFileAt(file: string): Buffer | undefined {
  try {
    // One for all, as Node takes more for the size of a file and a new buffer than for reading it.
    buffer ??= Buffer.allocUnsafeSlow(maxFileBytes + 1);
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const size = readSync(descriptor, buffer);
      return size > 0 && size <= maxFileBytes ? buffer.subarray(0, size) : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined; // It is gone by now: then nobody sees how it was.
  }
}

let buffer: Buffer | undefined;

/** Larger ones are seldom written by hand. */
const maxFileBytes = 64 * 1024;

/** What `evidence` and the store know of states. */
export function openStateFacts(evidence: Evidence, cas: Pick<Cas, "read">): StateFacts {
  const known = new Map<string, ReturnType<StateFacts["filesIn"]>>();
  const filesIn = (text: string) => {
    const [root = "", tree = ""] = evidence.read(text)?.toString().split(" ") ?? [];
    const [rootDigest, treeDigest] = [parseDigest(root), parseDigest(tree)];
    if (rootDigest === undefined || treeDigest === undefined) return undefined;
    return filesOfTree({ kind: "tree", root: rootDigest, tree: treeDigest }, cas);
  };
  return {
    toolVersion: (digest) => versionIn(evidence.read(digest)?.toString()),
    filesIn: (text) => {
      if (!known.has(text)) known.set(text, filesIn(text));
      return known.get(text);
    },
  };
}

/** What a tool's identity says of its version; undefined for the engine itself. */
export function versionIn(identity: string | undefined): string | undefined {
  const text = /"versionText":("(?:[^"\\]|\\.)*")/.exec(identity ?? "")?.[1];
  const version = text === undefined ? "" : (JSON.parse(text) as string);
  return version === "" ? undefined : version;
}
