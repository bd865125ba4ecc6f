import { setImmediate } from "node:timers/promises";

import type { Action } from "../action/action.ts";
import type { Digest } from "../digest/digest.ts";
import { type ToolCache, toolIdentity } from "../sandbox/tool.ts";
import { VersionQuestions } from "../sandbox/tool-questions.ts";
import { engineTool } from "../action/facts.ts";
import { debianPackageOf, otherInstallationOf } from "./debian-package.ts";
import { toolsOf } from "./state-of.ts";

/** The programs of the machine that actions name. */
export interface Toolchain {
  /** A text for each program that is there, which changes when the program does. */
  readonly identities: ReadonlyMap<string, string>;
  /** What `action` lacks, as a message; undefined when it has all it needs. */
  readonly missingOf: (action: Action) => string | undefined;
  /** Whether it was found out what `action` needs. */
  readonly isKnown: (action: Action) => boolean;
  /** Finds out about what further actions need. Throws a StoreError. */
  readonly add: (actions: readonly Action[]) => Promise<void>;
  /** Resolves when all that was asked is known, or failed. */
  readonly settled: () => Promise<void>;
}

/**
 * The toolchain of actions that look for programs in `path`. `cache` is added to. `engine` stands
 * for the engine's own code, which runs the programs of rule sets.
 */
export function newToolchain(path: string, cache: ToolCache, engine: string): Toolchain {
  const identities = new Map<string, string>([[engineTool, engine]]);
  const asked = new Map<string, Promise<void>>([[engineTool, Promise.resolve()]]);
  const digests = new Map<string, Promise<Digest>>();
  const versions = new VersionQuestions(path);
  const found = new Set([engineTool]);
  const find = async (name: string): Promise<void> => {
    const identity = await toolIdentity(name.replace(/\?$/, ""), {
      path,
      cache,
      digests,
      versions,
    });
    found.add(name);
    if (identity === undefined) return;
    const { file: _, ...lasting } = identity; // Where it is says nothing of what it does.
    identities.set(name, JSON.stringify(lasting));
  };
  return {
    identities,
    isKnown: (action) => toolsOf(action).every((name) => found.has(name)),
    missingOf: (action) => {
      const missing = toolsOf(action).filter(
        (name) => !name.endsWith("?") && !identities.has(name),
      );
      return missing.length === 0 ? undefined : messageOf(missing, path);
    },
    add: async (actions) => {
      const names = new Set(actions.flatMap(toolsOf));
      // All at once, as they take longer to start than to answer. What is asked already is waited for.
      for (const name of names) if (!asked.has(name)) asked.set(name, find(name));
      await Promise.all([...names].flatMap((name) => asked.get(name) ?? []));
    },
    settled: async () => void (await Promise.allSettled(asked.values())),
  };
}

/**
 * Asks about all that `actions` need, and does `work` meanwhile, until the first have answered: what is
 * large of them is read beside all that follows. Those who need a tool wait for it, and what goes wrong
 * is theirs.
 */
export async function askMeanwhile(
  toolchain: Pick<Toolchain, "add">,
  actions: readonly Action[],
  work: () => void,
): Promise<void> {
  toolchain.add(actions).catch(() => undefined);
  work();
  for (let turn = 0; turn < turnsOfAnswer; turn++) await setImmediate();
}

/** In how many turns of the event loop a program that has ended is heard: its streams, then its end. */
const turnsOfAnswer = 4;

function messageOf(missing: readonly string[], path: string): string {
  const packages = [...new Set(missing.flatMap((name) => debianPackageOf(name) ?? []))];
  const hint = packages.length === 0 ? "" : `; on Debian: apt-get install ${packages.join(" ")}`;
  const others = [...new Set(missing.flatMap((name) => otherInstallationOf(name) ?? []))];
  return [`there is no ${missing.join(", ")} in ${path}${hint}`, ...others].join("; ");
}
