// A root file system as one CPIO archive, the same on every machine.

import {
  FormatError,
  type Program,
  type ProgramContext,
  ProgramError,
  archiveDirectory,
  archiveTar,
  hiddenNames,
  originOf,
  readableName,
  rewriteArchive,
} from "../../../src/index.ts";

/**
 * Packs a directory, a tar, or an archive that is there already, whose order, times and owners are then
 * those of all others. Arguments: `directory`, `tar` or `cpio`, the source, the output, the time of all
 * entries in seconds since 1970, the format, which is `cpio`.
 */
export const rootfsProgram: Program = {
  name: "rootfs",
  version: 1,
  run: async ([kind, source, output, mtime, format], context) => {
    if (source === undefined || output === undefined || format !== "cpio") {
      throw new Error("bug: the arguments are not those of a root file system");
    }
    try {
      const request = { source, output, mtime: Number(mtime) };
      if (kind === "directory") await packDirectory(request, context);
      else if (kind === "tar") await packTar(request, context);
      else await packArchive(request, context);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the root file system ${source} cannot be packed: ${error.message}`);
    }
  },
};

interface Request {
  readonly source: string;
  readonly output: string;
  readonly mtime: number;
}

function packDirectory({ source, output, mtime }: Request, context: ProgramContext): Promise<void> {
  const { resolve, signal } = context;
  const directory = originOf(resolve(source)) ?? resolve(source);
  return archiveDirectory(directory, resolve(output), { mtime, hidden: hiddenNames }, signal);
}

async function packTar(
  { source, output, mtime }: Request,
  { resolve, print, signal }: ProgramContext,
): Promise<void> {
  const skipped = await archiveTar(resolve(source), resolve(output), { mtime }, signal);
  tellSkipped(source, skipped, print);
}

async function packArchive(
  { source, output, mtime }: Request,
  { resolve, print, signal }: ProgramContext,
): Promise<void> {
  const skipped: string[] = [];
  const onSkipped = (path: Uint8Array): void => void skipped.push(readableName(path));
  const options = { mtime, path: source, onSkipped };
  await rewriteArchive(resolve(source), resolve(output), options, signal);
  tellSkipped(source, skipped, print);
}

function tellSkipped(source: string, skipped: string[], print: ProgramContext["print"]): void {
  if (skipped.length === 0) return;
  const names = skipped.sort().slice(0, shownNames).join(", ");
  const more = skipped.length > shownNames ? ` and ${skipped.length - shownNames} more` : "";
  print(`left out of ${source}, as Unikraft makes no devices: ${names}${more}`);
}

const shownNames = 5;
