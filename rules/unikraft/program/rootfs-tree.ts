// What a root file system is made from, as one tree.

import { statSync } from "node:fs";

import {
  FileTree,
  FormatError,
  type OpenTree,
  type ProgramContext,
  fileContent,
  hiddenNames,
  leftOutBy,
  openStack,
  openTree,
  rootMode,
} from "../../../src/index.ts";
import type { RootfsPart, RootfsRequest } from "./rootfs.ts";

/** The part that stands for the whole root file system; undefined when there are several, or none. */
export function wholeOf({ sources }: RootfsRequest): RootfsPart | undefined {
  const [part, ...others] = sources;
  return others.length === 0 && part?.at === "" ? part : undefined;
}

/** The tree that `request` asks for, of its sources, or of `layers` when it has none. */
export async function treeOf(
  request: RootfsRequest,
  layers: readonly string[],
  context: ProgramContext,
): Promise<OpenTree> {
  if (request.sources.length === 0) return openStack(layers.map(context.resolve));
  const whole = wholeOf(request);
  return whole === undefined ? gathered(request, context) : openPart(whole, request, context);
}

function openPart(part: RootfsPart, request: RootfsRequest, context: ProgramContext) {
  const { resolve, signal, decompress } = context;
  return openTree(resolve(part.path), {
    name: part.path,
    architecture: request.architecture,
    spool: `${resolve(request.output)}.plain`,
    decompress,
    signal,
    hidden: hiddenNames,
    isSealed: part.isSealed,
    isForRoot: request.owners === "root",
    ...(request.leftOut.length > 0 && { isLeftOut: leftOutBy(request.leftOut) }),
  });
}

/** A tree with each part at its own path: of a directory, all that is in it. */
function gathered({ sources, owners }: RootfsRequest, { resolve }: ProgramContext): OpenTree {
  const tree = new FileTree();
  for (const { path, at, isSealed } of sources) {
    const file = resolve(path);
    const stats = statSync(file);
    const own = stats.mode & 0o7777;
    const seen = owners === "root" ? rootMode(own) : own;
    const mode = isSealed ? ((own & 0o111) === 0 ? 0o644 : 0o755) : seen;
    const facts = { mode, uid: stats.uid, gid: stats.gid, mtime: 0 };
    if (!stats.isFile()) throw new FormatError(path, "is no file, and stands beside others");
    const content = { sizeBytes: stats.size, read: () => fileContent(file, stats.size) };
    tree.set(Buffer.from(at), { kind: "file", ...facts, content });
  }
  return { tree, close: () => undefined };
}
