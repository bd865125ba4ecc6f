// What a kernel is made of. Makes nothing.

import type { ExecPath } from "../../src/index.ts";
import { fixedRoot, seen } from "./expand/layout.ts";
import type { ImageSpec } from "./project.ts";
import type { Staging } from "./staging.ts";

/** All that making a kernel depends on; paths are those of the graph. */
export interface KernelImage {
  readonly spec: ImageSpec;
  readonly staging: Staging;
  readonly config: ExecPath;
  /** See `noteCall`. */
  readonly call: ExecPath;
  readonly kernel: ExecPath;
  readonly debug: ExecPath;
  readonly initrd: ExecPath | undefined;
  /** The directory of all that is made. */
  readonly build: ExecPath;
  readonly name: string;
  readonly sourceDateEpoch: number;
}

/** Options name files below the fixed root, wherever the input root really is. */
export const localConfig = `sed "s|=\\"${fixedRoot}/|=\\"$root/|" config > ${seen.config}`;
