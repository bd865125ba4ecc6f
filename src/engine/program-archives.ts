// Archives for the programs of rule sets. Loaded when one is met.

import { ProgramError } from "../rule/program.ts";

/** Unpacks for programs of rule sets, which know one kind of error. */
export async function unpackFor(archive: string, into: string, signal: AbortSignal): Promise<void> {
  const { unpack } = await import("../fetch/unpack.ts");
  const { FetchError } = await import("../fetch/fetch-error.ts");
  try {
    await unpack(archive, undefined, into, { strip: "single", signal });
  } catch (error) {
    throw error instanceof FetchError ? new ProgramError(error.message) : error;
  }
}

/** The same for what is compressed, whatever is inside. */
export async function decompressFor(
  file: string,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  const { decompressTo } = await import("../fetch/decompress-to.ts");
  const { FetchError } = await import("../fetch/fetch-error.ts");
  try {
    await decompressTo(file, into, signal);
  } catch (error) {
    throw error instanceof FetchError ? new ProgramError(error.message) : error;
  }
}
