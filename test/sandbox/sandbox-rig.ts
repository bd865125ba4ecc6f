import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { readProcessState } from "../../src/sandbox/process-state.ts";
import { removeTree } from "../../src/sandbox/remove-tree.ts";
import {
  type Sandbox,
  type SandboxOptions,
  type SandboxRequest,
  type SandboxRun,
  openSandbox,
} from "../../src/sandbox/sandbox.ts";

/** A fresh directory that is gone after the test, whatever modes it holds by then. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, "kraft-sandbox-"));
  onTestFinished(() => removeTree(directory));
  return directory;
}

/** The real machine. */
export const realHost = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  processId: process.pid,
  kill: (processId: number, signal: NodeJS.Signals | 0) => void process.kill(processId, signal),
};

export const never = new AbortController().signal;

/** A sandbox of real processes, closed after the test, and what tests ask of it. */
export function sandboxRig(options: Partial<SandboxOptions> = {}) {
  const directory = options.directory ?? join(temporaryDirectory(), "sandbox");
  const sandbox: Sandbox = openSandbox({
    kind: "links",
    slots: 2,
    directory,
    path: "/usr/local/bin:/usr/bin:/bin",
    host: realHost,
    ...options,
  });
  onTestFinished(() => sandbox.close());
  const run = (request: Partial<SandboxRequest>, signal = never) =>
    sandbox.run(
      { argv: ["true"], env: {}, inputs: [], outputs: [], network: false, ...request },
      signal,
    );
  return {
    sandbox,
    directory,
    run,
    /** Runs a line of shell. */
    sh: (script: string, request: Partial<SandboxRequest> = {}, signal = never) =>
      run({ ...request, argv: ["sh", "-c", script] }, signal),
  };
}

export function stdoutOf({ stdoutFile }: SandboxRun): string {
  return readFileSync(stdoutFile, "utf8");
}

export function stderrOf({ stderrFile }: SandboxRun): string {
  return readFileSync(stderrFile, "utf8");
}

/** Whether a process with this id runs; one that is dead but not yet reaped does not. */
export function isRunning(processId: number): boolean {
  return readProcessState(processId) !== undefined;
}
