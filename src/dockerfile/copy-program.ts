// The program that makes a layer by copying. Knows no action.

import { readFileSync } from "node:fs";
import { posix } from "node:path";

import { treeOfDirectory } from "../format/directory-tree.ts";
import { writePieces } from "../format/file-content.ts";
import { FileTree, type TreeNode } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import { ownerOf } from "../layer/account.ts";
import { parseChmod } from "../layer/chmod.ts";
import { copyInto, type CopyRequest } from "../layer/copy.ts";
import { openStack } from "../layer/layer.ts";
import { LayerDraft, type Owner } from "../layer/layer-draft.ts";
import { formatNames, layNamesOver, nameOfEntry } from "../layer/layer-names.ts";
import { packLayer } from "../layer/pack-layer.ts";
import { type ProgramContext, ProgramError } from "../rule/program.ts";
import { contextTree, rootOwned } from "./context-tree.ts";
import { ignorePatterns } from "./ignore-patterns.ts";
import { missingParent, parentsMatcher, parentsSource } from "./parents.ts";
import type { CopyChange, CopySource, CopyWork } from "./request.ts";
import { matchesIn } from "./source-paths.ts";
import { unpackInto } from "./unpack-source.ts";

/** Carries out the {@link CopyWork} that the first argument is, as JSON. */
export async function copyLayer(args: readonly string[], context: ProgramContext): Promise<void> {
  const [json] = args;
  if (json === undefined) throw new Error("bug: the work is missing");
  const work = JSON.parse(json) as CopyWork;
  const open: (() => void)[] = [];
  try {
    const below = new FileTree();
    for (const names of work.below)
      layNamesOver(below, readFileSync(context.resolve(names), "utf8"));
    const draft = new LayerDraft(below, work.mtime);
    await apply(work, draft, { context, open });
    const { entries } = draft;
    await writePieces(context.resolve(work.output.layer), packLayer(entries), context.signal);
    const lines = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    const names = formatNames(lines.map(([path, entry]) => nameOfEntry(path, entry)));
    await writePieces(context.resolve(work.output.names), [Buffer.from(names)], context.signal);
  } catch (error) {
    throw error instanceof FormatError ? new ProgramError(error.message) : error;
  } finally {
    for (const close of open) close();
  }
}

interface Running {
  readonly context: ProgramContext;
  /** What is to be closed in the end. */
  readonly open: (() => void)[];
}

async function apply(work: CopyWork, draft: LayerDraft, running: Running): Promise<void> {
  const { change } = work;
  const owner = accountOf(change.kind === "files" ? change.chown : change.owner, work, running);
  if (change.kind === "directory") {
    draft.makeDirectories(draft.realPath(bytesOf(change.path)), {
      owner: owner ?? root,
      mode: 0o755,
    });
    return;
  }
  const mode = change.chmod === undefined ? undefined : parseChmod(change.chmod);
  if (change.chmod !== undefined && mode === undefined) {
    throw new ProgramError(`--chmod=${change.chmod} is no mode`);
  }
  const isNumber = /^[0-7]+$/.test(change.chmod ?? "");
  const shared: Shared = {
    destination: bytesOf(change.destination),
    // Of the bits that are no permissions, BuildKit gives directories that it makes none.
    directoryMode: isNumber ? Number.parseInt(change.chmod ?? "", 8) & 0o777 : 0o755,
    ...(owner !== undefined && { owner }),
    ...(mode !== undefined && { mode }),
  };
  for (const source of change.sources)
    await copySource(source, { change, draft, shared, work }, running);
}

const root: Owner = { uid: 0, gid: 0 };

/** Names of trees have a character for each byte. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Absent: nobody was named. */
function accountOf(text: string | undefined, { accounts }: CopyWork, { context, open }: Running) {
  if (text === undefined || text === "") return undefined;
  const stack = openStack(accounts.map(context.resolve));
  open.push(stack.close);
  return ownerOf(text, stack.tree);
}

