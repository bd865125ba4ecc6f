// `build TARGET…` with the options that most builds have, if any: what reads all of them takes longer to
// load than all that a build does which finds nothing changed.

import type { BuildRequest } from "../engine/build.ts";
import { flagsOf } from "./build-flags.ts";
import type { KraftContext } from "./context.ts";
import type { ReportingOptions } from "./reporting.ts";

/** A build that was read without what knows all options. */
export interface PlainBuild {
  readonly request: Omit<BuildRequest, "listen">;
  readonly reporting: ReportingOptions;
}

/**
 * What BuildCommand makes of `words`: the same, so that either has the other's memo. Undefined where
 * they say anything else than patterns and {@link usual} options, each once.
 */
export function plainBuildOf(
  [name, ...words]: readonly string[],
  context: KraftContext,
): PlainBuild | undefined {
  if (name !== "build" || context.afterDashes.length > 0) return undefined;
  const patterns = words.filter((word) => !word.startsWith("-"));
  const options = words.filter((word) => word.startsWith("-")).map(usual);
  const stated = new Map(options.flatMap((option) => (option === undefined ? [] : [option])));
  if (stated.size < options.length) return undefined;
  const { host, builtIn, engine, signal } = context;
  const request = {
    host,
    builtIn,
    configs: [],
    flags: flagsOf({ jobs: stated.get("jobs"), sandbox: stated.get("sandbox") }),
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
  const reporting = { context, events: stated.get("events"), explain: false };
  return { request, reporting: { ...reporting, isQuiet: stated.has("quiet") } };
}

/** What an option states that is one word, with a value that can be no option; "" where it has none. */
function usual(word: string): readonly [name: string, value: string] | undefined {
  if (word === "-q" || word === "--quiet") return ["quiet", ""];
  const [, name, value] = /^--(jobs|sandbox|events)=([^-][^]*)$/.exec(word) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  const jobs = /^-j(\d+)$/.exec(word)?.[1];
  return jobs === undefined ? undefined : ["jobs", jobs];
}
