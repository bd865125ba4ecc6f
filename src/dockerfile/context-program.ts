// The program that packs what a Dockerfile may read of its build context. Knows no action.

import type { ExecPath } from "../action/action.ts";
import { writePieces } from "../format/file-content.ts";
import { FileTree } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { packLayer } from "../layer/pack-layer.ts";
import { type ProgramContext, ProgramError } from "../rule/program.ts";
import { contextTree } from "./context-tree.ts";
import { cleaned } from "./ignore-patterns.ts";
import { entriesOf } from "./layer-programs.ts";
import { hasWildcard, matchesGlob, withoutEscapes } from "./pattern.ts";

/** What is to be packed. */
export interface ContextWork {
  readonly context: ExecPath;
  readonly ignoreFile?: ExecPath;
  /** Paths in the context, or patterns of them. */
  readonly sources: readonly string[];
  /** Those that come with the directories above them. */
  readonly withParents: readonly string[];
  readonly mtime: number;
  readonly output: ExecPath;
}

/** Carries out the {@link ContextWork} that the first argument is, as JSON. */
export async function packContext(args: readonly string[], context: ProgramContext): Promise<void> {
  const [json] = args;
  if (json === undefined) throw new Error("bug: the work is missing");
  const work = JSON.parse(json) as ContextWork;
  try {
    const tree = treeOf(work, context);
    await writePieces(context.resolve(work.output), packLayer(entriesOf(tree)), context.signal);
  } catch (error) {
    throw error instanceof FormatError ? new ProgramError(error.message) : error;
  }
}

/** Directories last that hold others: they know what a file is, where its own path is a link. */
function treeOf(work: ContextWork, context: ProgramContext): FileTree {
  const whole = new FileTree();
  const { context: directory, ignoreFile, mtime } = work;
  const shared = {
    kind: "context",
    context: directory,
    ...(ignoreFile && { ignoreFile }),
  } as const;
  const add = (tree: FileTree): void => {
    for (const { path: at, node } of tree.walk()) {
      whole.set(at, node.kind === "directory" ? { ...node, children: new Map() } : node);
    }
  };
  for (const path of work.withParents) {
    add(contextTree({ ...shared, path, keepsParents: true }, context, mtime));
  }
  const deepestFirst = [...work.sources].sort((a, b) => depthOf(b) - depthOf(a));
  for (const path of deepestFirst) {
    const tree = contextTree({ ...shared, path }, context, mtime);
    dropOthers(tree, path);
    add(tree);
  }
  return whole;
}

function depthOf(path: string): number {
  return cleaned(path).split("/").length;
}

/** Of a directory that is an input for a pattern of names in it, only these count. */
function dropOthers(tree: FileTree, path: string): void {
  const names = cleaned(path).split("/");
  const wild = names.findIndex(hasWildcard);
  const pattern = names[wild];
  if (wild === -1 || pattern === undefined || wild < names.length - 1) return;
  const directory = tree.get(Buffer.from(names.slice(0, wild).map(withoutEscapes).join("/")));
  if (directory?.kind !== "directory") return;
  for (const name of directory.children.keys()) {
    const isWanted = matchesGlob(pattern, Buffer.from(name, "latin1").toString()) === true;
    if (!isWanted) directory.children.delete(name);
  }
}
