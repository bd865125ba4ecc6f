// Builds targets and tells of it. Knows no options and no words: see build-command.ts and plain-build.ts.

import { type BuildRequest, type BuildResult, build } from "../engine/build.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { type ReportingOptions, withReporting } from "./reporting.ts";

/** Builds as `request` says and prints what a single target gave; gives the exit code. */
export async function buildTargets(
  request: Omit<BuildRequest, "listen">,
  reporting: ReportingOptions,
): Promise<number> {
  const result = await withReporting(reporting, (listen) => build({ ...request, listen }));
  if (result.kind === "built" && reporting.events !== "-") printOutputs(result, reporting.context);
  return exitCodeOf(result);
}

function printOutputs(
  { root, results, isPlaced }: Extract<BuildResult, { kind: "built" }>,
  { stdout, host }: KraftContext,
): void {
  const [only, ...others] = results.values();
  if (only === undefined || others.length > 0 || !isPlaced) return;
  // As short as they can be from where the user is.
  const prefix = host.workingDirectory === root ? "" : `${root}/`;
  for (const path of only.outputs) stdout.write(`${prefix}${path}\n`);
}

/** What a command that built ends with, when it does no more. */
export function exitCodeOf({ kind }: BuildResult): number {
  return kind === "built" ? exitCodes.ok : exitCodes[kind];
}
