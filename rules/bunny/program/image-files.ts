// The files in a container image, for programs that copy some of them.

import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import {
  type ExecPath,
  type FileTree,
  FormatError,
  type ProgramContext,
  applyLayers,
  findImage,
} from "../../../src/index.ts";

/** An image to copy from, as rules write it. */
export interface ImageFiles {
  /** Of an OCI layout with this image alone. */
  readonly layout: ExecPath;
  /** As Go names it. */
  readonly architecture: string;
}

/** The images of one run of a program, each opened once. */
export class OpenImages {
  readonly #context: Pick<ProgramContext, "root" | "resolve" | "signal">;
  readonly #scratch: string;
  readonly #trees = new Map<ExecPath, { readonly tree: FileTree; readonly close: () => void }>();

  constructor(context: Pick<ProgramContext, "root" | "resolve" | "signal">) {
    this.#context = context;
    this.#scratch = mkdtempSync(join(context.root, ".layers-"));
  }

  /** What is in `image`, laid over each other. Throws a FormatError. */
  async treeOf({ layout, architecture }: ImageFiles): Promise<FileTree> {
    const known = this.#trees.get(layout);
    if (known !== undefined) return known.tree;
    const { resolve, signal } = this.#context;
    const image = await findImage(resolve(layout), { architecture }, signal);
    const plain: string[] = [];
    for (const [i, layer] of image.layers.entries()) {
      const to = join(this.#scratch, `${this.#trees.size}-${i}`);
      plain.push(await plainTar(layer, to, signal));
    }
    const opened = applyLayers(plain);
    this.#trees.set(layout, opened);
    return opened.tree;
  }

  close(): void {
    for (const { close } of this.#trees.values()) close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** The layer `file` as a tar that can be read anywhere: itself, or `to`, where it is unpacked. */
async function plainTar(file: string, to: string, signal: AbortSignal): Promise<string> {
  const magic = beginningOf(file).toString("hex");
  if (magic === "28b52ffd") {
    throw new FormatError(
      file.split("/").at(-1) ?? file,
      "is a layer compressed by zstd, which cannot be read yet",
    );
  }
  if (!magic.startsWith("1f8b")) return file;
  try {
    await pipeline(createReadStream(file), createGunzip(), createWriteStream(to), { signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    throw new FormatError(file.split("/").at(-1) ?? file, `cannot be unpacked: ${error.message}`);
  }
  return to;
}

function beginningOf(file: string): Buffer {
  const bytes = Buffer.alloc(4);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, bytes, 0, 4, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
