// Fetches commits of git repositories as plain directories, by the system's git. Knows no lock
// file and no cache.

import { existsSync, rmSync } from "node:fs";

import { isCommit, withoutCredentials } from "../action/remote-source.ts";
import { checkoutCommit } from "./git-checkout.ts";
import { GitError } from "./git-error.ts";
import { GitAccount, tooLarge } from "./git-listing.ts";
import { failureOf, isRefusedByName } from "./git-failure.ts";
import { type GitContext, type GitRun, runGit } from "./git-process.ts";
import { runGitAt } from "./git-remote.ts";
import { checkAddress, isReferenceName } from "./git-resolve.ts";

/** A commit, and where it can be had. */
export interface GitCommit {
  readonly url: string;
  /** In full. */
  readonly commit: string;
  /** A reference that led there, for servers that give nothing by name alone. */
  readonly ref?: string | undefined;
}

/**
 * Leaves the files of `wanted`, and those of its submodules, in the new directory `into`, with
 * nothing of git among them. Little more is fetched than that, where the server can do so. When it
 * fails with a GitError, there is no `into`.
 */
export async function fetchGit(
  wanted: GitCommit,
  into: string,
  context: GitContext,
): Promise<void> {
  if (existsSync(into)) throw new Error(`bug: ${into} is there before it is fetched`);
  try {
    const account = new GitAccount(context.limits);
    await fetchInto(wanted, { into, depth: 0, account }, context);
  } catch (error) {
    rmSync(into, { recursive: true, force: true });
    throw error;
  }
}

/** Where the files of a repository go, how many it is a submodule of, and what all may have. */
interface Place {
  readonly into: string;
  readonly depth: number;
  readonly account: GitAccount;
}

async function fetchInto(
  wanted: GitCommit,
  { into, depth, account }: Place,
  context: GitContext,
): Promise<void> {
  checkAddress(wanted.url);
  if (!isCommit(wanted.commit)) throw new Error(`bug: ${wanted.commit} is no full commit`);
  const repository = context.temporaryPath();
  try {
    await fetchBounded(wanted, { repository, account }, context);
    const submodules = await checkoutCommit({ ...wanted, repository, into }, account, context);
    if (submodules.length > 0 && depth === maxDepth) {
      const shown = withoutCredentials(wanted.url);
      throw new GitError("failed", `${shown} is a submodule inside ${maxDepth} others`);
    }
    for (const { url, commit, directory } of submodules) {
      await fetchInto({ url, commit }, { into: directory, depth: depth + 1, account }, context);
    }
  } finally {
    rmSync(repository, { recursive: true, force: true });
  }
}

/** How deep submodules may be inside each other. */
const maxDepth = 12;

/** As below, until more comes than the files may be. */
async function fetchBounded(
  wanted: GitCommit,
  { repository, account }: { readonly repository: string; readonly account: GitAccount },
  context: GitContext,
): Promise<void> {
  const { totalBytes } = account.limits;
  const enough = new AbortController();
  const signal = AbortSignal.any([context.signal, enough.signal]);
  const onProgress: GitContext["onProgress"] = (bytes, rate) => {
    if (bytes > totalBytes) enough.abort();
    context.onProgress?.(bytes, rate);
  };
  try {
    await fetchObjects(wanted, repository, { ...context, signal, onProgress });
  } catch (error) {
    if (!enough.signal.aborted || context.signal.aborted) throw error;
    throw tooLarge(wanted.url, `sends more than ${totalBytes} bytes`);
  }
}

/** Leaves a repository that has the wanted commit, by the cheapest way that the server allows. */
async function fetchObjects(
  wanted: GitCommit,
  repository: string,
  context: GitContext,
): Promise<void> {
  const { url, commit, ref } = wanted;
  const format = commit.length === 64 ? ["--object-format=sha256"] : [];
  const init = ["init", "--quiet", "--bare", "--template=", ...format, repository];
  const made = await runGit(init, context);
  if (made.code !== 0) throw failureOf(made, url);
  const ways: (readonly string[])[] = [["--depth=1", "--", url, `+${commit}:refs/kraft/commit`]];
  if (ref !== undefined && (ref === "HEAD" || isReferenceName(ref))) {
    ways.push(["--depth=1", "--", url, `+${ref}:refs/kraft/ref`]);
    ways.push([...deepened, "--", url, `+${ref}:refs/kraft/ref`]);
  }
  ways.push([...deepened, "--", url, "+refs/heads/*:refs/kraft/heads/*"]);
  ways.push([...deepened, "--", url, "+refs/tags/*:refs/kraft/tags/*"]);
  let last: GitRun | undefined;
  for (const way of ways) {
    last = await runGitAt(url, ["--git-dir", repository, "fetch", ...options, ...way], context);
    if (await hasCommit(commit, repository, context)) return;
    if (last.code !== 0 && !isRefusedByName(last)) throw failureOf(last, url);
  }
  const shown = withoutCredentials(url);
  throw new GitError(
    "no-such-commit",
    `${shown} has no commit ${commit}, or nothing that leads to it any more`,
    'if the branch was rewritten, "kraft-graph lock --update" takes what it is now',
  );
}

/** All of a history, whether or not a part of it is there. */
const deepened = ["--depth=2147483647"];

const options = ["--progress", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];

/** Whether the commit is there, and is one: a tag's own object is another thing. */
async function hasCommit(
  commit: string,
  repository: string,
  context: GitContext,
): Promise<boolean> {
  const spell = `${commit}^{commit}`;
  const args = ["--git-dir", repository, "rev-parse", "--verify", "--quiet", spell];
  const { code, stdout } = await runGit(args, context);
  return code === 0 && stdout.trim() === commit;
}
