// Builds of one request, one after the other, each with what is left of those before.

import type { Changes } from "../watch/change-batch.ts";
import { type DirectoryWatch, FollowedPaths } from "../watch/followed-paths.ts";
import type { PathChange } from "../watch/follower.ts";
import { nodeDisk } from "../workspace/disk.ts";
import { type BuildRequest, type BuildResult, tellBuild } from "./build.ts";
import type { Listen } from "./event.ts";
import { followingDisk } from "./following-disk.ts";
import { buildAnew } from "./fresh-build.ts";

/** One build of a session. */
export interface SessionBuild {
  /** What is to be looked at; absent: everything. */
  readonly changes?: Changes;
  readonly listen: Listen;
  readonly signal: AbortSignal;
}

/** Builds again and again. Everything is watched before it is looked at. */
export class Session {
  readonly #request: BuildRequest;
  readonly #watch: DirectoryWatch;
  /** What the last build depended on that came to its end, or to a mistake. */
  #followed: FollowedPaths;
  /** What the build that runs has looked at. */
  #following: FollowedPaths | undefined;

  constructor(request: BuildRequest, watch: DirectoryWatch) {
    this.#request = request;
    this.#watch = watch;
    this.#followed = new FollowedPaths(watch);
  }

  /** What the next build depends on, as far as is known. */
  get followed(): FollowedPaths {
    return this.#followed;
  }

  /** Whether a build could come to anything else after `change`. */
  isTouchedBy(change: PathChange): boolean {
    return this.#followed.isTouchedBy(change) || this.#following?.isTouchedBy(change) === true;
  }

  async build({ listen, signal }: SessionBuild): Promise<BuildResult> {
    const following = new FollowedPaths(this.#watch);
    this.#following = following;
    const request = {
      ...this.#request,
      listen,
      signal,
      follower: following,
      disk: followingDisk(this.#request.disk ?? nodeDisk, following),
    };
    const result = await tellBuild(request, () => buildAnew(request));
    // What was not looked at as the build was stopped counts as it did before.
    if (result.kind === "interrupted") this.#followed.addAll(following);
    else this.#followed = following;
    this.#following = undefined;
    return result;
  }
}
