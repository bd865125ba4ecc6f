// Repositories of git → directories and commits, with what a build says of each. Starts git when it must.

import { commitOf, describeSource, type GitSource } from "../action/remote-source.ts";
import type { Host } from "../base/host.ts";
import type { GitContext } from "../fetch/git-process.ts";
import type { GitResolution } from "../fetch/git-resolve.ts";
import type { Store } from "../store/store.ts";
import { fetchContextOf, type FetchOptions } from "./fetch-options.ts";
import { movedSource } from "./source-problem.ts";
import { waitFor } from "./wait-for.ts";

/** What fetching from repositories takes. */
export interface GitFetchingParts {
  readonly store: Pick<Store, "cas">;
  readonly host: Pick<Host, "env" | "kill" | "epochMs">;
}

/** The commit that `source` stands for just now. Throws a GitError. */
export async function resolveGitSource(
  { url, reference }: GitSource,
  parts: GitFetchingParts,
  options: FetchOptions,
): Promise<GitResolution> {
  const { resolveGit } = await import("../fetch/git-resolve.ts");
  try {
    return await resolveGit(url, reference, gitContextOf(parts, options));
  } catch (error) {
    const { archiveInstead } = await import("./archive-instead.ts");
    throw await archiveInstead(error, url, fetchContextOf(parts.host, options));
  }
}

/** Leaves the commit of `source`, which is pinned, in `into`. Throws a SourceProblem or a GitError. */
export async function fetchGitSource(
  source: GitSource,
  into: string,
  { parts, options }: { readonly parts: GitFetchingParts; readonly options: FetchOptions },
): Promise<void> {
  const { url, ref } = source;
  const commit = commitOf(source);
  if (commit === undefined) throw new Error(`bug: ${url} is not pinned`);
  const context = gitContextOf(parts, options);
  await refuseMovedTag(source, commit, context);
  const { fetchGit } = await import("../fetch/git.ts");
  await fetchGit({ url, commit, ref }, into, context);
}

/** A release that is not what it was is nobody's mistake but somebody's attack, until told. */
async function refuseMovedTag(
  { url, ref }: GitSource,
  commit: string,
  context: GitContext,
): Promise<void> {
  if (ref === undefined || !ref.startsWith("refs/tags/")) return;
  const { resolveGit } = await import("../fetch/git-resolve.ts");
  const { GitError } = await import("../fetch/git-error.ts");
  try {
    const now = await resolveGit(url, ref, context);
    if (now.commit === commit) return;
    const reference = ref.replace("refs/tags/", "");
    throw movedSource(describeSource({ kind: "git", url, reference }), commit, now.commit);
  } catch (error) {
    // A tag that is gone has not moved: the commit may still be there.
    if (!(error instanceof GitError) || error.problem !== "no-such-reference") throw error;
  }
}

function gitContextOf({ store, host }: GitFetchingParts, options: FetchOptions): GitContext {
  const { signal, onProgress } = options;
  return {
    environment: host.env,
    kill: host.kill,
    signal,
    wait: waitFor,
    onProgress: (receivedBytes, bytesPerSecond) =>
      onProgress({ receivedBytes, ...(bytesPerSecond !== undefined && { bytesPerSecond }) }),
    temporaryPath: () => store.cas.temporaryPath(),
  };
}
