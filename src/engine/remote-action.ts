// A command and its inputs as REAPI has them, with where each blob is. Sends nothing.

import { join } from "node:path";

import type { CommandAction, ExecPath } from "../action/action.ts";
import { keyPartsOf } from "../action/facts.ts";
import { inputRootOf } from "../action/input-root.ts";
import { encodeAction, encodeCommand, type Property } from "../action/reapi-action.ts";
import { type Directory, encodeDirectory } from "../action/reapi-directory.ts";
import type { TreeNode } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { BlobOrigin } from "../remote/input-blobs.ts";
import type { RemoteAction } from "../remote/remote-execution.ts";
import type { Cas } from "../store/cas.ts";
import type { Input, Inputs } from "./inputs.ts";
import { identitiesOf } from "./key-of-run.ts";
import { LostOutput } from "./lost-output.ts";
import type { Toolchain } from "./toolchain.ts";

/** What machines elsewhere have in common with this one, as far as actions see it. */
export interface RemoteSetting {
  /** PATH of actions. */
  readonly path: string;
  readonly sourceDateEpoch: number;
  /** What the machine is to be like. */
  readonly platform: readonly Property[];
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}

/** What messages are drawn from. */
export interface RemoteActionParts {
  readonly toolchain: Pick<Toolchain, "identities">;
  readonly inputs: Pick<Inputs, "openTree">;
  readonly cas: Pick<Cas, "locate">;
  readonly setting: RemoteSetting;
}

/**
 * `action` on `inputs`, both as the action sees them. Its digest is another one than the action
 * key, as the message has to say all that a sandbox would see to. Throws a LostOutput.
 */
export function remoteActionOf(
  action: CommandAction,
  inputs: readonly Input[],
  parts: RemoteActionParts,
): RemoteAction {
  const { toolchain, setting } = parts;
  const { openTree } = parts.inputs;
  const nodes = new Map(inputs.map(({ staged, node }) => [staged.path, node]));
  const identities = identitiesOf(action, toolchain);
  const { scope, platform } = setting;
  const { salt } = keyPartsOf({ action, inputs: nodes, toolchain: identities, scope });
  const { root, directories } = inputRootOf(nodes, openTree);
  const env = { ...environmentOf(setting), ...action.env };
  const command = encodeCommand({
    arguments: action.argv,
    environment: Object.entries(env).map(([name, value]) => ({ name, value })),
    outputPaths: action.outputs,
    execution: { platform },
  });
  const message = encodeAction({
    command: digestOf(command),
    inputRoot: root,
    salt: salt.map((fact) => `${JSON.stringify(fact)}\n`).join(""),
    platform,
  });
  const digest = digestOf(message);
  const blobs = new Map<Digest, BlobOrigin>(directories);
  blobs.set(digestOf(command), command).set(digest, message);
  for (const input of inputs) addBlobs(input, blobs, parts);
  return { digest, blobs };
}

/** What a sandbox sets, but for places of this machine. */
function environmentOf({ path, sourceDateEpoch }: RemoteSetting): Record<string, string> {
  return {
    PATH: path,
    HOME: "/tmp",
    LC_ALL: "C",
    LANG: "C",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(sourceDateEpoch),
  };
}

/** Adds the files of `input`, and the directories below its top, to `blobs`. */
function addBlobs(
  { node, staged, path, isSource }: Input,
  blobs: Map<Digest, BlobOrigin>,
  parts: RemoteActionParts,
): void {
  if (node.kind === "symlink") return;
  if (node.kind === "file") {
    if (staged.kind !== "blob" && staged.kind !== "source") return;
    blobs.set(node.digest, () => staged.file);
    return;
  }
  const stored = (digest: Digest) => () => {
    const file = parts.cas.locate(digest);
    if (file === undefined) throw new LostOutput(path);
    return file;
  };
  for (const [digest, origin] of blobsOfTree(node, parts)) {
    if (origin instanceof Uint8Array) blobs.set(digest, origin);
    // A directory of the user is where it is; what an action left is in the store.
    else if (isSource && staged.kind === "directory") {
      const { directory } = staged;
      blobs.set(digest, () => join(directory, origin));
    } else blobs.set(digest, stored(digest));
  }
}

/** Directories by their bytes, and files by their paths below the top. */
type TreeBlobs = ReadonlyMap<Digest, Uint8Array | ExecPath>;

/** Trees are inputs of many actions, and objects that stand for them live as long as a build. */
const knownTrees = new WeakMap<ReadonlyMap<Digest, Directory>, Map<Digest, TreeBlobs>>();

function blobsOfTree(node: TreeNode, { inputs }: RemoteActionParts): TreeBlobs {
  const directories = inputs.openTree(node);
  const known = knownTrees.get(directories) ?? new Map<Digest, TreeBlobs>();
  knownTrees.set(directories, known);
  const found = known.get(node.root);
  if (found !== undefined) return found;
  const blobs = new Map<Digest, Uint8Array | ExecPath>();
  const add = (digest: Digest, path: ExecPath): void => {
    const directory = directories.get(digest);
    if (directory === undefined) return;
    blobs.set(digest, encodeDirectory(directory));
    for (const file of directory.files) blobs.set(file.digest, join(path, file.name));
    for (const below of directory.directories) {
      if (!blobs.has(below.digest)) add(below.digest, join(path, below.name));
    }
  };
  add(node.root, "");
  known.set(node.root, blobs);
  return blobs;
}
