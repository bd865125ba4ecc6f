// References of a repository → commits.

import { rmSync } from "node:fs";

import { isCommit, withoutCredentials } from "../action/remote-source.ts";
import { addressProblem } from "./git-url.ts";
import { GitError } from "./git-error.ts";
import { type GitContext, runGit } from "./git-process.ts";
import { failureOf } from "./git-failure.ts";
import { runGitAt } from "./git-remote.ts";

/** What a reference stands for. */
export interface GitResolution {
  readonly commit: string;
  /** The full name of the reference, such as `refs/tags/v1`; absent when it is the commit itself. */
  readonly ref?: string;
}

/**
 * The commit of the repository at `url` that `reference` stands for; undefined stands for its
 * default branch. Of a tag and a branch by one name the tag counts, as with git. A full commit is
 * not asked for. Throws a GitError.
 */
export async function resolveGit(
  url: string,
  reference: string | undefined,
  context: GitContext,
): Promise<GitResolution> {
  checkAddress(url);
  if (reference === undefined) return resolveDefault(url, context);
  if (isCommit(reference)) return { commit: reference.toLowerCase() };
  if (!isReferenceName(reference)) {
    throw new GitError("no-such-reference", `${JSON.stringify(reference)} can be no reference`);
  }
  const names = reference.startsWith("refs/")
    ? [reference]
    : [`refs/tags/${reference}`, `refs/heads/${reference}`];
  const patterns = names.flatMap((name) => [name, `${name}^{}`]);
  const { commits } = await listRefs(url, patterns, context);
  for (const ref of names) {
    // An annotated tag is an object of its own, which leads to the commit.
    const commit = commits.get(`${ref}^{}`) ?? commits.get(ref);
    if (commit !== undefined) return { commit, ref };
  }
  const commit = /^[0-9a-f]{7,63}$/i.test(reference)
    ? await completeCommit(url, reference, context)
    : undefined;
  if (commit !== undefined) return { commit };
  const shown = withoutCredentials(url);
  throw new GitError("no-such-reference", `${shown} has no tag, branch or commit ${reference}`);
}

/** Throws a GitError for an address that must not be handed to git. */
export function checkAddress(url: string): void {
  const problem = addressProblem(url);
  if (problem === undefined) return;
  throw new GitError("bad-address", `${JSON.stringify(withoutCredentials(url))} ${problem}`);
}

/** What can be a reference, and is no option or pattern. Source: git-check-ref-format(1). */
export function isReferenceName(text: string): boolean {
  return /^\w[\w./+@-]*$/.test(text) && !/\.\.|@\{|\/\/|\.lock(\/|$)|[./]$/.test(text);
}

async function resolveDefault(url: string, context: GitContext): Promise<GitResolution> {
  const { commits, head } = await listRefs(url, ["HEAD"], context);
  const commit = commits.get("HEAD");
  if (commit !== undefined) return { commit, ref: head ?? "HEAD" };
  const shown = withoutCredentials(url);
  throw new GitError("no-such-reference", `${shown} has no default branch, as it is empty`);
}

/** The references of the repository by full name, and which of them HEAD is. */
async function listRefs(url: string, patterns: readonly string[], context: GitContext) {
  const args = ["ls-remote", "--quiet", "--symref", "--", url, ...patterns];
  const run = await runGitAt(url, args, context);
  if (run.code !== 0) throw failureOf(run, url);
  const commits = new Map<string, string>();
  let head: string | undefined;
  for (const line of run.stdout.split("\n")) {
    const [value = "", name = ""] = line.split("\t");
    if (isCommit(value)) commits.set(name, value);
    else if (name === "HEAD" && value.startsWith("ref: ")) head = value.slice("ref: ".length);
  }
  return { commits, head };
}

/** The commit whose name begins with `prefix`, for which all commits have to be fetched. */
async function completeCommit(
  url: string,
  prefix: string,
  context: GitContext,
): Promise<string | undefined> {
  const repository = context.temporaryPath();
  try {
    const local = ["--git-dir", repository];
    await runGit(["init", "--quiet", "--bare", "--template=", repository], context);
    const all = ["+refs/heads/*:refs/kraft/heads/*", "+refs/tags/*:refs/kraft/tags/*"];
    const fetch = [...local, "fetch", "--quiet", "--no-tags", "--filter=tree:0", "--", url, ...all];
    const run = await runGitAt(url, fetch, context);
    if (run.code !== 0) throw failureOf(run, url);
    const spell = `${prefix}^{commit}`;
    const found = await runGit([...local, "rev-parse", "--verify", "--quiet", spell], context);
    return found.code === 0 ? found.stdout.trim() : undefined;
  } finally {
    rmSync(repository, { recursive: true, force: true });
  }
}
