// The directory of one build, with a place for each of its programs. Starts nothing.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";

import type { Host } from "../base/host.ts";
import { makeBuildDirectory, removeDeadBuilds } from "./build-directory.ts";
import { removeTree } from "./remove-tree.ts";
import { type RunPlace, makeRunPlace, moveRunPlace, moveTree, pruneKept } from "./run-place.ts";
import { type Stage, type StageRequest, type Staged, openStage, stageInputs } from "./stage.ts";

/** Whether each program has an input root of its own, and whether that one is closed. */
export type StageForm = "shared" | "links" | "closed";

/** Where programs find their input roots. The directory is made when it is first needed. */
export class BuildPlaces {
  readonly #directory: string;
  readonly #host: Pick<Host, "processId" | "epochMs" | "kill">;
  readonly #kept: string;
  #build: string | undefined;
  #shared: Stage | undefined;
  #isSharedKept = false;
  #count = 0;

  /** Below `directory`, from which what builds left that are dead is removed. */
  constructor(directory: string, host: Pick<Host, "processId" | "epochMs" | "kill">) {
    this.#directory = join(directory, "builds");
    this.#kept = join(directory, "kept");
    this.#host = host;
    removeDeadBuilds(this.#directory, host);
  }

  /** The directory of this build. */
  build(): string {
    this.#build ??= makeBuildDirectory(this.#directory, this.#host);
    return this.#build;
  }

  /** A place that no other program has. */
  make(form: StageForm): RunPlace {
    const directory = join(this.build(), String(this.#count++));
    return makeRunPlace(directory, form === "shared" ? join(this.build(), "shared") : undefined);
  }

  /** Makes the input root of `place`. Throws a MissingInputError or a StoreError. */
  stage({ root }: RunPlace, request: StageRequest, form: StageForm): Staged {
    if (form !== "shared") return stageInputs(root, request, { isClosed: form === "closed" });
    this.#shared ??= openStage(root, { isClosed: false });
    return this.#shared.add(request);
  }

  /** Moves `place` to where it outlives the build; a shared input root follows at the end. */
  keep(place: RunPlace, form: StageForm): RunPlace {
    const build = basename(this.build());
    const directory = join(this.#kept, `${build}-${basename(place.directory)}`);
    const isShared = form === "shared";
    if (isShared) this.#isSharedKept = true;
    const moved = moveRunPlace(place, directory, isShared ? this.#keptShared(build) : undefined);
    pruneKept(this.#kept);
    return moved;
  }

  /** Removes what was not kept. */
  close(): void {
    const build = this.#build;
    this.#build = undefined;
    if (build === undefined) return;
    const shared = join(build, "shared");
    if (this.#isSharedKept && existsSync(shared)) {
      moveTree(shared, this.#keptShared(basename(build)));
    }
    removeTree(build);
  }

  #keptShared(build: string): string {
    return join(this.#kept, `${build}-shared`);
  }
}
