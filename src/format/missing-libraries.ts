// Programs of a tree that cannot start in it, as something that they need is not there.

import { type ElfFile, readElf } from "./elf.ts";
import type { FileNode, FileTree } from "./file-tree.ts";
import { FormatError, readableName } from "./format-error.ts";

/** A program or library, and what it lacks. */
export interface MissingLibraries {
  /** As people read it. */
  readonly path: string;
  /** The program that is to start it, where that is not there. */
  readonly interpreter?: string;
  /** Names of libraries that are nowhere in the tree. */
  readonly libraries: readonly string[];
}

/**
 * What the programs of `tree` lack, and the libraries that they need, by path. Only what is nowhere in the
 * tree counts as missing: a program may be told by its environment where to look.
 */
export function missingLibrariesOf(tree: FileTree): MissingLibraries[] {
  const files = filesOf(tree);
  const names = new Map(
    [...files].map(([path, file]) => [baseName(path), { path, file }] as const),
  );
  const found: MissingLibraries[] = [];
  const seen = new Set<FileNode>();
  const waiting: Candidate[] = [...files]
    .filter(([, { mode }]) => (mode & 0o111) !== 0)
    .map(([path, file]) => ({ path, file, isNeeded: false }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path, file, isNeeded } = next;
    const elf = seen.has(file) ? undefined : elfOf(path, file);
    // Libraries count when a program needs them: plugins often lack what nobody uses.
    if (elf === undefined || (elf.interpreter === undefined && !isNeeded)) continue;
    seen.add(file);
    const needed = elf.dynamic?.needed ?? [];
    const libraries = needed.filter((name) => !names.has(baseName(name)));
    for (const name of needed) {
      const library = names.get(baseName(name));
      if (library !== undefined) waiting.push({ ...library, isNeeded: true });
    }
    const interpreter = missingInterpreter(elf, tree);
    if (libraries.length === 0 && interpreter === undefined) continue;
    const shown = readableName(Buffer.from(path, "latin1"));
    found.push({ path: shown, libraries, ...(interpreter !== undefined && { interpreter }) });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `missing` as a line for people. */
export function describeMissing({ path, interpreter, libraries }: MissingLibraries): string {
  const parts = [...(interpreter === undefined ? [] : [interpreter]), ...libraries];
  return `${path} needs ${parts.join(", ")}, which the root file system lacks`;
}

interface Candidate {
  readonly path: string;
  readonly file: FileNode;
  /** Whether a program needs it. */
  readonly isNeeded: boolean;
}

/** The files of `tree` by path, each byte a character, and by those of symbolic links to them. */
function filesOf(tree: FileTree): Map<string, FileNode> {
  const files = new Map<string, FileNode>();
  for (const { path, node } of tree.walk()) {
    const file = node.kind === "symlink" ? tree.follow(path) : node;
    if (file?.kind === "file") files.set(path.toString("latin1"), file);
  }
  return files;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function missingInterpreter({ interpreter }: ElfFile, tree: FileTree): string | undefined {
  if (interpreter === undefined || interpreter === "") return undefined;
  const isThere = tree.follow(Buffer.from(interpreter, "latin1"))?.kind === "file";
  return isThere ? undefined : interpreter;
}

/** `file` as ELF; undefined for what is none, or damaged, which is not for us to say. */
function elfOf(path: string, { content }: FileNode): ElfFile | undefined {
  const { sizeBytes } = content;
  const read = (offset: number, length: number): Buffer => {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const piece of content.read()) {
      const [from, to] = [Math.max(0, offset - at), offset + length - at];
      if (from < piece.byteLength && to > 0) parts.push(Buffer.from(piece.subarray(from, to)));
      at += piece.byteLength;
      if (at >= offset + length) break;
    }
    return Buffer.concat(parts);
  };
  try {
    return readElf({ path, sizeBytes, read });
  } catch (error) {
    if (error instanceof FormatError || error instanceof RangeError) return undefined;
    throw error;
  }
}
