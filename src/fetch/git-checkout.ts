// A commit in a repository → its files, byte for byte as they are in it.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { withoutCredentials } from "../action/remote-source.ts";
import { GitError } from "./git-error.ts";
import { failureOf } from "./git-failure.ts";
import { type GitContext, runGit } from "./git-process.ts";
import { type GitAccount, listCommit, type ListedSubmodule } from "./git-listing.ts";
import { isLocal, submoduleAddress } from "./git-url.ts";

/** What to write, and where. */
export interface Checkout {
  /** Where the repository was fetched from. */
  readonly url: string;
  readonly commit: string;
  /** A bare repository that has the commit; absolute. */
  readonly repository: string;
  /** A directory that is empty, or not there; absolute. */
  readonly into: string;
}

/** A repository whose files belong into an empty directory of another one. */
export interface Submodule {
  readonly url: string;
  readonly commit: string;
  /** Absolute. */
  readonly directory: string;
}

/**
 * Writes the files of a commit, if they are no more than `account` takes; gives the submodules that
 * it has. Throws a GitError.
 */
export async function checkoutCommit(
  checkout: Checkout,
  account: GitAccount,
  context: GitContext,
): Promise<readonly Submodule[]> {
  const { url, commit, repository, into } = checkout;
  const entries = await listCommit(checkout, account, context);
  mkdirSync(into, { recursive: true });
  // Of all attributes these have the last word: no filter runs, and no byte is changed.
  mkdirSync(join(repository, "info"), { recursive: true });
  writeFileSync(join(repository, "info/attributes"), `* ${neutralAttributes}\n`);
  const places = ["--git-dir", repository, "--work-tree", into, "-c", "core.bare=false"];
  // Unlike a checkout, it runs no hook and leaves nothing but files.
  const run = await runGit([...places, "read-tree", "--reset", "-u", commit], context);
  if (run.code !== 0) throw failureOf(run, url);
  return submodulesOf(checkout, entries, context);
}

const neutralAttributes = "-text -eol -filter -ident -working-tree-encoding -export-subst";

async function submodulesOf(
  checkout: Checkout,
  entries: readonly ListedSubmodule[],
  context: GitContext,
): Promise<Submodule[]> {
  const { url, into } = checkout;
  if (entries.length === 0) return [];
  const addresses = await addressesOf(checkout, context);
  return entries.flatMap((entry) => {
    const written = addresses.get(entry.path);
    // An entry that nobody named is an empty directory to git, too.
    if (written === undefined) return [];
    const address = submoduleAddress(written, url);
    refuseForeign(address, { path: entry.path, parent: url });
    return [{ url: address, commit: entry.commit, directory: join(into, entry.path) }];
  });
}

/** What `.gitmodules` says of each path. Source: gitmodules(5). */
async function addressesOf(
  { commit, repository, url }: Checkout,
  context: GitContext,
): Promise<Map<string, string>> {
  const blob = `${commit}:.gitmodules`;
  const args = ["--git-dir", repository, "config", "--blob", blob, "--null", "--list"];
  const run = await runGit(args, context);
  if (run.code !== 0) {
    const there = await runGit(["--git-dir", repository, "cat-file", "-e", blob], context);
    if (there.code === 0) throw failureOf(run, url);
    return new Map();
  }
  const paths = new Map<string, string>();
  const urls = new Map<string, string>();
  for (const line of run.stdout.split("\0")) {
    const [, name, key, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (key === "path") paths.set(name, value.replace(/\/+$/, ""));
    else urls.set(name, value);
  }
  return new Map(
    [...paths].flatMap(([name, path]) => {
      const address = urls.get(name);
      return address === undefined ? [] : [[path, address] as const];
    }),
  );
}

/** A repository from elsewhere must not have files of this machine's disk in its place. */
function refuseForeign(
  address: string,
  { path, parent }: { readonly path: string; readonly parent: string },
): void {
  if (!isLocal(address) || isLocal(parent)) return;
  const shown = withoutCredentials(address);
  throw new GitError("bad-address", `the submodule ${path} is to come from ${shown}`);
}
