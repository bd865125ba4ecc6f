// Output directories laid down on disk, so that actions can be given them. Knows no action.

import { existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

import type { TreeNode } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { splitDigest } from "../digest/digest.ts";
import { removeTree } from "../sandbox/remove-tree.ts";
import type { Cas } from "../store/cas.ts";
import { errorCode, writeError } from "../store/store-error.ts";
import { materialize } from "../store/tree-layout.ts";

/** How long a directory stays that no build uses, in milliseconds. */
const maxAgeMs = 7 * 24 * 3600 * 1000;

/** Directories by what is in them. Any number of builds may share them. */
export class TreeDirectories {
  readonly #directory: string;
  readonly #cas: Cas;
  readonly #host: Pick<Host, "epochMs" | "processId">;

  /** In the absolute `directory`, which is made when missing. */
  constructor(directory: string, cas: Cas, host: Pick<Host, "epochMs" | "processId">) {
    this.#directory = directory;
    this.#cas = cas;
    this.#host = host;
  }

  /** A directory with what is in `tree`; undefined when a blob is gone. Throws a StoreError. */
  directoryOf(tree: TreeNode): string | undefined {
    // The tree is inside, as its own mtime is part of what actions see, and this one's tells age.
    const holder = join(this.#directory, splitDigest(tree.root).hash);
    if (!this.#isThere(holder) && !this.#layDown(tree, holder)) return undefined;
    return join(holder, "tree");
  }

  /** Removes what no build has used for long. */
  prune(): void {
    if (!existsSync(this.#directory)) return;
    const sinceMs = this.#host.epochMs() - maxAgeMs;
    for (const name of readdirSync(this.#directory)) {
      const path = join(this.#directory, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined && stats.mtimeMs < sinceMs) removeTree(path);
    }
  }

  #isThere(holder: string): boolean {
    const nowSeconds = this.#host.epochMs() / 1000;
    try {
      utimesSync(holder, nowSeconds, nowSeconds);
      return true;
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return false;
      throw writeError(cause, holder);
    }
  }

  /** False when a blob is gone. */
  #layDown(tree: TreeNode, holder: string): boolean {
    const draft = `${holder}.${this.#host.processId}`;
    try {
      removeTree(draft);
      mkdirSync(draft, { recursive: true });
      const isWhole = materialize(tree, join(draft, "tree"), this.#cas).kind === "whole";
      if (isWhole) renameSync(draft, holder);
      else removeTree(draft);
      return isWhole;
    } catch (cause) {
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(cause) ?? "")) throw writeError(cause, draft);
      removeTree(draft); // Another build has just made it, and theirs is as good.
      return true;
    }
  }
}
