// The files in a container image, for programs that copy some of them.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import {
  type ExecPath,
  type FileTree,
  type ProgramContext,
  applyLayers,
  findImage,
  plainTarOf,
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
      plain.push(await plainTarOf(layer, to, signal));
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
