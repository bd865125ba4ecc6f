// Runs the system's git, so that nothing it does depends on hooks, filters or answers of the user.

import { spawn } from "node:child_process";

import type { Host } from "../base/host.ts";
import { withoutCredentials } from "../action/remote-source.ts";
import { GitError } from "./git-error.ts";
import type { GitLimits } from "./limits.ts";

/** What git gets from outside. */
export interface GitContext {
  /** The user's; of it git gets what it may need, and no more. */
  readonly environment: Host["env"];
  /** Absolute: where the user has a repository to be asked about. Absent: it is one of our own. */
  readonly userDirectory?: string;
  /** Whether git may not go to unprotected http; absent: it may. */
  readonly isProtected?: boolean;
  readonly kill: Host["kill"];
  readonly signal: AbortSignal;
  /** Hears how many bytes have come so far, and about how many come each second. */
  readonly onProgress?: (receivedBytes: number, bytesPerSecond: number | undefined) => void;
  /** Ends after that time, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A fresh absolute path, for a directory that the caller removes. */
  readonly temporaryPath: () => string;
  /** What one source may have; absent, also in parts: ten times what the largest have. */
  readonly limits?: Partial<GitLimits>;
}

/** What one run of git takes. */
export type RunContext = Omit<GitContext, "wait" | "temporaryPath" | "limits">;

/** How a run of git ended. */
export interface GitRun {
  readonly code: number;
  readonly stdout: string;
  /** Without credentials. */
  readonly stderr: string;
}

/**
 * Runs `git` with `args`. Throws a GitError when there is no git, or when it was interrupted. What it
 * prints goes to `take` bit by bit, where that is given, and is not kept then.
 */
export function runGit(
  args: readonly string[],
  context: RunContext,
  take?: (text: string) => void,
): Promise<GitRun> {
  const { environment, userDirectory, isProtected = false, kill, signal, onProgress } = context;
  if (signal.aborted) return Promise.reject(interrupted());
  const options = userDirectory === undefined ? [...harmless, ...fixed] : harmless;
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...optionsOf(options), ...args], {
      cwd: userDirectory ?? "/",
      env: { ...gitEnvironment(environment), GIT_ALLOW_PROTOCOL: schemesOf(isProtected) },
      stdio: ["ignore", "pipe", "pipe"],
      // A session of its own has no terminal, so that neither ssh nor a helper can ask anything.
      detached: true,
    });
    const output = { stdout: "", stderr: "" };
    const stop = (): void => {
      if (child.pid !== undefined && child.exitCode === null) endGroup(child.pid, kill);
    };
    signal.addEventListener("abort", stop, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (take === undefined) output.stdout += text.slice(0, outputLimit - output.stdout.length);
      else take(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output.stderr = (output.stderr + text).slice(-keptErrors);
      if (onProgress !== undefined) tellProgress(output.stderr, onProgress);
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", stop);
      const help = "on Debian: apt-get install git";
      reject(
        error.code === "ENOENT"
          ? new GitError("no-git", "there is no git on this machine", help)
          : error,
      );
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return reject(interrupted());
      const stderr = withoutCredentials(output.stderr);
      resolve({ code: code ?? -1, stdout: output.stdout, stderr });
    });
  });
}

/** With more references or names of files than fit in here, nobody could do anything. */
const outputLimit = 256 * 1024 * 1024;

const keptErrors = 16 * 1024;

function interrupted(): GitError {
  return new GitError("failed", "it was interrupted");
}

/** Ends git and the helpers that it started. */
function endGroup(processId: number, kill: Host["kill"]): void {
  try {
    kill(-processId, "SIGTERM");
  } catch {
    // It has just ended.
  }
}

type Options = readonly (readonly [name: string, value: string])[];

function optionsOf(options: Options): string[] {
  return options.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** A hook or a monitor of files could run anything, and would change no answer. */
const harmless: Options = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
];

/**
 * For repositories of our own, stronger than any configuration. Attributes of the repository are
 * switched off where its files are written; see `git-checkout.ts`.
 */
const fixed: Options = Object.entries({
  "core.attributesFile": "/dev/null",
  "core.autocrlf": "false",
  "core.symlinks": "true",
  "core.protectHFS": "true",
  "core.protectNTFS": "true",
  "core.askPass": "",
  "credential.interactive": "false",
  "fetch.recurseSubmodules": "false",
  "submodule.recurse": "false",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "init.defaultBranch": "main",
  // The only repository that git works in is one that was made just before.
  "safe.directory": "*",
  // A server that sends nothing for five minutes will not send anything any more.
  "http.lowSpeedLimit": "1",
  "http.lowSpeedTime": "300",
});

/** `environment` as git gets it. */
function gitEnvironment(environment: Host["env"]): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => isForGit(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
    GCM_INTERACTIVE: "never",
    GIT_OPTIONAL_LOCKS: "0",
  };
}

/** Overrides `protocol.*` of every configuration, so that `ext::` stays off. */
function schemesOf(isProtected: boolean): string {
  return isProtected ? "file:git:https:ssh" : "file:git:http:https:ssh";
}

/** Where programs and the user's settings are, who the user is, and how the network is reached. */
function isForGit(name: string): boolean {
  return passed.some((pattern) => pattern.test(name));
}

const passed = [
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|XDG_CONFIG_HOME|XDG_RUNTIME_DIR|GNUPGHOME)$/,
  /^(SSH_AUTH_SOCK|SSH_AGENT_PID|DBUS_SESSION_BUS_ADDRESS)$/,
  /^(https?|all|no)_proxy$/i,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE)$/,
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|PROXY_COMMAND|PROXY_SSL_\w+|SSL_\w+|HTTP_USER_AGENT)$/,
  /^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)$/,
  // What the helpers of the large hosts look for.
  /^(GH_TOKEN|GITHUB_TOKEN|GITLAB_TOKEN|CI_JOB_TOKEN)$/,
];

/** Source: git's progress lines, such as `Receiving objects:  12% (3/25), 1.20 MiB | 2.30 MiB/s`. */
function tellProgress(text: string, tell: NonNullable<GitContext["onProgress"]>): void {
  const lines = text.matchAll(
    /Receiving objects:[^\r\n]*?, ([\d.]+) (bytes|[KMG]iB)(?: \| ([\d.]+) (bytes|[KMG]iB)\/s)?/g,
  );
  const last = [...lines].at(-1);
  if (last === undefined) return;
  const [, amount, unit, rate, rateUnit] = last;
  tell(bytesOf(amount, unit), rate === undefined ? undefined : bytesOf(rate, rateUnit));
}

function bytesOf(amount = "0", unit = "bytes"): number {
  const power = ["bytes", "KiB", "MiB", "GiB"].indexOf(unit);
  return Math.round(Number(amount) * 1024 ** power);
}
