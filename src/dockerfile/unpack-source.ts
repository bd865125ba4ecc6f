// ADD of an archive: what is in it comes in its place.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { openArchive } from "../format/archive-bytes.ts";
import { writePieces } from "../format/file-content.ts";
import type { FileNode, TreeNode } from "../format/file-tree.ts";
import { treeOfTar } from "../format/tar-tree.ts";
import type { CopyRequest } from "../layer/copy.ts";
import type { LayerDraft } from "../layer/layer-draft.ts";
import type { ProgramContext } from "../rule/program.ts";
import { compressionOf, headOf, isTar, plainTarOf } from "./plain-tar.ts";

interface UnpackRequest extends Pick<CopyRequest, "destination" | "directoryMode" | "owner"> {
  readonly context: ProgramContext;
  /** Gets what is to be called once the layer is written. */
  readonly open: (() => void)[];
}

/** Unpacks `node` into `draft` if it is an archive, and says whether it is. */
export async function unpackInto(
  draft: LayerDraft,
  node: FileNode,
  { destination, owner, context, open }: UnpackRequest,
): Promise<boolean> {
  const [first = Buffer.alloc(0)] = node.content.read();
  if (compressionOf(Buffer.from(first.subarray(0, blockBytes))) === undefined) return false;
  const scratch = mkdtempSync(join(context.root, ".unpack-"));
  open.push(() => rmSync(scratch, { recursive: true, force: true }));
  const packed = join(scratch, "packed");
  await writePieces(packed, node.content.read(), context.signal);
  const plain = await plainTarOf(packed, join(scratch, "plain"), context.signal);
  // What is compressed need not be an archive.
  if (!isTar(headOf(plain))) return false;
  const archive = openArchive(plain, "the archive");
  open.push(archive.close);
  const base = draft.realPath(destination);
  draft.makeDirectories(base, { owner: owner ?? root, mode: 0o755 });
  const files = new Map<TreeNode, TreeNode>();
  for (const { path, node: inner } of treeOfTar(archive).walk()) {
    // Names of one file stay so.
    const changed = files.get(inner) ?? { ...inner, ...owner };
    files.set(inner, changed);
    put(draft, `${base}/${path.toString("latin1")}`, changed);
  }
  return true;
}

const blockBytes = 512;
const root = { uid: 0, gid: 0 };

function put(draft: LayerDraft, path: string, node: TreeNode): void {
  const end = path.lastIndexOf("/");
  const parent = draft.realPath(path.slice(0, end));
  draft.makeDirectories(parent, { owner: root, mode: 0o755 });
  const name = path.slice(end + 1);
  draft.put(parent === "" ? name : `${parent}/${name}`, node);
}