type Shared = Pick<CopyRequest, "destination" | "directoryMode" | "owner" | "mode">;

interface Copying {
  readonly change: CopyChange & { readonly kind: "files" };
  readonly draft: LayerDraft;
  readonly shared: Shared;
  readonly work: CopyWork;
}

async function copySource(source: CopySource, copying: Copying, running: Running): Promise<void> {
  const { change, draft, shared, work } = copying;
  const { tree, path } = await treeOf(source, work, running);
  const excluded = ignorePatterns(change.excluded);
  const keeps = (below: string): boolean =>
    !excluded.matches(Buffer.from(below, "latin1").toString());
  if (change.keepsParents) return copyWithParents(tree, path, { ...copying, keeps });
  for (const found of matchesIn(tree, path)) {
    const real = new LayerDraft(tree, 0).realPath(found);
    const node = tree.get(Buffer.from(real, "latin1"));
    if (change.unpacks && node?.kind === "file") {
      const isUnpacked = await unpackInto(draft, node, { ...shared, ...running });
      if (isUnpacked) continue;
    }
    const name = posix.basename(`/${found}`);
    copyInto(draft, { ...shared, tree, path: real, name, includes: keeps });
  }
}

/** What is before a `/./` stays behind, all else comes along. */
function copyWithParents(
  tree: FileTree,
  path: string,
  { draft, shared, keeps }: Copying & { readonly keeps: (below: string) => boolean },
): void {
  const source = parentsSource(path);
  const start = new LayerDraft(tree, 0).realPath(bytesOf(source.start));
  const isMeant = parentsMatcher(source);
  const includes = (below: string): boolean =>
    keeps(below) && isMeant(Buffer.from(below, "latin1").toString());
  const missing = missingParent(tree, start, source);
  if (missing !== undefined) throw new ProgramError(missing);
  const destination = shared.destination.endsWith("/")
    ? shared.destination
    : `${shared.destination}/`;
  copyInto(draft, { ...shared, destination, tree, path: start, name: "", includes });
}

interface FoundTree {
  readonly tree: FileTree;
  readonly path: string;
}

async function treeOf(source: CopySource, work: CopyWork, running: Running): Promise<FoundTree> {
  const { context, open } = running;
  switch (source.kind) {
    case "context":
      return { tree: contextTree(source, context, work.mtime), path: source.path };
    case "tree": {
      const stack = openStack(source.layers.map(context.resolve));
      open.push(stack.close);
      return { tree: stack.tree, path: source.path };
    }
    case "text": {
      const bytes = Buffer.from(source.text);
      const content = { sizeBytes: bytes.length, read: () => [bytes] };
      return { tree: treeWith(source.name, { ...plainFile(work), content }), path: source.name };
    }
    case "file": {
      const { fileContent } = await import("../format/file-content.ts");
      const { statSync } = await import("node:fs");
      const file = context.resolve(source.file);
      const sizeBytes = statSync(file).size;
      const content = { sizeBytes, read: () => fileContent(file, sizeBytes) };
      // Source: BuildKit: what came by HTTP is nobody else's to read.
      const node = { ...plainFile(work), mode: 0o600, content };
      return { tree: treeWith(source.name, node), path: source.name };
    }
    case "directory": {
      const hidden = new Set(source.keepsGitDirectory ? [] : [".git"]);
      const read = treeOfDirectory(context.resolve(source.directory), { hidden, isSealed: true });
      return { tree: rootOwned(read, work.mtime), path: "" };
    }
  }
}

function plainFile({ mtime }: CopyWork) {
  return { kind: "file", mode: 0o644, uid: 0, gid: 0, mtime } as const;
}

function treeWith(name: string, node: TreeNode): FileTree {
  const tree = new FileTree();
  tree.set(Buffer.from(name), node);
  return tree;
}
