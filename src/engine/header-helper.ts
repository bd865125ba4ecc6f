// Headers from a program of the user, which speaks as Bazel's credential helpers do.

import type { Host } from "../base/host.ts";
import { runBounded } from "../sandbox/bounded-run.ts";
import { findProgram } from "../sandbox/program-file.ts";
import { RemoteSettingError } from "./remote-settings.ts";

/** How long it may think, as it may ask a server itself. */
const timeoutMs = 30_000;

/** What runs a helper. */
export interface HelperRequest {
  /** A program and its arguments, in words; a relative path is one in `root`. */
  readonly command: string;
  readonly root: string;
  /** What credentials are wanted for. */
  readonly address: string;
  readonly host: Pick<Host, "env">;
}

/**
 * What the helper prints for `get`: `{"headers": {"name": ["value", …]}}`. Throws a
 * RemoteSettingError, in which nothing stands that it printed on its standard output.
 *
 * Source: Bazel, "Credential helpers" (the `get` protocol).
 */
export async function headersOfHelper(request: HelperRequest): Promise<Record<string, string>> {
  const { command, root, address, host } = request;
  const [name = "", ...args] = command.trim().split(/\s+/);
  const program = findProgram(name, host.env["PATH"] ?? "", root);
  if (program === undefined) throw new RemoteSettingError(`there is no header helper ${name}`);
  const env = Object.fromEntries(
    Object.entries(host.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const input = JSON.stringify({ uri: address });
  const ran = await runBounded([program, ...args, "get"], { env, timeoutMs, input });
  if (ran.kind === "failed")
    throw new RemoteSettingError(`the header helper failed: ${ran.reason}`);
  return headersIn(ran.stdout);
}

function headersIn(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(objectIn(text))) {
    const isList = Array.isArray(values) && values.every((value) => typeof value === "string");
    if (!isList) throw notJson();
    headers[name.toLowerCase()] = values.join(", ");
  }
  return headers;
}

function objectIn(text: string): object {
  try {
    const found: unknown = JSON.parse(text);
    const headers =
      typeof found === "object" && found !== null && "headers" in found ? found.headers : {};
    if (typeof headers === "object" && headers !== null) return headers;
  } catch {
    // Told below, without what it printed, as that may be a secret.
  }
  throw notJson();
}

function notJson(): RemoteSettingError {
  return new RemoteSettingError('the header helper did not print {"headers": {"name": ["value"]}}');
}
