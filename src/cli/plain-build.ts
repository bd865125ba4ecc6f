// `build TARGET…` with no option at all, as most builds are: what reads options takes longer to load
// than all that a build does which finds nothing changed.

import { buildTargets } from "./build-targets.ts";
import type { KraftContext } from "./context.ts";

/** Whether `words` ask for a build, and neither they nor what stands behind dashes has an option. */
export function isPlainBuild(
  [name, ...others]: readonly string[],
  { afterDashes }: KraftContext,
): boolean {
  const isPattern = (word: string): boolean => !word.startsWith("-");
  return name === "build" && afterDashes.length === 0 && others.every(isPattern);
}

/** What BuildCommand does with `patterns` alone: the same request, so that either has the other's memo. */
export function plainBuild(patterns: readonly string[], context: KraftContext): Promise<number> {
  const { host, builtIn, engine, signal } = context;
  const request = {
    host,
    builtIn,
    configs: [],
    flags: [],
    replacement: undefined,
    engine,
    signal,
    tellsCommands: false,
    choice: { patterns, platform: undefined, architecture: undefined, name: undefined },
    kraftLayout: false,
    leavesOutputs: true,
    isThorough: false,
    verifyShare: 0,
  };
  return buildTargets(request, { context, events: undefined, explain: false });
}
