// Symbolic links that mean nothing elsewhere. Touches no disk.

import { linkTargetsIn } from "../action/reapi-directory.ts";
import type { ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import type { SandboxTree } from "../sandbox/sandbox.ts";
import type { Cas } from "../store/cas.ts";

/**
 * What is wrong with a link among `outputs` that leads to where only this build has its inputs, as
 * one that was copied from a sandbox of links does; undefined when none is.
 */
export function strayLinkIn(
  outputs: ReadonlyMap<ExecPath, Node>,
  { isOnlyHere }: Pick<SandboxTree, "isOnlyHere">,
  cas: Pick<Cas, "read">,
): string | undefined {
  if (isOnlyHere === undefined) return undefined;
  for (const [path, node] of outputs) {
    const stray = targetsOf(node, cas).find(isOnlyHere);
    if (stray === undefined) continue;
    return (
      `its output ${path} has a symbolic link to ${stray}, which is there in this workspace only: ` +
      "it may have copied a link of the sandbox (cp -L copies what it leads to)"
    );
  }
  return undefined;
}

function targetsOf(node: Node, cas: Pick<Cas, "read">): readonly string[] {
  if (node.kind === "symlink") return [node.target];
  const bytes = node.kind === "tree" ? cas.read(node.tree) : undefined;
  return (bytes && linkTargetsIn(bytes)) ?? [];
}
