// Programs that keep credentials, as Docker has them. Source: docker/docker-credential-helpers.

import { spawn } from "node:child_process";

import { FetchError } from "../fetch/fetch-error.ts";

/** What runs a helper. */
export interface HelperContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** What a helper keeps of one server. */
export interface KeptCredentials {
  readonly user: string;
  readonly secret: string;
}

/** What the helper `docker-credential-<name>` knows of `server`; undefined: nothing. */
export async function askHelper(
  name: string,
  server: string,
  context: HelperContext,
): Promise<KeptCredentials | undefined> {
  const { code, stdout, said } = await runHelper(name, "get", server, context);
  if (code !== 0) {
    // It says so on the standard output, whatever the language.
    if (/not found|no credentials/i.test(stdout + said)) return undefined;
    throw helperError(name, `fails: ${(said || stdout).trim().slice(0, 200)}`);
  }
  const value = parsed(stdout);
  const [user, secret] = [value?.["Username"], value?.["Secret"]];
  if (typeof user !== "string" || typeof secret !== "string") {
    throw helperError(name, "prints no credentials");
  }
  return secret === "" ? undefined : { user, secret };
}

/** Has the helper keep, or with no credentials forget, what is known of `server`. */
export async function tellHelper(
  name: string,
  server: string,
  {
    kept,
    context,
  }: { readonly kept: KeptCredentials | undefined; readonly context: HelperContext },
): Promise<void> {
  const stored = { ServerURL: server, Username: kept?.user, Secret: kept?.secret };
  const [verb, input] = kept === undefined ? ["erase", server] : ["store", JSON.stringify(stored)];
  const { code, stdout, said } = await runHelper(name, verb, input, context);
  if (code !== 0) throw helperError(name, `fails: ${(said || stdout).trim().slice(0, 200)}`);
}

interface HelperRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly said: string;
}

async function runHelper(
  name: string,
  verb: string,
  input: string,
  { environment, signal }: HelperContext,
): Promise<HelperRun> {
  // It comes from a file, and becomes the name of a program.
  if (!/^[\w.-]+$/.test(name)) throw helperError(name, "is no name of a helper");
  const program = `docker-credential-${name}`;
  const child = spawn(program, [verb], { env: { ...environment }, signal, stdio: "pipe" });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
  child.stdin.on("error", () => undefined); // It may end without reading.
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => {
      if (signal.aborted) reject(new FetchError("interrupted", "the fetch was interrupted"));
      else reject(helperError(name, "cannot be run: is it installed?", cause));
    });
    child.on("close", (code) => {
      const textOf = (parts: readonly Buffer[]) => Buffer.concat(parts).toString("utf8");
      resolve({ code, stdout: textOf(out), said: textOf(err) });
    });
  });
}

function helperError(name: string, what: string, cause?: unknown): FetchError {
  return new FetchError("refused", `the credential helper docker-credential-${name} ${what}`, {
    help: "the files with credentials of registries name it, as credsStore or in credHelpers",
    cause,
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
