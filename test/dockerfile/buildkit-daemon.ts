// A daemon of BuildKit for tests, with a place of its own. Knows no test.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where its programs are. */
export const daemonPath = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How long it may take to begin, in milliseconds, before it counts as broken. */
const patienceMs = 60_000;

/** A daemon that runs, or why there is none. */
export type Daemon =
  | { readonly kind: "running"; readonly address: string; readonly close: () => void }
  | { readonly kind: "absent"; readonly reason: string; readonly close: () => void };

/** Begins a daemon, and waits until it answers. */
export function openDaemon(more: readonly string[] = []): Daemon {
  const missing = ["buildkitd", "buildctl", "runc"].find((name) => !isInstalled(name));
  const absent = (reason: string): Daemon => ({ kind: "absent", reason, close: () => undefined });
  if (process.getuid?.() !== 0) return absent("only root can run its daemon");
  if (missing !== undefined) return absent(`${missing} is not installed`);
  const place = mkdtempSync(join(tmpdir(), "kraft-buildkit-"));
  const address = `unix://${join(place, "socket")}`;
  const worker = ["--oci-worker-net=host"];
  const rights = ["--allow-insecure-entitlement=network.host"];
  const own = ["--root", join(place, "root"), "--addr", address, "--containerd-worker=false"];
  const child = spawn("buildkitd", [...own, ...worker, ...rights, ...more], {
    env: { PATH: daemonPath, HOME: place },
    stdio: "ignore",
  });
  const close = (): void => end(child, place);
  // It answers once its socket is there; until then the client tries again by itself.
  const script = 'while [ ! -S "$1" ]; do sleep 0.05; done';
  try {
    execFileSync("sh", ["-c", script, "sh", join(place, "socket")], { timeout: patienceMs });
    const asked = ["--addr", address, "debug", "workers"];
    execFileSync("buildctl", asked, { env: { PATH: daemonPath }, timeout: patienceMs });
  } catch (error) {
    close();
    return absent(String(error));
  }
  return { kind: "running", address, close };
}

/** What it keeps is mounted nowhere once it is gone. */
function end(child: ChildProcess, place: string): void {
  child.kill("SIGTERM");
  const { pid } = child;
  while (pid !== undefined && isRunning(pid)) execFileSync("sleep", ["0.05"]);
  rmSync(place, { recursive: true, force: true });
}

/** One that is over, and that nobody has asked yet, is not running. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether there is a program called `name` for it. */
export function isInstalled(name: string): boolean {
  return daemonPath.split(":").some((directory) => existsSync(join(directory, name)));
}
