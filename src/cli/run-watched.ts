// Boots an image, and again each time that another one was built. Knows no file system events.

import { statSync } from "node:fs";
import { join } from "node:path";

import type { BuildResult } from "../engine/build.ts";
import type { WatchRequest } from "../engine/watch.ts";
import { watchTargets } from "../engine/watch.ts";
import { bootImage } from "./boot-image.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import type { MachineOptions } from "./machine-options.ts";

type Built = Extract<BuildResult, { kind: "built" }>;
type Options = Extract<MachineOptions, { kind: "options" }>;

/** Builds and boots until the user interrupts; gives the exit code. */
export async function runWatched(
  request: WatchRequest,
  options: Options,
  context: KraftContext,
): Promise<number> {
  const machine = new WatchedMachine(options, context);
  const ended = (result: BuildResult): void => {
    // After a failure, what runs is what was there last.
    if (result.kind === "built") machine.take(result);
  };
  try {
    await watchTargets({ ...request, ended });
  } finally {
    await machine.stop();
  }
  return exitCodes.interrupted;
}

/** At most one machine at a time, with the image that was built last. */
class WatchedMachine {
  readonly #options: Options;
  readonly #context: KraftContext;
  #image: string | undefined;
  #running: AbortController | undefined;
  /** Ends when the machine has, and with it what the next one could run into, such as its ports. */
  #over: Promise<void> = Promise.resolve();

  constructor(options: Options, context: KraftContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Boots what `built` has, unless that was booted already. */
  take(built: Built): void {
    const image = imageOf(built);
    if (image === this.#image) return;
    if (this.#image !== undefined) {
      this.#context.stderr.write("note: the image changed: the machine starts again\n");
    }
    this.#image = image;
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const before = this.#over;
    this.#over = before.then(() => this.#boot(built, running.signal));
  }

  /** Stops the machine, and waits for its end. */
  async stop(): Promise<void> {
    this.#running?.abort();
    await this.#over;
  }

  async #boot(built: Built, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { stderr } = this.#context;
    try {
      const code = await bootImage(built, this.#options, { ...this.#context, signal });
      if (signal.aborted) return;
      stderr.write(
        `note: the machine ended with ${code}; it starts again when its image changes\n`,
      );
    } catch (error) {
      // Its files may have been replaced in this very moment, and then another one is on its way.
      if (!signal.aborted) throw error;
    }
  }
}

/** A text that differs when a machine that is booted would be another one. */
function imageOf({ root, results }: Built): string {
  return JSON.stringify(
    [...results.values()].flatMap(({ machine }) => {
      if (machine === undefined) return [];
      const { kernel, initrd, config, images = [] } = machine;
      const files = [
        kernel,
        initrd ?? [],
        config ?? [],
        images.map((image) => image.config),
      ].flat();
      return [machine, ...files.map((path) => stampOf(join(root, path)))];
    }),
  );
}

/** Outputs are links to blobs, of which each has its own file. */
function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
