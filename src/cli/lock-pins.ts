// The pins of a lock file: compared with what is wanted, or brought up to date.

import type { FetchAction } from "../action/action.ts";
import type { BuildEvent, Listen } from "../engine/event.ts";
import { Fetching } from "../engine/fetching.ts";
import { learnSources, relocked } from "../engine/learn-sources.ts";
import { changeLockFile } from "../engine/lock-book.ts";
import type { LockedComponents } from "../engine/locked-components.ts";
import { type LockChange, type Locked, lockSources } from "../engine/locking.ts";
import { registrySettingsOf } from "../engine/registry-settings.ts";
import type { Repository } from "../engine/repository.ts";
import type { FoundSources, WantedSources } from "../engine/wanted-sources.ts";
import { openStore } from "../store/store.ts";
import { type Pin, pinName, type Pins } from "../workspace/lock-file.ts";
import type { exitCodes, KraftContext } from "./context.ts";
import {
  describeChange,
  describeComponent,
  tellMissing,
  tellProblems,
  tellUnknown,
} from "./describe-lock.ts";
import { withReporting } from "./reporting.ts";

/** What is to be in the lock file. */
export interface PinsRequest {
  readonly wanted: WantedSources;
  /** What it says. */
  readonly pins: Pins;
  readonly components: LockedComponents;
  /** Whether what is wanted is all that the workspace takes. */
  readonly isWhole: boolean;
  /** See `LockRequest`. */
  readonly update?: readonly string[];
  readonly allowsMoved: boolean;
  /** See `LockWords`. */
  readonly plans: boolean;
}

interface Place {
  readonly repository: Repository;
  readonly context: KraftContext;
}

/** Whether the lock file is as it should be; what differs is told, and nothing changed. */
export async function compareWithLock(
  { wanted, pins, components, isWhole, allowsMoved }: PinsRequest,
  place: Place,
): Promise<keyof typeof exitCodes> {
  const { context } = place;
  const how = { isWhole, allowsMoved, isFrozen: true, isOffline: false, ...askingOf(place) };
  const locked = await lockSources({ ...how, ...foundIn(wanted), pins });
  tellProblems(locked, { context, isOffline: false });
  for (const change of components.changes) {
    if (change.kind === "added") tellMissing(change.pin, context);
    else context.stdout.write(`${describeComponent(change)}\n`);
  }
  tellChanges(locked, context);
  const differences = locked.missing.length + locked.changes.length + components.changes.length;
  return differences === 0 ? "ok" : "refused";
}

/**
 * Brings the lock file up to date: at first what build files name, then, as components have to be
 * here for it, what only plans of targets tell of.
 */
export async function lockPins(
  request: PinsRequest,
  place: Place,
): Promise<keyof typeof exitCodes> {
  const { wanted, components, isWhole } = request;
  const { context, repository } = place;
  const isOffline = repository.settings.values["sources.offline"].value;
  const wasTried = request.plans && !isOffline && wanted.yielders.length > 0;
  for (const change of components.changes) context.stdout.write(`${describeComponent(change)}\n`);
  const lock = lockerOf(request, { ...place, isOffline });
  if (!wasTried) {
    const { code } = await lock({ ...foundIn(wanted), pins: request.pins, isWhole });
    if (code === "ok") tellUnknown(wanted, { wasTried, context });
    return code;
  }
  const named = wanted.fetches.filter(({ source }) => source.kind !== "file");
  const first = { fetches: named, knowsFiles: false, pins: request.pins, isWhole: false };
  const { locked, code } = await lock(first);
  if (code !== "ok") return code;
  const planned = await plan(wanted, place);
  if (context.signal.aborted) return "interrupted";
  tellUnknown(planned, { wasTried, context });
  const settled = new Set(named.map(outputOf));
  const last = await lock({
    fetches: planned.fetches.filter((fetch) => !settled.has(outputOf(fetch))),
    knowsFiles: planned.unknownOf.length === 0,
    settled: named,
    pins: new Map(locked.pins.map((pin) => [pinName(pin), pin])),
    isWhole,
  });
  return last.code;
}

function outputOf({ outputs }: FetchAction): string {
  return outputs[0];
}

type Pass = Pick<
  Parameters<typeof lockSources>[0],
  "fetches" | "knowsFiles" | "settled" | "pins" | "isWhole"
>;

/** What asks for the pins of one pass, writes them, and tells. */
function lockerOf(
  { components, update, allowsMoved }: PinsRequest,
  place: Place & { readonly isOffline: boolean },
): (pass: Pass) => Promise<{ readonly locked: Locked; readonly code: "ok" | "failed" }> {
  const { repository, context, isOffline } = place;
  const moving = { allowsMoved, ...(update !== undefined && { update }) };
  const how = { ...moving, isFrozen: false, isOffline, ...askingOf(place) };
  return async (pass) => {
    const locked = await lockSources({ ...how, ...pass });
    tellProblems(locked, { context, isOffline });
    tellChanges(locked, context);
    await changeLockFile(repository.root, context.host, (known) => ({
      pins: afterChanges(known.pins, locked.changes),
      components: components.applyTo(known.components),
    }));
    return { locked, code: locked.problems.length + locked.missing.length === 0 ? "ok" : "failed" };
  };
}

function foundIn({ fetches, unknownOf }: FoundSources) {
  return { fetches, knowsFiles: unknownOf.length === 0 };
}

/** With what servers are asked. */
function askingOf({ repository: { settings }, context: { host, signal } }: Place) {
  const store = openStore(settings.values["cache.dir"].value, host);
  const registries = registrySettingsOf(settings);
  const fetching = new Fetching({ store, host, vendorDirectory: undefined, registries });
  return { fetching, options: { signal, onProgress: () => undefined } };
}

/**
 * `wanted` with what its targets turn out to take. What goes wrong is left to those who need more than
 * pins: a machine that cannot build may still lock what it knows of.
 */
function plan(wanted: WantedSources, { repository, context }: Place): Promise<WantedSources> {
  const { host, engine, signal } = context;
  return withReporting({ context, events: undefined, explain: false }, (listen) =>
    learnSources(wanted, {
      repository: unfrozen(relocked(repository)),
      build: { host, engine, signal, listen: (event) => tellProgress(event, listen) },
    }),
  );
}

/** Passes on how far planning is, and not what is wrong. */
function tellProgress(event: BuildEvent, listen: Listen): void {
  switch (event.kind) {
    case "planned":
    case "actions-yielded":
    case "action-started":
    case "action-progress":
      return listen(event);
    case "action-finished": {
      const { failure: _, ...finished } = event;
      return listen(finished);
    }
    default:
  }
}

/** `repository` as if its settings let builds pin: what is not in the lock file is just what is sought. */
function unfrozen(repository: Repository): Repository {
  const { settings } = repository;
  const { values } = settings;
  const locked = { ...values["sources.locked"], value: false };
  return {
    ...repository,
    settings: { ...settings, values: { ...values, "sources.locked": locked } },
  };
}

function tellChanges({ changes }: Locked, { stdout }: KraftContext): void {
  for (const change of changes) stdout.write(`${describeChange(change)}\n`);
}

/** What `known`, which may have grown meanwhile, is to be after `changes`. */
function afterChanges(known: Iterable<Pin>, changes: readonly LockChange[]): Iterable<Pin> {
  const pins = new Map([...known].map((pin) => [pinName(pin), pin]));
  for (const { kind, pin } of changes) {
    if (kind === "removed") pins.delete(pinName(pin));
    else pins.set(pinName(pin), pin);
  }
  return pins.values();
}
