// Images for urunc: a kernel, its root file system, /urunc.json, and what the image says.

import {
  type ExecPath,
  FileTree,
  FormatError,
  type Program,
  ProgramError,
  uruncJsonOf,
  uruncJsonPath,
  writeContainerImage,
} from "../../../src/index.ts";
import { type Copy, copyInto, textEntry } from "./copy.ts";

/** What to put into an image, as rules write it. */
export interface ImageRequest {
  /** As Go names it. */
  readonly architecture: string;
  /** Seconds since 1970; 0: the image does not say when it was made. */
  readonly sourceDateEpoch: number;
  /** A layer each, the lowest first; /urunc.json comes on top. */
  readonly copies: readonly Copy[];
  /** Of the manifest, and of /urunc.json. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env: readonly string[];
}

/** Writes an OCI image layout. Arguments: its directory, and an {@link ImageRequest} as JSON. */
export const imageProgram: Program = {
  name: "image",
  version: 1,
  run: async ([output, json], { resolve, signal }) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const { copies, sourceDateEpoch, ...image } = JSON.parse(json) as ImageRequest;
    const options = { resolve: (path: ExecPath) => resolve(path), mtime: sourceDateEpoch };
    const tree = new FileTree();
    try {
      const layers = copies.map((copy) => copyInto(tree, copy, options));
      const about = uruncJsonOf(image.annotations);
      const top = [textEntry(uruncJsonPath.slice(1), about, sourceDateEpoch)];
      const created = sourceDateEpoch > 0 ? { created: sourceDateEpoch } : {};
      const spec = { ...image, ...created, layers: [...layers, top] };
      await writeContainerImage(resolve(output), spec, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packed: ${error.message}`);
    }
  },
};
