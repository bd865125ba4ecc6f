// Runs git for a repository of a server: again while the network fails, and on protected ways only.

import { isPassing } from "./git-failure.ts";
import { type GitContext, type GitRun, runGit } from "./git-process.ts";

/** How `args`, which are about the repository at `url`, end, tried again while the network fails. */
export async function runGitAt(
  url: string,
  args: readonly string[],
  context: GitContext,
): Promise<GitRun> {
  for (let attempt = 1; ; attempt++) {
    const run = await runProtected(url, args, context);
    if (run.code === 0 || attempt === attempts || !isPassing(run)) return run;
    await context.wait(2 ** attempt * 250, context.signal);
  }
}

const attempts = 3;

/** A server that is asked by https sends nobody on to http, where anyone could answer. */
async function runProtected(
  url: string,
  args: readonly string[],
  context: GitContext,
): Promise<GitRun> {
  if (!/^https:/i.test(url)) return runGit(args, context);
  const run = await runGit(args, { ...context, isProtected: true });
  // That of a mirror, by which the user's own configuration replaces the address.
  const isRewritten = /transport 'http' not allowed/.test(run.stderr);
  return isRewritten ? runGit(args, context) : run;
}
