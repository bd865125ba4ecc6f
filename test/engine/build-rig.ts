import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { generic } from "../../rules/generic/generic.ts";
import type { Host } from "../../src/base/host.ts";
import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type BuildRequest, build } from "../../src/engine/build.ts";
import type { Choice } from "../../src/engine/choose-targets.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import type { BuiltInRuleSets } from "../../src/engine/repository.ts";
import { machineRules } from "./machine-rules.ts";
import { realHost, temporaryDirectory } from "../sandbox/sandbox-rig.ts";

/** How one build is to be. */
export interface RigRequest extends Partial<Omit<BuildRequest, "host" | "choice">> {
  /** Relative to the root; absent: the root. */
  readonly directory?: string;
  readonly env?: Host["env"];
  /** How far the clock is ahead, so that what was just made is long there. */
  readonly aheadMs?: number;
  readonly choice?: Partial<Choice>;
}

/** The rule sets that workspaces of the rig have. */
export const builtIn: BuiltInRuleSets = new Map([
  ["generic", () => Promise.resolve(generic)],
  ["machines", () => Promise.resolve(machineRules)],
]);

/** A host that works in `directory`, with nothing in its environment but `env`. */
export function hostIn(directory: string, env: Host["env"] = {}): Host {
  return { ...realHost, env, workingDirectory: directory, cpus: 2, architecture: "x64" };
}

/** A workspace of `files` in a temporary directory, and builds in it. */
export function buildRig(files: Readonly<Record<string, string>> = {}) {
  const root = temporaryDirectory();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  /** Builds `patterns` as typed, separated by spaces. */
  const run = async (patterns = "", request: RigRequest = {}) => {
    const events: BuildEvent[] = [];
    const { directory = "", env = {}, choice = {}, aheadMs = 0, ...more } = request;
    const result = await build({
      host: {
        ...hostIn(join(root, directory), env),
        epochMs: () => Date.now() + aheadMs,
      },
      builtIn,
      flags: [{ name: "--sandbox", key: "build.sandbox", text: "links" }],
      choice: { patterns: patterns.match(/\S+/g) ?? [], ...choice },
      engine: { version: "1.2.3", buildId: "test" },
      listen: (event) => void events.push(event),
      signal: new AbortController().signal,
      ...more,
    });
    return { result, events, ...summaryOf(events, root) };
  };
  return { root, write, remove: (path: string) => rmSync(join(root, path)), run };
}

function summaryOf(events: readonly BuildEvent[], root: string) {
  const printed = events.flatMap((event) => {
    if (event.kind === "diagnostic") return [renderDiagnostic(event.diagnostic)];
    return event.kind === "fault" || event.kind === "notice" ? [event.message] : [];
  });
  const last = events.at(-1);
  const counts = last?.kind === "finished" ? Object.entries(last.actions) : [];
  return {
    kinds: events.map(({ kind }) => kind),
    printed: printed.join("\n").replaceAll(root, "ROOT"),
    counts: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    isRemembered: events.some((event) => event.kind === "loaded" && event.isRemembered),
  };
}
