// Which blobs a result stands for. Knows no remote.

import { encodeDirectory } from "../action/reapi-directory.ts";
import type { ActionResult, TreeNode } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { directoriesOf } from "../store/tree-message.ts";
import type { WantedBlob } from "./downloads.ts";

/** What stands in the message of `result` itself: streams, files, and the Trees of directories. */
export function shallowBlobsOf({ stdout, stderr, outputs }: ActionResult): {
  readonly small: readonly WantedBlob[];
  readonly files: readonly WantedBlob[];
  readonly trees: readonly TreeNode[];
} {
  const nodes = [...outputs.values()];
  const trees = nodes.filter((node) => node.kind === "tree");
  const files = nodes.filter((node) => node.kind === "file");
  const small = [stdout, stderr, ...trees.map(({ tree }) => tree)];
  return { small: small.map((digest) => ({ digest, executable: false })), files, trees };
}

/** The files in `trees`, of which the Trees are in `cas`; undefined when one is none. */
export function filesInTrees(
  trees: readonly TreeNode[],
  cas: Pick<Cas, "read">,
): WantedBlob[] | undefined {
  const files: WantedBlob[] = [];
  for (const node of trees) {
    const directories = directoriesOf(node, cas);
    if (directories === undefined) return undefined;
    for (const directory of directories.values()) {
      for (const { digest, executable } of directory.files) files.push({ digest, executable });
    }
  }
  return files;
}

/** All that has to be at a remote before `result` is, by digest; undefined when some of it is gone. */
export function allBlobsOf(
  result: ActionResult,
  cas: Pick<Cas, "read">,
): { readonly stored: readonly Digest[]; readonly directories: Blobs } | undefined {
  const { small, files, trees } = shallowBlobsOf(result);
  const directories = new Map<Digest, Uint8Array>();
  for (const node of trees) {
    const found = directoriesOf(node, cas);
    if (found === undefined) return undefined;
    // The result names the one at the top, which stands for all below it.
    for (const [digest, directory] of found) directories.set(digest, encodeDirectory(directory));
  }
  const inTrees = filesInTrees(trees, cas) ?? [];
  const stored = [...small, ...files, ...inTrees].map(({ digest }) => digest);
  return { stored, directories };
}

type Blobs = ReadonlyMap<Digest, Uint8Array>;
