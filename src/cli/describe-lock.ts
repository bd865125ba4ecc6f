// What changed in a lock file, and what it lacks, in words.

import { describeSource } from "../action/remote-source.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { ComponentChange } from "../engine/locked-components.ts";
import type { LockChange, Locked } from "../engine/locking.ts";
import { SourceProblem } from "../engine/source-problem.ts";
import type { WantedSources } from "../engine/wanted-sources.ts";
import type { ComponentPin } from "../workspace/component-pin.ts";
import { digestOfPin, type Pin } from "../workspace/lock-file.ts";
import type { KraftContext } from "./context.ts";
import { tellMistake } from "./mistakes.ts";

/** Tells why sources could not be asked for, and which of them the lock file lacks. */
export function tellProblems(
  { problems, missing }: Locked,
  { context, isOffline }: { readonly context: KraftContext; readonly isOffline: boolean },
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

/** Says of which targets it is not known what makefiles download for them. */
export function tellUnknown(
  { unknownOf }: Pick<WantedSources, "unknownOf">,
  { wasTried, context }: { readonly wasTried: boolean; readonly context: KraftContext },
): void {
  const [first, ...others] = unknownOf;
  if (first === undefined) return;
  const names = others.length === 0 ? first : `${first} and ${others.length} more`;
  const rest = wasTried
    ? 'is not known, as that could not be planned here: "kraft-graph pkg pull" says why, and a build pins it'
    : 'is pinned by "kraft-graph lock" where it may plan, or by a build';
  context.stderr.write(`note: what else ${names} download ${rest}\n`);
}

/** Tells that the lock file lacks the component of `pin`. */
export function tellMissing({ type, name }: ComponentPin, context: KraftContext): void {
  tellMistake(notLocked(type === "core" ? name : `${type}/${name}`), context);
}

function notLocked(shown: string, help = '"kraft-graph lock" adds it'): Diagnostic {
  const message = `${shown} is not in kraft.lock.yaml`;
  return { severity: "error", code: "not-locked", message, help };
}

/** A line about a component. */
export function describeComponent({ kind, pin, from }: ComponentChange): string {
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

/** A line about a source. */
export function describeChange(change: LockChange): string {
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
