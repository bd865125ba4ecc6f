// One build: the same again when nothing changed, else anew. Loads little until it has to.

import type { Label } from "../label/label.ts";
import type { RemoteTraffic } from "../remote/remote.ts";
import type { Follower } from "../watch/follower.ts";
import type { Choice } from "./choose-targets.ts";
import { type Listen, noActions } from "./event.ts";
import type { Execution } from "./execution-request.ts";
import { type MemoResult, readMemo } from "./memo.ts";
import { findMemo } from "./memo-path.ts";
import type { RepositoryRequest } from "./repository.ts";

/** What to build. */
export interface BuildRequest extends RepositoryRequest {
  readonly choice: Choice;
  /** What to build of the targets in place of their outputs; see `TargetResult.groups`. */
  readonly group?: string;
  /** Whether to link outputs under the names that KraftKit gives them, too. */
  readonly kraftLayout?: boolean;
  /** Whether to look at every action, even when nothing seems to have changed. */
  readonly isThorough?: boolean;
  /** How many of the known results to run again and compare, from 0 to 1; absent: none. */
  readonly verifyShare?: number;
  /** Whether only what other machines have counts as known, and is remembered nowhere. */
  readonly onlyShared?: boolean;
  /** Whether outputs may stay at other machines, where settings say so. */
  readonly leavesOutputs?: boolean;
  /** Whether events say which commands run. */
  readonly tellsCommands?: boolean;
  readonly engine: EngineIdentity;
  readonly listen: Listen;
  readonly signal: AbortSignal;
  /** Hears of each source before actions get to see it; see `disk` for all that is read to plan. */
  readonly follower?: Follower;
}

/** Which engine is at work. */
export interface EngineIdentity {
  /** As released. */
  readonly version: string;
  /** Differs whenever its code does. */
  readonly buildId: string;
}

/** How a build ended. */
export type BuildResult =
  | {
      readonly kind: "built";
      /** Absolute; paths in results are relative to it. */
      readonly root: string;
      /** Whether the outputs are here. */
      readonly isPlaced: boolean;
      /** Of the targets that were chosen, sorted by label. */
      readonly results: ReadonlyMap<Label, MemoResult>;
    }
  /** An action failed, or the machine did. */
  | { readonly kind: "failed" }
  /** What was asked for, or a file of the user, is wrong. */
  | { readonly kind: "refused" }
  | { readonly kind: "interrupted" };

/** Builds what `request` chooses. All that there is to say goes to its `listen`. */
export function build(request: BuildRequest): Promise<BuildResult> {
  return tellBuild(request, async () => {
    const remembered = recall(request);
    if (remembered !== undefined) return remembered;
    // What it needs takes as long to load as all of the above takes to run.
    const { buildAnew } = await import("./fresh-build.ts");
    return buildAnew(request);
  });
}

/** How a build went. */
export interface Outcome {
  readonly result: BuildResult;
  /** Absent when nothing came to be carried out. */
  readonly execution?: Execution;
  /** What went to other machines and came from there; absent when none was asked. */
  readonly traffic?: RemoteTraffic;
}

/** What `run` came to, with an event before it and one after. */
export async function tellBuild(
  { listen, host, choice, engine }: Pick<BuildRequest, "listen" | "host" | "choice" | "engine">,
  run: () => Promise<Outcome>,
): Promise<BuildResult> {
  const startMs = host.now();
  listen({ kind: "started", version: engine.version, patterns: choice.patterns });
  const { result, execution, traffic } = await run();
  const { ok: isWhole, counts, savedMs } = execution ?? nothingDone;
  const wallMs = Math.round(host.now() - startMs);
  const ok = isWhole && result.kind !== "interrupted";
  const how = result.kind === "interrupted" ? ({ isInterrupted: true } as const) : {};
  const remote = traffic && { remote: { ...traffic, savedMs: Math.round(savedMs) } };
  listen({ kind: "finished", ok, ...how, actions: counts, ...remote, wallMs });
  return result;
}

/** The result of the same build before, if nothing changed since. */
function recall(request: BuildRequest): Outcome | undefined {
  const { isThorough = false, verifyShare = 0, listen } = request;
  const place = isThorough || verifyShare > 0 ? undefined : findMemo(request);
  const memo = place === undefined ? undefined : readMemo(place);
  if (place === undefined || memo === undefined) return undefined;
  const { packages, targets, actions, results } = memo;
  listen({ kind: "loaded", packages, targets, isRemembered: true });
  return {
    result: { kind: "built", root: place.root, isPlaced: true, results: new Map(results) },
    execution: { ok: true, counts: { ...noActions, upToDate: actions }, savedMs: 0 },
  };
}

const nothingDone: Execution = { ok: false, counts: noActions, savedMs: 0 };
