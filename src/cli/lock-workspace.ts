// Brings the lock file of a workspace up to date, and says what changed.

import { nearestName } from "../diagnostic/suggest.ts";
import { Elsewhere } from "../engine/elsewhere.ts";
import { openLockBook } from "../engine/lock-book.ts";
import { lockedComponents } from "../engine/locked-components.ts";
import { namesOf } from "../engine/locking.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import { wantedSources, type WantedSources } from "../engine/wanted-sources.ts";
import type { Pins } from "../workspace/lock-file.ts";
import type { exitCodes, KraftContext } from "./context.ts";
import { compareWithLock, lockPins } from "./lock-pins.ts";
import { mistakeLog, tellMistake } from "./mistakes.ts";

/** What the command line says. */
export interface LockWords {
  /** Targets; with `update`, components. */
  readonly words: readonly string[];
  readonly update: boolean;
  readonly allowsMoved: boolean;
  readonly isFrozen: boolean;
  /** Whether targets may be planned, as only that tells what makefiles download. */
  readonly plans: boolean;
}

/** Where, and for whom. */
export interface LockPlace {
  readonly repository: Repository;
  readonly request: RepositoryRequest;
  readonly context: KraftContext;
}

/** Carries out `words`; gives the name of the exit code. */
export async function lockWorkspace(
  words: LockWords,
  place: LockPlace,
): Promise<keyof typeof exitCodes> {
  const { repository, context } = place;
  const { isFrozen, allowsMoved } = words;
  const patterns = words.update || words.words.length === 0 ? ["//..."] : words.words;
  const isWhole = patterns.includes("//...");
  const update = words.update ? words.words : undefined;
  if (update !== undefined && !isFrozen) await refreshManifests(place);
  const elsewhere = new Elsewhere(repository, ({ name }) => isMoved(name, update));
  const wanted = sourcesOf(patterns, { ...place, elsewhere });
  if (wanted === undefined) return "refused";
  if (update !== undefined && !areKnown(update, wanted, context)) return "refused";
  const pins = soundPins(place);
  if (pins === undefined) return "refused";
  const request = {
    wanted,
    pins,
    components: lockedComponents({ repository, elsewhere, isWhole }),
    isWhole,
    allowsMoved,
    plans: words.plans,
    ...(update !== undefined && { update }),
  };
  return isFrozen ? compareWithLock(request, place) : lockPins(request, place);
}

/** What the lock file says; undefined when it has mistakes, which are told. */
function soundPins({ repository, context }: LockPlace): Pins | undefined {
  let isSound = true;
  const { inFile } = openLockBook(repository.lockFile, (diagnostic) => {
    isSound &&= diagnostic.severity !== "error";
    tellMistake(diagnostic, context);
  });
  const pins = inFile();
  return isSound ? pins : undefined;
}

/** Whether the component `name` is to be chosen anew. */
function isMoved(name: string, update: readonly string[] | undefined): boolean {
  return update !== undefined && (update.length === 0 || update.includes(name));
}

/** Asks servers what their manifests say by now, if anybody ever did. */
async function refreshManifests({ repository, context }: LockPlace): Promise<void> {
  const { host, signal, stderr } = context;
  if (repository.settings.values["sources.offline"].value) return;
  const { knownManifests, updateManifests } = await import("../engine/manifests.ts");
  if (knownManifests(repository).manifests.length === 0) return;
  const { problems } = await updateManifests(repository, host, signal);
  for (const { message } of problems) stderr.write(`note: ${message}; what was known is used\n`);
}

/** What `patterns` take from elsewhere; undefined when there are mistakes, which are told. */
export function sourcesOf(
  patterns: readonly string[],
  { repository, request, elsewhere, context }: LockPlace & { readonly elsewhere?: Elsewhere },
): WantedSources | undefined {
  const log = mistakeLog(context);
  const how = { request, host: context.host, report: log.report, ...(elsewhere && { elsewhere }) };
  const wanted = wantedSources(repository, patterns, how);
  return log.tell().hasErrors ? undefined : wanted;
}

/** Whether each of `names` is one that a source has; which is told when it is not. */
function areKnown(
  names: readonly string[],
  { fetches }: WantedSources,
  { stderr }: KraftContext,
): boolean {
  const known = new Set(fetches.flatMap(namesOf));
  const strange = names.filter((name) => !known.has(name));
  for (const name of strange) {
    const nearest = nearestName(name, known);
    const help = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
    stderr.write(`error: no component from elsewhere is called ${name}${help}\n`);
  }
  return strange.length === 0;
}
