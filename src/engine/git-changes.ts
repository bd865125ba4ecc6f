// What git says has changed. Knows no target.

import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import { nearestName } from "../diagnostic/suggest.ts";
import { type Git, type GitAnswer, openGit } from "./git.ts";

/** What came of asking. */
export type GitChanges =
  | { readonly kind: "changed"; readonly files: readonly GitChange[] }
  | { readonly kind: "unknown"; readonly reason: string; readonly help?: string };

/** A file or submodule that is not as it was. */
export interface GitChange {
  /** Absolute. */
  readonly path: string;
  /** Whether it was not there before, or is not there any more. */
  readonly isNewOrGone: boolean;
}

/**
 * The files of the repository around the absolute path `root` that are not as they were at
 * `revision`: committed since, changed only in the work tree, or new there and not ignored. Behind
 * a revision, `...` asks for what changed since HEAD parted from it.
 */
export async function changesSince(
  revision: string,
  { root, host }: { readonly root: string; readonly host: Pick<Host, "env" | "kill"> },
): Promise<GitChanges> {
  const git = openGit(root, host);
  const above = await git("rev-parse", "--show-cdup");
  if (above.kind === "missing") {
    return { kind: "unknown", reason: "there is no git on this machine" };
  }
  if (above.kind === "failed") {
    const help = above.reason.replace(/^fatal: /, "git says: ");
    return { kind: "unknown", reason: "the workspace is in no git repository", help };
  }
  const commit = await commitOf(revision, git);
  if (commit === undefined) {
    const help = await suggestionFor(revision, git);
    const known = help === undefined ? {} : { help };
    return { kind: "unknown", reason: `git knows no revision "${revision}"`, ...known };
  }
  const top = posix.resolve(root, above.stdout.trimEnd());
  const [tracked, untracked] = await Promise.all([
    git(...differences, commit, "--"),
    openGit(top, host)("ls-files", "--others", "--exclude-standard", "-z"),
  ]);
  const failed = [tracked, untracked].find((one) => one.kind === "failed");
  if (failed?.kind === "failed") {
    return { kind: "unknown", reason: `git cannot tell what changed: ${failed.reason}` };
  }
  const changed = [...statusesIn(textOf(tracked)), ...namesIn(textOf(untracked)).map(asNew)];
  const files = changed.map((one) => ({ ...one, path: posix.join(top, one.path) }));
  return { kind: "changed", files };
}

/** Of the whole repository, wherever in it git runs; without what repositories can plug in. */
const differences = [
  "diff",
  "--name-status",
  "-z",
  "--no-renames",
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--ignore-submodules=none",
];

async function commitOf(revision: string, git: Git): Promise<string | undefined> {
  const isSinceFork = revision.endsWith("...");
  const name = isSinceFork ? revision.slice(0, -3) : revision;
  const verified = await git("rev-parse", "--verify", "--end-of-options", `${name}^{commit}`);
  if (verified.kind !== "succeeded") return undefined;
  const commit = verified.stdout.trim();
  if (!isSinceFork) return commit;
  const base = await git("merge-base", "HEAD", commit);
  return base.kind !== "succeeded" ? undefined : base.stdout.trim();
}

async function suggestionFor(revision: string, git: Git): Promise<string | undefined> {
  const refs = await git("for-each-ref", "--format=%(refname:short)");
  if (refs.kind !== "succeeded") return undefined;
  const nearest = nearestName(revision.replace(/\.{3}$/, ""), refs.stdout.split("\n"));
  if (nearest !== undefined && nearest !== "") return `did you mean "${nearest}"?`;
  const shallow = await git("rev-parse", "--is-shallow-repository");
  const isShallow = shallow.kind === "succeeded" && shallow.stdout.trim() === "true";
  return isShallow ? "this clone is shallow: fetch more of its history" : undefined;
}

function textOf(answer: GitAnswer): string {
  return answer.kind === "succeeded" ? answer.stdout : "";
}

/** `M\0path\0A\0path\0…`; all but M and T are of files that were not there, or are not. */
function statusesIn(text: string): GitChange[] {
  const words = text.split("\0");
  const changes: GitChange[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    changes.push({ path: words[at + 1]!, isNewOrGone: !/^[MT]/.test(words[at]!) });
  }
  return changes;
}

function namesIn(text: string): string[] {
  return text.split("\0").filter((name) => name !== "");
}

/** Of a repository inside of another, git names the directory, with a slash behind it. */
function asNew(name: string): GitChange {
  return { path: name.replace(/\/$/, ""), isNewOrGone: true };
}
