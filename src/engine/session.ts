// Builds of one request, one after the other. Each does what it takes after what changed.

import type { Changes } from "../watch/change-batch.ts";
import { type DirectoryWatch, FollowedPaths } from "../watch/followed-paths.ts";
import type { PathChange } from "../watch/follower.ts";
import { nodeDisk } from "../workspace/disk.ts";
import { type BuildRequest, type BuildResult, type Outcome, tellBuild } from "./build.ts";
import { Carrying, type Round } from "./carrying.ts";
import { followingDisk } from "./following-disk.ts";
import { begin, sealing } from "./fresh-build.ts";

/** One build of a session. */
export interface SessionBuild extends Round {
  /** What is to be looked at; absent: everything. */
  readonly changes?: Changes;
}

/** Builds again and again. Everything is watched before it is looked at. */
export class Session {
  readonly #request: BuildRequest;
  readonly #watch: DirectoryWatch;
  /** All that builds depended on since the last one that began anew. */
  #followed: FollowedPaths;
  /** What is looked at to plan anew. */
  #following: FollowedPaths | undefined;
  /** The plan, and what has become of it; undefined when there is none that holds. */
  #carrying: Carrying | undefined;

  constructor(request: BuildRequest, watch: DirectoryWatch) {
    this.#request = request;
    this.#watch = watch;
    this.#followed = new FollowedPaths(watch);
  }

  /** What the next build depends on, as far as is known. */
  get followed(): FollowedPaths {
    return this.#followed;
  }

  /** Whether `change` is of something that was looked at. */
  isTouchedBy(change: PathChange): boolean {
    return this.#followed.isTouchedBy(change) || this.#following?.isTouchedBy(change) === true;
  }

  /** Whether a build could come to anything else after `changes`. */
  isReachedBy(changes: Changes): boolean {
    if (changes.kind === "unknown" || this.#carrying === undefined) return true;
    const all = this.#followed.withLinks(changes.changes);
    return this.#carrying.isOutdatedBy(all) || this.#carrying.isReachedBy(all);
  }

  /** Whether a build that runs is for nothing after `changes`. */
  isOverturnedBy(changes: Changes): boolean {
    if (changes.kind === "unknown" || this.#carrying === undefined) return true;
    return this.#carrying.isOverturnedBy(this.#followed.withLinks(changes.changes));
  }

  /** Builds what is not as it was. Throws a StoreError. */
  build(build: SessionBuild): Promise<BuildResult> {
    const { listen, signal } = build;
    const request = { ...this.#request, listen, signal };
    return tellBuild(request, () => sealing(request, () => this.#build(build, request)));
  }

  /** Ends all that runs. Throws a StoreError. */
  async close(): Promise<void> {
    const carrying = this.#carrying;
    this.#carrying = undefined;
    await carrying?.close();
  }

  async #build({ changes }: SessionBuild, request: BuildRequest): Promise<Outcome> {
    const kept = changes?.kind === "paths" ? this.#carrying : undefined;
    const all = changes?.kind === "paths" ? this.#followed.lookAgain(changes.changes) : [];
    if (kept === undefined || kept.isOutdatedBy(all)) return this.#buildAnew(request);
    kept.touch(all);
    return this.#carryOut(kept, request);
  }

  async #buildAnew(request: BuildRequest): Promise<Outcome> {
    await this.close();
    const following = new FollowedPaths(this.#watch);
    this.#following = following;
    const begun = await begin({
      ...request,
      follower: following,
      disk: followingDisk(request.disk ?? nodeDisk, following),
    });
    // What was not looked at as yet will be, and then as it is.
    this.#followed = following;
    this.#following = undefined;
    if (!(begun instanceof Carrying)) return begun;
    this.#carrying = begun;
    const outcome = await this.#carryOut(begun, request);
    begun.remember(outcome);
    begun.release();
    return outcome;
  }

  async #carryOut(carrying: Carrying, round: Round): Promise<Outcome> {
    try {
      return await carrying.carryOut(round);
    } finally {
      for (const path of carrying.toolPaths()) this.#followed.followPath(path);
      carrying.endRound();
    }
  }
}
