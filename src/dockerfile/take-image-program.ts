// The programs around images that builders make: which one of a layout to build on, and what came
// of it. Know no builder.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type ArchiveBytes, openArchive } from "../format/archive-bytes.ts";
import { writePieces } from "../format/file-content.ts";
import { type DirectoryNode, FileTree, type TreeNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { findImage, type LayoutImage } from "../format/image-tree.ts";
import { applyLayer } from "../format/tar-tree.ts";
import { packLayer } from "../layer/pack-layer.ts";
import { type ProgramContext, ProgramError } from "../rule/program.ts";
import { configOfImage } from "./image-config.ts";
import { entriesOf, writeJson } from "./layer-programs.ts";
import { plainTarOf } from "./plain-tar.ts";

/** Arguments: the layout, the architecture, and the outputs: the config, an index of that image. */
export async function chooseImage(args: readonly string[], context: ProgramContext): Promise<void> {
  const [layout, architecture, config, index] = args;
  if (layout === undefined || architecture === undefined) throw new Error("bug: too few arguments");
  if (config === undefined || index === undefined) throw new Error("bug: too few arguments");
  const image = await readImage(layout, architecture, context);
  writeJson(context.resolve(config), configOfImage(image.config));
  const isComplete = Array.isArray(image.config["history"]) || image.layers.length === 0;
  const annotations = isComplete ? {} : { annotations: { [historyName]: "missing" } };
  const manifests = [{ ...image.descriptor, ...annotations }];
  writeJson(context.resolve(index), { schemaVersion: 2, manifests });
}

/** Buildah can keep no layers of what is built on an image that does not tell how it was made. */
const historyName = "kraft-graph.history";

/**
 * Arguments: the layout, the architecture, the outputs: the tree as tar, the config; the time of
 * what was made, and the layouts of the images that it was made on, whose files keep their times.
 */
export async function takeImage(args: readonly string[], context: ProgramContext): Promise<void> {
  const [layout, architecture, tree, config, mtime, ...bases] = args;
  if (layout === undefined || architecture === undefined) throw new Error("bug: too few arguments");
  if (tree === undefined || config === undefined) throw new Error("bug: too few arguments");
  const image = await readImage(layout, architecture, context);
  writeJson(context.resolve(config), configOfImage(image.config));
  const known = new Set<string>();
  for (const base of bases) {
    for (const one of diffIdsOf(await readImage(base, architecture, context))) known.add(one);
  }
  const ids = diffIdsOf(image);
  const firstOwn = ids.findIndex((id) => !known.has(id));
  const kept = firstOwn === -1 ? ids.length : firstOwn;
  await flattenInto(context.resolve(tree), image, { kept, mtime: Number(mtime), context });
}

async function readImage(
  layout: string,
  architecture: string,
  { resolve, signal }: ProgramContext,
): Promise<LayoutImage> {
  try {
    return await findImage(resolve(layout), { architecture }, signal);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ProgramError(`the image ${layout} cannot be read: ${error.message}`);
  }
}

/** Digests of its layers as plain tar. Source: OCI image-spec, "Image Configuration". */
function diffIdsOf({ config, layers }: LayoutImage): readonly string[] {
  const { rootfs } = config as { readonly rootfs?: { readonly diff_ids?: unknown } };
  const ids = rootfs?.diff_ids;
  const isList = Array.isArray(ids) && ids.length === layers.length;
  return isList ? ids.map(String) : layers;
}

interface Flattening {
  /** How many of the layers are those of a base. */
  readonly kept: number;
  readonly mtime: number;
  readonly context: ProgramContext;
}

async function flattenInto(
  output: string,
  { layers }: LayoutImage,
  { kept, mtime, context: { root, signal } }: Flattening,
): Promise<void> {
  const scratch = mkdtempSync(join(root, ".image-"));
  const archives: ArchiveBytes[] = [];
  try {
    const tree = new FileTree();
    const old = new Set<TreeNode>();
    for (const [i, path] of layers.entries()) {
      if (i === kept) for (const { node } of tree.walk()) old.add(node);
      const plain = await plainTarOf(path, join(scratch, String(i)), signal);
      const archive = openArchive(plain, path.split("/").at(-1) ?? path);
      archives.push(archive);
      applyLayer(tree, archive);
    }
    if (kept < layers.length) setTimes(tree.root, { mtime, old, done: new Map() });
    await writePieces(output, packLayer(entriesOf(tree)), signal);
  } catch (error) {
    throw error instanceof FormatError ? new ProgramError(error.message) : error;
  } finally {
    for (const archive of archives) archive.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Times {
  readonly mtime: number;
  /** What keeps its time. */
  readonly old: ReadonlySet<TreeNode>;
  /** What was changed, as hard links are one node. */
  readonly done: Map<TreeNode, TreeNode>;
}

/** A clock was read where these were made; the tree is to be the same whenever that was. */
function setTimes(directory: DirectoryNode, times: Times): void {
  const { mtime, old, done } = times;
  for (const [name, node] of directory.children) {
    if (node.kind === "directory") setTimes(node, times);
    if (old.has(node)) continue;
    const changed = done.get(node) ?? { ...node, mtime };
    done.set(node, changed);
    directory.children.set(name, changed);
  }
}
