// Which paths of a tree a source means. Source: BuildKit's fsutil.

import type { FileTree, TreeNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { LayerDraft } from "../layer/layer-draft.ts";
import { hasWildcard, matchesGlob, withoutEscapes } from "./pattern.ts";

/**
 * The paths in `tree` that `source` means, from its root: itself, or what it matches as a pattern,
 * which may be nothing. Throws a FormatError for one without a pattern that is not there.
 */
export function matchesIn(tree: FileTree, source: string): string[] {
  const names = resolved(Buffer.from(source).toString("latin1"));
  const wild = names.findIndex(hasWildcard);
  const draft = new LayerDraft(tree, 0);
  if (wild === -1) {
    const path = names.map(withoutEscapes).join("/");
    const node = tree.get(Buffer.from(draft.realPath(path), "latin1"));
    if (node === undefined) throw new FormatError(source, "is not there");
    return [path];
  }
  const prefix = draft.realPath(names.slice(0, wild).map(withoutEscapes).join("/"));
  const start = tree.get(Buffer.from(prefix, "latin1"));
  if (start?.kind !== "directory") return [];
  const pattern = names.slice(wild).join("/");
  const below = [...matchesBelow(start, pattern, "")];
  return below.map((path) => (prefix === "" ? path : `${prefix}/${path}`));
}

/** In a directory that matches, nothing is looked for. */
function* matchesBelow(
  directory: TreeNode & { readonly kind: "directory" },
  pattern: string,
  prefix: string,
): Generator<string> {
  for (const name of [...directory.children.keys()].sort()) {
    const path = prefix + name;
    const child = directory.children.get(name);
    if (matchesGlob(pattern, path) === true) yield path;
    else if (child?.kind === "directory") yield* matchesBelow(child, pattern, `${path}/`);
  }
}

/** `..` leads nowhere above the root. */
function resolved(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}
