// What git says when it fails, in our words.

import { withoutCredentials } from "../action/remote-source.ts";
import { GitError } from "./git-error.ts";
import type { GitRun } from "./git-process.ts";

/** The failure of `run`, which was about the repository at `url`. */
export function failureOf(run: GitRun, url: string): GitError {
  const shown = withoutCredentials(url);
  const reason = reasonIn(run.stderr) || `git ended with ${run.code}`;
  if (
    /could not read (Username|Password)|Authentication failed|Permission denied \(/.test(reason)
  ) {
    const help = "git asks nothing here: give it a credential helper, a netrc or an ssh-agent";
    return new GitError("needs-credentials", `${shown} wants credentials: ${reason}`, help);
  }
  const problem =
    isPassing(run) || /not found|not exported/.test(reason) ? "unreachable" : "failed";
  return new GitError(problem, `${shown} cannot be fetched: ${reason}`);
}

/** Whether it may go well the next time, as only the network failed. */
export function isPassing({ stderr }: GitRun): boolean {
  return passing.test(stderr) && !/returned error: 4(?!29)\d\d|access denied/.test(stderr);
}

const passing =
  /Could not resolve host|Temporary failure in name|onnection (refused|reset|timed out)|unable to connect|early EOF|unexpected disconnect|returned error: (5\d\d|429)|timed out|hung up unexpectedly|RPC failed/;

/** Whether the server has the commit, perhaps, but gives only what references lead to. */
export function isRefusedByName({ stderr }: GitRun): boolean {
  return /not our ref|unadvertised object|does not support shallow|no such remote ref/i.test(
    stderr,
  );
}

/** The lines that say what is wrong, as one. */
function reasonIn(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^(fatal|error|ERROR|remote): /, "").trim())
    .filter((line) => line !== "" && !/^(hint:|Please make sure|and the repository)/.test(line))
    .filter(
      (line) => !/^(Receiving|Resolving|Counting|Compressing|Enumerating|Total)\b/.test(line),
    );
  return lines.slice(-2).join("; ").slice(0, 400);
}
