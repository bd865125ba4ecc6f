// Asks git what it knows of a directory. Changes nothing, and runs nothing that a repository names.

import type { Host } from "../base/host.ts";
import { type BoundedResult, runBounded } from "../sandbox/bounded-run.ts";
import { findProgram } from "../sandbox/program-file.ts";

/** Runs `git` with `args` in one directory; `failed` when it ends with anything but 0. */
export type Git = (...args: readonly string[]) => Promise<BoundedResult>;

/** The git of this machine, for the absolute path `directory`; undefined when there is none. */
export function openGit(directory: string, { env }: Pick<Host, "env">): Git | undefined {
  const path = env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const program = findProgram("git", path, "/");
  if (program === undefined) return undefined;
  const own = { PATH: path, ...kept(env), ...quiet };
  return (...args) =>
    runBounded([program, "-C", directory, ...settings, ...args], {
      env: own,
      timeoutMs: 120_000,
      outputLimit: 256 * 1024 * 1024,
    });
}

/** A hook, a monitor of files or a pager could run anything, and would change no answer. */
const settings = ["core.hooksPath=/dev/null", "core.fsmonitor=false", "core.quotePath=false"]
  .flatMap((setting) => ["-c", setting])
  .concat("--no-pager", "--literal-pathspecs");

const quiet = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" };

/**
 * What says where the user's own settings are, such as which directories are safe. Not GIT_DIR and
 * its like, which a hook of git sets for the repository that it runs in.
 */
function kept(env: Host["env"]): Record<string, string> {
  const names = ["HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
