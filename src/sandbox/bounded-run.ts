// Runs small programs of the machine that are asked about themselves. Not for actions.

import { spawn } from "node:child_process";

/** What came of it. */
export type BoundedResult =
  /** It exited with 0. */
  | { readonly kind: "succeeded"; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "failed"; readonly reason: string };

/** What a program gets. */
export interface BoundedOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How many characters of each stream are kept; absent: 65,536. */
  readonly outputLimit?: number;
  /** What it reads on its standard input; absent: nothing. */
  readonly input?: string;
  /** Whether what it starts is killed with it when it takes too long. */
  readonly endsAll?: boolean;
}

/** How long to wait for the end of its output after its own end. */
const lingerMs = 500;

const defaultOutputLimit = 64 * 1024;

/**
 * Runs `argv`, of which the first is an absolute path, in the root directory.
 * It is killed when it takes too long, and what it prints beyond the limit is dropped.
 */
export function runBounded(
  argv: readonly [string, ...string[]],
  { env, timeoutMs, input, outputLimit = defaultOutputLimit, endsAll = false }: BoundedOptions,
): Promise<BoundedResult> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: "/",
      env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: endsAll,
    });
    const timer = setTimeout(() => {
      if (endsAll && child.pid !== undefined) killGroup(child.pid);
      else child.kill("SIGKILL");
    }, timeoutMs);
    // It need not read what it is told.
    child.stdin.on("error", () => undefined).end(input);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text: string) => {
        output[name] += text.slice(0, outputLimit - output[name].length);
      });
    }
    child.once("error", ({ message }) => {
      clearTimeout(timer);
      resolve({ kind: "failed", reason: message });
    });
    // A process that it leaves behind may hold the streams open for ever.
    child.once("exit", () => {
      setTimeout(() => [child.stdout, child.stderr].map((one) => one.destroy()), lingerMs).unref();
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve({ kind: "succeeded", ...output });
      const [line = ""] = output.stderr.trim().split("\n");
      resolve({ kind: "failed", reason: line || (signal ?? `it exited with ${code}`) });
    });
  });
}

function killGroup(id: number): void {
  try {
    process.kill(-id, "SIGKILL");
  } catch {
    // All of it has ended by itself.
  }
}
