import { spawn, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";

import { temporaryDirectory } from "./store-rig.ts";

/** `store-child.ts` as a script that Node runs without this test runner. */
export function buildChild(): string {
  const outfile = join(temporaryDirectory(), "store-child.mjs");
  const entry = join(import.meta.dirname, "store-child.ts");
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" });
  return outfile;
}

/** A process that runs `script`, and what it printed so far. */
export function startChild(script: string, args: readonly string[]) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const printed: string[] = [];
  const events = new EventEmitter();
  lines.on("line", (line) => {
    printed.push(line);
    events.emit("line");
  });
  const exited = once(child, "close").then(([code]: unknown[]) => code);
  exited.then(
    () => events.emit("line"),
    () => events.emit("line"),
  );
  return {
    child,
    exited,
    /** The whole lines that it printed. */
    printed,
    /** Waits until it has printed `count` lines in all. Throws when it ends before that. */
    hasPrinted: async (count: number) => {
      while (printed.length < count) {
        if (child.exitCode !== null) throw new Error(`ended after ${printed.length} lines`);
        await once(events, "line");
      }
    },
  };
}

/** Whether this machine lets the test mount file systems of its own. */
export function canMount(): boolean {
  const probe = spawnSync("unshare", [...namespaceArgs(), "mount", "-t", "tmpfs", "none", "/mnt"]);
  return probe.status === 0;
}

/** Runs the shell text `setup` among mounts of its own, then `script`; what that printed as JSON. */
export function runAmongMounts(setup: string, script: string, args: readonly string[]): unknown {
  const text = `set -e; ${setup}; exec "$@"`;
  const command = ["sh", "-c", text, "sh", process.execPath, script, ...args];
  const { stdout, stderr, status } = spawnSync("unshare", [...namespaceArgs(), ...command], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/** Root needs only mounts of its own; others have to become root of a user namespace first. */
function namespaceArgs(): string[] {
  return process.getuid?.() === 0 ? ["-m"] : ["-rm"];
}
