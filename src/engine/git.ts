// Asks git what it knows of a directory of the user's. Changes nothing in it.

import type { Host } from "../base/host.ts";
import { GitError } from "../fetch/git-error.ts";
import { runGit } from "../fetch/git-process.ts";

/** What git said. */
export type GitAnswer =
  | { readonly kind: "succeeded"; readonly stdout: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "missing" };

/** Runs `git` with `args` in one directory; `failed` when it ends with anything but 0. */
export type Git = (...args: readonly string[]) => Promise<GitAnswer>;

/** Longer than it takes to look at every file of a large work tree on a slow disk. */
const timeoutMs = 120_000;

/** The git of this machine, for the absolute path `directory`. */
export function openGit(directory: string, { env, kill }: Pick<Host, "env" | "kill">): Git {
  return async (...args) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const context = { environment: env, userDirectory: directory, kill, signal };
    try {
      const { code, stdout, stderr } = await runGit([...settings, ...args], context);
      if (code === 0) return { kind: "succeeded", stdout };
      const [line = ""] = stderr.trim().split("\n");
      return { kind: "failed", reason: line === "" ? `it ended with ${code}` : line };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return error.problem === "no-git"
        ? { kind: "missing" }
        : { kind: "failed", reason: error.message };
    }
  };
}

const settings = ["-c", "core.quotePath=false", "--no-pager", "--literal-pathspecs"];
