// What a commit has, before any of it is written: how much it is, and which submodules there are.

import { withoutCredentials } from "../action/remote-source.ts";
import { GitError } from "./git-error.ts";
import { failureOf } from "./git-failure.ts";
import { type GitContext, type GitRun, runGit } from "./git-process.ts";
import { defaultLimits, type GitLimits } from "./limits.ts";

/** What was found so far of one source, of which submodules are a part. */
export class GitAccount {
  readonly limits: GitLimits;
  #totalBytes = 0;
  #entries = 0;

  constructor(limits: Partial<GitLimits> = {}) {
    this.limits = { ...defaultLimits, ...limits };
  }

  /** What there is too much of, with the file `path` of `sizeBytes`; undefined when all is well. */
  add(path: string, sizeBytes: number): string | undefined {
    const { entries, totalBytes, pathBytes, depth } = this.limits;
    this.#entries++;
    this.#totalBytes += sizeBytes;
    if (this.#entries > entries) return `more than ${entries} entries`;
    if (this.#totalBytes > totalBytes) return `more than ${totalBytes} bytes`;
    if (Buffer.byteLength(path) > pathBytes) return `a path of more than ${pathBytes} bytes`;
    return path.split("/").length > depth
      ? `more than ${depth} directories in each other`
      : undefined;
  }
}

/** Which commit to look into, and where it is. */
export interface ListedCommit {
  /** Where the repository was fetched from. */
  readonly url: string;
  readonly commit: string;
  /** Absolute. */
  readonly repository: string;
}

/** Another repository's commit in a directory of this one. */
export interface ListedSubmodule {
  readonly commit: string;
  readonly path: string;
}

/**
 * The submodules of a commit. Throws a GitError when it has more than `account` takes: git is
 * stopped by then, as the list of a few small objects may well have no end.
 */
export async function listCommit(
  { url, commit, repository }: ListedCommit,
  account: GitAccount,
  context: GitContext,
): Promise<readonly ListedSubmodule[]> {
  const submodules: ListedSubmodule[] = [];
  const enough = new AbortController();
  let excess: string | undefined;
  let rest = "";
  const take = (text: string): void => {
    const lines = (rest + text).split("\0");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (excess !== undefined) break;
      const { kind, name, sizeBytes, path } = entryOf(line);
      if (kind === "commit") submodules.push({ commit: name, path });
      excess = account.add(path, sizeBytes);
    }
    if (excess !== undefined) enough.abort();
  };
  const args = ["--git-dir", repository, "ls-tree", "-r", "-t", "-l", "-z", "--full-tree", commit];
  const signal = AbortSignal.any([context.signal, enough.signal]);
  let run: GitRun | undefined;
  try {
    run = await runGit(args, { ...context, signal }, take);
  } catch (error) {
    if (excess === undefined) throw error;
  }
  if (excess !== undefined) throw tooLarge(url, `has ${excess}`);
  if (run !== undefined && run.code !== 0) throw failureOf(run, url);
  return submodules;
}

/** That the repository at `url` has, or sends, more than is taken from anybody. */
export function tooLarge(url: string, what: string): GitError {
  return new GitError("too-large", `${withoutCredentials(url)} ${what}`);
}

/** Source: git-ls-tree(1), with `-l` and `-z`. */
function entryOf(line: string) {
  const [, kind = "", name = "", size = "", path = ""] =
    /^\d+ (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
  return { kind, name, path, sizeBytes: size === "-" ? 0 : Number(size) };
}
