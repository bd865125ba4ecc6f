// Which builds use the store right now, so that garbage collection spares what they use.
// Knows no blob.

import { statSync } from "node:fs";
import { join } from "node:path";

import type { Host } from "../base/host.ts";
import { identityOf, isComparable, readIfThere } from "./process-identity.ts";
import { namesIn } from "./store-census.ts";
import { type Temporary, makeDirectory } from "./temporary.ts";
import { removeFile, writeWhole } from "./whole-file.ts";

/** A build that is under way. */
export interface LiveBuild {
  /** Says that it is over. A build that was killed cannot, and is found out by its process. */
  end(): void;
}

/**
 * The builds that use one store: a file `running/<process id>-<start>-<n>` each, which tells the
 * process from a later one with the same id.
 */
export class LiveBuilds {
  readonly #directory: string;
  readonly #temporary: Temporary;
  readonly #host: Pick<Host, "epochMs" | "processId">;
  #begun = 0;

  constructor(directory: string, temporary: Temporary, host: Pick<Host, "epochMs" | "processId">) {
    makeDirectory(directory);
    this.#directory = directory;
    this.#temporary = temporary;
    this.#host = host;
  }

  /** From now on, nothing that is used is collected. Throws a StoreError. */
  begin(): LiveBuild {
    const { processId, epochMs } = this.#host;
    const path = join(this.#directory, `${processId}-${epochMs()}-${this.#begun++}`);
    writeWhole(this.#temporary, path, Buffer.from(identityOf(processId)));
    return { end: () => void removeFile(path) };
  }

  /**
   * When the oldest live build began, in milliseconds since 1970; undefined when there is none.
   * Forgets builds whose process is gone.
   */
  oldestStartMs(): number | undefined {
    let oldest: number | undefined;
    for (const name of namesIn(this.#directory)) {
      const startMs = Number(name.split("-")[1]);
      if (!Number.isFinite(startMs)) continue;
      if (this.#isLive(name)) oldest = Math.min(oldest ?? startMs, startMs);
      else removeFile(join(this.#directory, name));
    }
    return oldest;
  }

  #isLive(name: string): boolean {
    const path = join(this.#directory, name);
    const identity = readIfThere(path);
    if (identity === undefined) return false;
    const [processId = ""] = name.split("-");
    const here = identityOf(Number(processId));
    if (isComparable(identity, here)) return identity === here;
    // Another machine, container or boot: not ours to ask, so it gets the benefit of the doubt.
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && this.#host.epochMs() - stats.mtimeMs < doubtMs;
  }
}

/** How long a build is believed to go on whose process cannot be asked after. */
const doubtMs = 86_400_000;
