// The directory of one build, with a place for each of its programs. Starts nothing.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { pathBelow } from "../base/path-below.ts";
import type { Host } from "../base/host.ts";
import { makeBuildDirectory, removeDeadBuilds } from "./build-directory.ts";
import type { DirectoryEntries } from "./input-tree.ts";
import { removeTree } from "./remove-tree.ts";
import {
  type Calm,
  type RunPlace,
  emptyRunPlace,
  emptyTemporary,
  makeRunPlace,
  moveRunPlace,
  moveTree,
  pruneKept,
} from "./run-place.ts";
import { SharedCopies } from "./shared-copies.ts";
import type { StagedInput } from "./staged-input.ts";
import { type Stage, type StageRequest, type Staged, openStage, stageInputs } from "./stage.ts";

/** Whether each program has an input root of its own, and whether that one is closed. */
export type StageForm = "shared" | "links" | "closed";

/** What it needs of the world. */
interface PlacesHost extends Pick<Host, "now" | "processId" | "epochMs" | "kill"> {
  /** Hears of a place that nobody gets any more. */
  readonly gone: (place: RunPlace) => void;
}

/** How many places there are before one is made into one for other directories. */
const manyPlaces = 16;

/** Where programs find their input roots. The directory is made when it is first needed. */
export class BuildPlaces {
  readonly #directory: string;
  readonly #workspace: string | undefined;
  readonly #host: PlacesHost;
  readonly #kept: string;
  #build: string | undefined;
  #shared: Stage | undefined;
  #isSharedKept = false;
  /** Since when each is in use, by the clock of processes. */
  readonly #used = new Map<RunPlace, number>();
  readonly #free: RunPlace[] = [];
  /** Directories in the input roots of free places. */
  readonly #spare = new Map<RunPlace, readonly ExecPath[]>();
  readonly #copies: SharedCopies;
  readonly #calm = new Map<RunPlace, Calm>();
  /** What each was last used for. */
  readonly #shapes = new Map<RunPlace, string>();
  #count = 0;

  /** Below `directory`, from which what builds left that are dead is removed. */
  constructor(directory: string, workspace: string | undefined, host: PlacesHost) {
    this.#directory = join(directory, "builds");
    this.#workspace = workspace;
    this.#kept = join(directory, "kept");
    this.#host = host;
    this.#copies = new SharedCopies(() => join(this.build(), "copies"), host.epochMs);
    removeDeadBuilds(this.#directory, host);
  }

  /** The directory of this build. */
  build(): string {
    this.#build ??= makeBuildDirectory(this.#directory, this.#host);
    return this.#build;
  }

  /**
   * A place that no other program has at the same time, for one with these inputs: if there is
   * one, that of a program with the same directories, which are there then.
   */
  make(form: StageForm, inputs: readonly StagedInput[]): RunPlace {
    const isShared = form === "shared";
    const shared = pathBelow(this.build(), "shared");
    const shape = isShared ? "" : shapeOf(inputs);
    // One of the other sort has its input root elsewhere.
    const usable = this.#free.filter(({ root }) => (root === shared) === isShared);
    const like = usable.findLast((one) => this.#shapes.get(one) === shape);
    const free = like ?? (this.#shapes.size < manyPlaces ? undefined : usable[0]);
    if (free !== undefined) {
      this.#free.splice(this.#free.indexOf(free), 1);
      this.#shapes.set(free, shape);
      this.#used.set(free, this.#host.now());
      return free;
    }
    const directory = join(this.build(), String(this.#count++));
    const place = makeRunPlace(directory, isShared ? shared : undefined);
    this.#shapes.set(place, shape);
    this.#used.set(place, this.#host.now());
    return place;
  }

  /** Makes the input root of `place`. Throws a MissingInputError or a StoreError. */
  stage(place: RunPlace, request: StageRequest, form: StageForm): Staged {
    const { root } = place;
    if (form !== "shared") {
      const spare = this.#spare.get(place) ?? [];
      this.#spare.delete(place);
      return stageInputs(root, request, {
        isClosed: form === "closed",
        spare,
        copies: this.#copies,
      });
    }
    this.#shared ??= openStage(root, {
      isClosed: false,
      ...(this.#workspace !== undefined && { workspace: this.#workspace }),
    });
    return this.#shared.add(request);
  }

  /** Notes that the output `path` in the shared input root is now a link to the file `blob`. */
  stays(path: ExecPath, blob: string): void {
    this.#shared?.stays(path, blob);
  }

  /** See `Sandbox.moveOut`. */
  moveOut(path: ExecPath, entries: DirectoryEntries, destination: string): boolean {
    // What was kept is there to be looked at.
    if (this.#shared === undefined || this.#isSharedKept) return false;
    return this.#shared.moveOut(path, entries, destination);
  }

  /**
   * Gives `place` back, for another program or, when nothing was `staged`, to be removed. False
   * when it was given back before, or kept.
   */
  release(place: RunPlace, staged: Staged | undefined): boolean {
    const beganMs = this.#used.get(place);
    if (beganMs === undefined) return false;
    this.#used.delete(place);
    const { now } = this.#host;
    try {
      const calm = this.#calm.get(place);
      this.#calm.set(place, emptyTemporary(place, { calm, beganMs, now }));
      if (staged === undefined) throw new Error("there may be a part of an input root");
      this.#spare.set(
        place,
        emptyRunPlace(place, () => staged.directories()),
      );
      this.#free.push(place);
    } catch {
      // Such as a directory that nobody may read any more.
      this.#forget(place);
      removeTree(place.directory);
    }
    return true;
  }

  #forget(place: RunPlace): void {
    this.#calm.delete(place);
    this.#shapes.delete(place);
    this.#host.gone(place);
  }

  /** Moves `place` to where it outlives the build; a shared input root follows at the end. */
  keep(place: RunPlace, form: StageForm): RunPlace {
    this.#used.delete(place);
    this.#forget(place);
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
    this.#copies.clear();
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

/** Which directories there are among `inputs`. The two steps of compiling have others. */
function shapeOf(inputs: readonly StagedInput[]): string {
  return inputs.flatMap(({ kind, path }) => (kind === "directory" ? [path] : [])).join("\n");
}
