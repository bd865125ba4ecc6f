// Finds out whether commands can be run in trees of layers on this machine, by trying.

import { spawnSync } from "node:child_process";

import { unshareLines } from "./image-run.ts";

/** How long it may take, in milliseconds; it takes some ten. */
const timeoutMs = 10_000;

/**
 * Why no command can be run in a tree of layers, as a sentence without full stop; undefined when
 * they can. `path` is the PATH of actions. Waits for it, as whoever plans does; where overlay file
 * systems are refused, trees are copied, so these are not tried.
 */
export function problemWithImageRuns(path: string): string | undefined {
  const script = unshareLines("mount -t proc proc /proc && nsenter --version > /dev/null");
  const { status, stderr, error } = spawnSync("/bin/sh", ["-c", script.join("\n")], {
    env: { PATH: path, LC_ALL: "C" },
    cwd: "/",
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  if (status === 0) return undefined;
  const [line = ""] = (stderr ?? "").trim().split("\n");
  return line || (error?.message ?? "namespaces cannot be made");
}
