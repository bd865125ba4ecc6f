// The real Bazel client, where there is one: Debian has it as bazel-bootstrap.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Whether this machine has the client. */
export const hasBazel =
  spawnSync("bazel", ["--help"], { cwd: "/", stdio: "ignore" }).error === undefined;

/** A server in a workspace of its own. */
export interface Bazel {
  /** The lines that `bazel query` prints; undefined when it refuses `text`. */
  readonly query: (text: string, output: string) => readonly string[] | undefined;
  /** Runs `bazel` with `words`; gives what it printed. Throws when that fails. */
  readonly run: (...words: readonly string[]) => string;
  /** The text of a file that it built. */
  readonly output: (path: string) => string;
  /** Ends the server, and removes all of its files. */
  readonly close: () => void;
}

/** A server for a workspace of `files`. It ends by itself when it is left alone. */
export function openBazel(files: Readonly<Record<string, string>>): Bazel {
  const place = mkdtempSync(join(tmpdir(), "kraft-bazel-"));
  const root = join(place, "work");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  // Flags of the user are left out, and those of the machine are not: Debian's say where its jar is.
  const startup = [
    "--nohome_rc",
    "--noworkspace_rc",
    "--max_idle_secs=60",
    `--output_user_root=${join(place, "cache")}`,
  ];
  const run = (...words: readonly string[]) =>
    spawnSync("bazel", [...startup, ...words], { cwd: root, encoding: "utf8" });
  return {
    query: (text, output) => {
      const flags = ["--noimplicit_deps", "--noshow_progress", "--nograph:factored"];
      const { status, stdout } = run("query", ...flags, `--output=${output}`, "--", text);
      return status === 0
        ? stdout
            .trimEnd()
            .split("\n")
            .filter((line) => line !== "")
        : undefined;
    },
    run: (...words) => {
      const { status, stdout, stderr } = run(...words);
      if (status !== 0) throw new Error(`bazel ${words.join(" ")}:\n${stderr}`);
      return stdout + stderr;
    },
    output: (path) => readFileSync(join(root, "bazel-bin", path), "utf8"),
    close: () => {
      run("shutdown");
      // What it has unpacked is read-only.
      execFileSync("chmod", ["-R", "u+w", place]);
      rmSync(place, { recursive: true, force: true });
    },
  };
}
