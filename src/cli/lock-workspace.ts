// Brings the lock file of a workspace up to date, and says what changed.

import { describeSource } from "../action/remote-source.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { nearestName } from "../diagnostic/suggest.ts";
import { Fetching } from "../engine/fetching.ts";
import { Elsewhere } from "../engine/elsewhere.ts";
import { changeLockFile, openLockBook } from "../engine/lock-book.ts";
import { type ComponentChange, lockedComponents } from "../engine/locked-components.ts";
import { type LockChange, lockSources, type Locked, namesOf } from "../engine/locking.ts";
import { registrySettingsOf } from "../engine/registry-settings.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import { SourceProblem } from "../engine/source-problem.ts";
import { wantedSources, type WantedSources } from "../engine/wanted-sources.ts";
import { openStore } from "../store/store.ts";
import type { ComponentPin } from "../workspace/component-pin.ts";
import { digestOfPin, type Pin, pinName } from "../workspace/lock-file.ts";
import type { exitCodes, KraftContext } from "./context.ts";
import { mistakeLog, tellMistake } from "./mistakes.ts";

/** What the command line says. */
export interface LockWords {
  /** Targets; with `update`, components. */
  readonly words: readonly string[];
  readonly update: boolean;
  readonly allowsMoved: boolean;
  readonly isFrozen: boolean;
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
  const { host, stdout, signal } = context;
  const isOffline = repository.settings.values["sources.offline"].value && !words.isFrozen;
  const patterns = words.update || words.words.length === 0 ? ["//..."] : words.words;
  const isWhole = patterns.includes("//...");
  const update = words.update ? words.words : undefined;
  if (update !== undefined && !words.isFrozen) await refreshManifests(place);
  const elsewhere = new Elsewhere(repository, ({ name }) => isMoved(name, update));
  const wanted = sourcesOf(patterns, { ...place, elsewhere });
  if (wanted === undefined) return "refused";
  if (update !== undefined && !areKnown(update, wanted, context)) return "refused";
  let isSound = true;
  const { inFile } = openLockBook(repository.lockFile, (diagnostic) => {
    isSound &&= diagnostic.severity !== "error";
    tellMistake(diagnostic, context);
  });
  const pins = inFile();
  if (!isSound) return "refused";
  const store = openStore(repository.settings.values["cache.dir"].value, host);
  const components = lockedComponents({ repository, elsewhere, isWhole });
  const locked = await lockSources({
    pins,
    fetches: wanted.fetches,
    isWhole,
    knowsFiles: wanted.unknownOf.length === 0,
    ...(update !== undefined && { update }),
    allowsMoved: words.allowsMoved,
    isFrozen: words.isFrozen,
    isOffline,
    fetching: new Fetching({
      store,
      host,
      vendorDirectory: undefined,
      registries: registrySettingsOf(repository.settings),
    }),
    options: { signal, onProgress: () => undefined },
  });
  tellProblems(locked, { context, isOffline });
  const isAsItShouldBe =
    locked.missing.length + locked.changes.length + components.changes.length === 0;
  for (const change of components.changes) {
    if (words.isFrozen && change.kind === "added") tellMissing(change.pin, context);
    else stdout.write(`${describeComponent(change)}\n`);
  }
  for (const change of locked.changes) stdout.write(`${describeChange(change)}\n`);
  if (words.isFrozen) return isAsItShouldBe ? "ok" : "refused";
  // Once is enough.
  if (locked.changes.some(({ kind }) => kind === "added")) tellUnknown(wanted, context);
  await changeLockFile(repository.root, host, (known) => ({
    pins: afterChanges(known.pins, locked.changes),
    components: components.applyTo(known.components),
  }));
  return locked.problems.length + locked.missing.length === 0 ? "ok" : "failed";
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

function tellProblems(
  { problems, missing }: Locked,
  { context, isOffline }: Pick<LockPlace, "context"> & { readonly isOffline: boolean },
): void {
  for (const problem of problems) {
    const code = problem instanceof SourceProblem ? problem.code : "not-fetched";
    const { help } = problem as { help?: string };
    const { message } = problem;
    const diagnostic = { severity: "error", code, message, ...(help && { help }) } as const;
    tellMistake(diagnostic, context);
  }
  const help = isOffline ? "lock once without --offline and sources.offline" : undefined;
  for (const source of missing) tellMistake(notLocked(describeSource(source), help), context);
}

/** Says who pins what only makefiles tell of. */
function tellUnknown({ unknownOf }: WantedSources, { stderr }: KraftContext): void {
  const [first, ...others] = unknownOf;
  if (first === undefined) return;
  const names = others.length === 0 ? first : `${first} and ${others.length} more`;
  stderr.write(
    `note: what else ${names} download is pinned by "kraft-graph pkg pull", or by a build\n`,
  );
}

function tellMissing({ type, name }: ComponentPin, context: KraftContext): void {
  tellMistake(notLocked(type === "core" ? name : `${type}/${name}`), context);
}

function notLocked(shown: string, help = '"kraft-graph lock" adds it'): Diagnostic {
  const message = `${shown} is not in kraft.lock.yaml`;
  return { severity: "error", code: "not-locked", message, help };
}

function describeComponent({ kind, pin, from }: ComponentChange): string {
  const { type, name, version, chosen } = pin;
  const typed = type === "core" ? name : `${type}/${name}`;
  const asked = version === undefined ? typed : `${typed}:${version}`;
  switch (kind) {
    case "added":
      return `added    ${asked} ${chosen}`;
    case "moved":
      return `moved    ${asked} ${from?.chosen} -> ${chosen}`;
    case "removed":
      return `removed  ${asked}, which nothing uses`;
  }
}

function describeChange(change: LockChange): string {
  const name = nameOf(change.pin);
  switch (change.kind) {
    case "added":
      return `added    ${name} ${shortOf(change.pin)}`;
    case "moved":
      return `moved    ${name} ${shortOf(change.from)} -> ${shortOf(change.pin)}`;
    case "removed":
      return `removed  ${name}, which nothing uses`;
  }
}

function nameOf(pin: Pin): string {
  if (pin.kind === "image") return `${pin.url} for ${pin.reference}`;
  const reference = pin.kind === "git" ? pin.reference : undefined;
  return reference === undefined ? pin.url : `${pin.url} at ${reference}`;
}

/** Enough of a digest for people to compare. */
function shortOf(pin: Pin): string {
  return digestOfPin(pin).replace("sha256:", "").slice(0, 12);
}
