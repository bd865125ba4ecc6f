// The lock file by itself: pins added, moved and removed, with nothing built.

import type { FetchAction } from "../action/action.ts";
import { describeSource, type RemoteSource } from "../action/remote-source.ts";
import { componentNameAt } from "../analysis/component-paths.ts";
import { digestOfPin, type Pin, pinName, pinNameOf } from "../workspace/lock-file.ts";
import { eachOf } from "./each-of.ts";
import type { FetchOptions } from "./fetch-options.ts";
import type { Fetching } from "./fetching.ts";
import { movedSource, notAsked } from "./source-problem.ts";

/** What to do with the pins of the lock file. */
export interface LockRequest {
  readonly pins: ReadonlyMap<string, Pin>;
  /** What the workspace, or a part of it, takes from elsewhere. */
  readonly fetches: readonly FetchAction[];
  /** What is wanted besides, and is as `pins` have it by now; absent: nothing. */
  readonly settled?: readonly FetchAction[];
  /** Whether `fetches` is all that the workspace takes, so that other pins serve nobody. */
  readonly isWhole: boolean;
  /** Whether files are among `fetches` that only a build can tell of. */
  readonly knowsFiles: boolean;
  /** Which pins to move: those of components by these names; none: all of them. Absent: no pin. */
  readonly update?: readonly string[];
  /** Whether a tag that moved, or a file that changed, is taken as it is now. */
  readonly allowsMoved: boolean;
  /** Whether nothing may be asked, and so nothing changed. */
  readonly isFrozen: boolean;
  /** Whether no server may be asked; pins that are there stay. */
  readonly isOffline: boolean;
  readonly fetching: Fetching;
  readonly options: FetchOptions;
}

/** A change of the lock file. */
export type LockChange =
  | { readonly kind: "added"; readonly pin: Pin }
  | { readonly kind: "moved"; readonly pin: Pin; readonly from: Pin }
  | { readonly kind: "removed"; readonly pin: Pin };

/** What came of it. */
export interface Locked {
  /** Of the whole file, in no order. */
  readonly pins: readonly Pin[];
  readonly changes: readonly LockChange[];
  /** Sources that are missing, and could not be asked for. */
  readonly missing: readonly RemoteSource[];
  readonly problems: readonly Error[];
}

/** The pins as they should be. What goes wrong with one source leaves the others be. */
export async function lockSources(request: LockRequest): Promise<Locked> {
  const { pins, fetches, settled = [], isFrozen, isOffline } = request;
  const wanted = new Map<string, FetchAction>();
  for (const fetch of fetches) {
    const name = pinNameOf(fetch.source);
    if (name !== undefined && !wanted.has(name)) wanted.set(name, fetch);
  }
  const used = new Set([...wanted.keys(), ...settled.map(({ source }) => pinNameOf(source))]);
  const kept = new Map<string, Pin>();
  for (const [name, pin] of pins) if (used.has(name) || isNeeded(pin, request)) kept.set(name, pin);
  const removed = [...pins].filter(([name]) => !kept.has(name));
  const changes: LockChange[] = removed.map(([, pin]) => ({ kind: "removed", pin }));
  const missing: RemoteSource[] = [];
  const problems: Error[] = [];
  await eachOf([...wanted.entries()], async ([name, fetch]) => {
    const known = kept.get(name);
    if (known === undefined && (isFrozen || isOffline)) missing.push(fetch.source);
    if (isFrozen || (known === undefined && isOffline)) return;
    try {
      const pin = await pinFor(fetch, known, request);
      kept.set(name, pin);
      if (known === undefined) changes.push({ kind: "added", pin });
      else if (digestOfPin(known) !== digestOfPin(pin)) {
        changes.push({ kind: "moved", pin, from: known });
      }
    } catch (error) {
      if (!isOfSource(error) || request.options.signal.aborted) throw error;
      problems.push(error);
    }
  });
  changes.sort((a, b) => (pinName(a.pin) < pinName(b.pin) ? -1 : 1));
  return { pins: [...kept.values()], changes, missing, problems };
}

/** Told by name, as the classes of fetching are loaded when something is fetched. */
function isOfSource(error: unknown): error is Error {
  return error instanceof Error && ["SourceProblem", "FetchError", "GitError"].includes(error.name);
}

/** Whether `pin` stays although none of the fetches that are known wants it. */
function isNeeded(pin: Pin, { isWhole, knowsFiles }: LockRequest): boolean {
  return !isWhole || (pin.kind === "file" && !knowsFiles);
}

/** What the source of `fetch` is to stand for from now on. */
async function pinFor(
  fetch: FetchAction,
  known: Pin | undefined,
  { update, allowsMoved, isOffline, fetching, options }: LockRequest,
): Promise<Pin> {
  const isTag = known?.kind === "git" && known.ref?.startsWith("refs/tags/") === true;
  const moves = update !== undefined && (update.length === 0 || isNamed(fetch, update));
  // A tag is looked at in any case: that it moved is news, whoever did it.
  if (known !== undefined && !moves && (!isTag || isOffline)) return known;
  if (isOffline) throw notAsked(describeSource(fetch.source));
  const now = await fetching.resolve(fetch.source, options);
  if (known === undefined || digestOfPin(now) === digestOfPin(known)) return now;
  const isFixed = isTag || known.kind === "archive" || known.kind === "file";
  if (moves && (allowsMoved || !isFixed)) return now;
  throw movedSource(describeSource(fetch.source), digestOfPin(known), digestOfPin(now));
}

/** Whether `names` has the component that `fetch` is for, or its address. */
function isNamed(fetch: FetchAction, names: readonly string[]): boolean {
  return namesOf(fetch).some((name) => names.includes(name));
}

/** What the source of `fetch` can be called: as components are, and by its address. */
export function namesOf({ outputs, source }: FetchAction): readonly string[] {
  return [componentNameAt(outputs[0]), describeSource(source), placeOf(source)];
}

function placeOf(source: RemoteSource): string {
  if (source.kind === "image") return source.reference;
  return source.kind === "git" ? source.url : source.urls[0];
}
