// Which of the programs that actions run are on this machine. Starts them to ask their version.

import { otherInstallationOf } from "../engine/debian-package.ts";
import type { Label } from "../label/label.ts";
import { runBounded } from "../sandbox/bounded-run.ts";
import { findProgram } from "../sandbox/program-file.ts";
import { versionOf } from "../sandbox/tool-questions.ts";
import type { Finding } from "./finding.ts";

/** What is known of `tools`, by name, looked for in `pathFor`; those with a trailing `?` may be absent. */
export async function toolFindings(
  tools: ReadonlyMap<string, readonly Label[]>,
  pathFor: (name: string) => string,
): Promise<Finding[]> {
  // A tool that some can do without is as needed as the target says that needs it most.
  const names = [...new Set([...tools.keys()].map(plainName))].sort();
  const findings = await Promise.all(
    names.map((name) =>
      toolFinding(name, {
        needed: tools.get(name),
        useful: tools.get(`${name}?`) ?? [],
        path: pathFor(name),
      }),
    ),
  );
  const headers = tools.has("gcc")
    ? await headerFinding(tools.get("gcc") ?? [], pathFor("gcc"))
    : undefined;
  return headers === undefined ? findings : [...findings, headers];
}

interface ToolNeed {
  /** Absent: all do without it. */
  readonly needed: readonly Label[] | undefined;
  readonly useful: readonly Label[];
  readonly path: string;
}

async function toolFinding(name: string, { needed, useful, path }: ToolNeed): Promise<Finding> {
  const program = findProgram(name, path, "/");
  const affects = [...new Set([...(needed ?? []), ...useful])].sort();
  if (program !== undefined) {
    const version = await versionOf(program, path);
    // What a script says to an option that it does not know is no version.
    const detail = /\d/.test(version) ? version : program;
    return { subject: name, verdict: "good", detail, affects };
  }
  if (needed !== undefined) {
    const detail = `it is not in ${path}`;
    const help = otherInstallationOf(name);
    const how = help === undefined ? { program: name } : { help };
    return { subject: name, verdict: "bad", detail, affects: needed, ...how };
  }
  const detail = "it is not installed, and some cores and libraries need it";
  return { subject: name, verdict: "limited", detail, affects, program: name };
}

/** The core's own programs are compiled for this machine; that takes what Debian has apart. */
async function headerFinding(
  affects: readonly Label[],
  path: string,
): Promise<Finding | undefined> {
  const gcc = findProgram("gcc", path, "/");
  if (gcc === undefined) return undefined;
  const argv = [gcc, "-x", "c", "-fsyntax-only", "-include", "stdio.h", "/dev/null"] as const;
  const result = await runBounded(argv, { env: { PATH: path }, timeoutMs: 10_000 });
  if (result.kind === "succeeded") return undefined;
  const detail = "gcc finds no stdio.h, which the programs of a core's own build need";
  return { subject: "C library", verdict: "limited", detail, affects, program: "libc headers" };
}

function plainName(name: string): string {
  return name.replace(/\?$/, "");
}
