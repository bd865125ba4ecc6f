// Why a build did what it did, from what was written down of it. Builds nothing.

import { join, posix } from "node:path";

import { type Label, partsOf } from "../label/label.ts";
import type { Cas } from "../store/cas.ts";
import { type Cause, type OptionCause, pathsOf } from "../why/cause.ts";
import { type Definition, definitionOf } from "../why/definition.ts";
import { Evidence } from "../why/evidence.ts";
import { readJournals } from "../why/journal.ts";
import type { ActionEntry, JournaledBuild } from "../why/journal-entry.ts";
import { optionChanges } from "../why/option-causes.ts";
import { type Root, type TracedAction, traceRoots } from "../why/trace.ts";
import { unifiedDiff } from "../why/unified-diff.ts";
import { describeCause } from "../why/words.ts";
import { journalDirectoryOf } from "./journaling.ts";

/** What was asked for, of which workspace. */
export interface WhyRequest {
  /** Absolute. */
  readonly root: string;
  readonly cas: Pick<Cas, "read">;
  /** Which actions it is about. */
  readonly isChosen: (entry: ActionEntry) => boolean;
  /** The files that roots have to be about, relative to the root; absent: any. */
  readonly files?: ReadonlySet<string>;
}

/** What was behind the last build that did anything of what was asked for. */
export interface WhyAnswer {
  readonly startedMs: number;
  readonly patterns: readonly string[];
  readonly targets: readonly Label[];
  /** Absent when it was killed. */
  readonly ok?: boolean;
  readonly counts?: Readonly<Record<string, number>>;
  /** How many builds there were since in which all of it was up to date, or was not asked for. */
  readonly buildsSince: number;
  readonly roots: readonly WhyRoot[];
  /** Outputs that were not as they had been left, and were laid out again. */
  readonly laidOut: readonly string[];
}

/** A first cause, with all that it led to. */
export interface WhyRoot {
  readonly cause: Cause;
  readonly text: string;
  /** How many builds before it was, as an action failed meanwhile; 0: in this one. */
  readonly buildsBefore: number;
  readonly definition?: Definition;
  /** Of a small text file, how it changed: lines of a unified diff. */
  readonly diff?: readonly string[];
  readonly actions: readonly WhyAction[];
}

/** An action that was not up to date. */
export interface WhyAction extends Pick<ActionEntry, "id" | "mnemonic" | "subject" | "owner"> {
  readonly outcome: ActionEntry["outcome"];
  /** Whether the root concerns it at once, and not by way of other actions. */
  readonly isDirect: boolean;
  readonly causes: readonly Cause[];
  /** Why, by what other actions made. */
  readonly follows: readonly { readonly id: string; readonly text: string }[];
  /** Its outputs are those of its last success, so that what reads them stayed as it was. */
  readonly isSame: boolean;
  /** Options that differ in a configuration it makes. */
  readonly options: readonly OptionCause[];
}

/** The answer; undefined when nothing was written down of what was asked for. */
export function answerWhy(request: WhyRequest): WhyAnswer | undefined {
  const all = [...readJournals(journalDirectoryOf(request.root))];
  const at = all.findIndex(
    ({ actions, laidOut }) => actions.some(request.isChosen) || laidOut.length > 0,
  );
  return at < 0 ? undefined : tellBuilds(all.slice(at), { ...request, buildsSince: at });
}

/** What was behind the first of `builds`, which are the latest first. */
export function tellBuilds(
  builds: readonly JournaledBuild[],
  { root, cas, isChosen, files, buildsSince }: WhyRequest & Pick<WhyAnswer, "buildsSince">,
): WhyAnswer | undefined {
  const [build] = builds;
  if (build === undefined) return undefined;
  const evidence = new Evidence(join(root, ".kraft/why/evidence"));
  const telling = new Telling(builds, { evidence, cas });
  const { startedMs, patterns, targets } = build.begin;
  const roots = traceRoots(builds, isChosen).map((one) => telling.rootOf(one));
  return {
    startedMs,
    patterns,
    targets,
    ...(build.end !== undefined && { ok: build.end.ok, counts: build.end.counts }),
    buildsSince,
    roots: roots.filter((one) => isAbout(one, files)),
    laidOut: build.laidOut.map(({ path }) => path),
  };
}

/** By what a build file names an action: an output, or its target. */
function namesOf({ id, owner }: ActionEntry): readonly string[] {
  return [posix.basename(id), partsOf(owner).name];
}

/** No one line leads to more new actions. */
const maxNamed = 3;

function isAbout({ cause, definition }: WhyRoot, files?: ReadonlySet<string>): boolean {
  if (files === undefined) return true;
  const defined = definition?.kind === "line" ? [definition.file] : [];
  return [...pathsOf(cause), ...defined].some((path) => files.has(path));
}

class Telling {
  readonly #builds: readonly JournaledBuild[];
  readonly #evidence: Evidence;
  readonly #cas: Pick<Cas, "read">;
  /** As configurations have them; headers only know of values. */
  readonly #options = new Map<string, OptionCause>();

  constructor(
    builds: readonly JournaledBuild[],
    { evidence, cas }: { readonly evidence: Evidence; readonly cas: Pick<Cas, "read"> },
  ) {
    this.#builds = builds;
    this.#evidence = evidence;
    this.#cas = cas;
    for (const entry of builds[0]?.actions ?? []) {
      for (const option of this.#optionsOf(entry)) this.#options.set(option.name, option);
    }
  }

  rootOf({ cause, age, direct, followers }: Root): WhyRoot {
    const definition = this.#definitionOf(cause, age, direct);
    const diff = this.#diffOf(cause);
    return {
      cause,
      text: this.#textOf(cause),
      buildsBefore: age,
      ...(definition !== undefined && { definition }),
      ...(diff !== undefined && diff.length > 0 && { diff }),
      actions: [
        ...direct.map((one) => this.#actionOf(one, true)),
        ...followers.map((one) => this.#actionOf(one, false)),
      ],
    };
  }

  #actionOf({ entry, follows }: TracedAction, isDirect: boolean): WhyAction {
    const { id, mnemonic, subject, owner, outcome, causes, changed } = entry;
    return {
      id,
      mnemonic,
      subject,
      owner,
      outcome,
      isDirect,
      causes,
      follows: follows.map((one) => ({ id: one.id, text: this.#textOf(one.cause) })),
      isSame: changed?.length === 0,
      options: this.#optionsOf(entry),
    };
  }

  #textOf(cause: Cause): string {
    const known = cause.kind === "option" ? this.#options.get(cause.name) : undefined;
    return describeCause(known ?? cause);
  }

  #definitionOf(
    cause: Cause,
    age: number,
    direct: readonly TracedAction[],
  ): Definition | undefined {
    const [now, before] = [this.#builds[age]?.begin, this.#builds[age + 1]?.begin];
    if (now === undefined || before === undefined) return undefined;
    return definitionOf(cause, {
      before,
      now,
      names: direct.length > maxNamed ? [] : direct.flatMap(({ entry }) => namesOf(entry)),
      packages: new Set(direct.map(({ entry }) => partsOf(entry.owner).packagePath)),
      textOf: (digest) => this.#evidence.read(digest)?.toString(),
    });
  }

  #diffOf(cause: Cause): readonly string[] | undefined {
    if (cause.kind !== "file" || cause.change !== "content") return undefined;
    const [old, now] = [cause.from, cause.to].map((text) =>
      this.#evidence.read(text?.slice(0, 32) ?? "")?.toString(),
    );
    return old === undefined || now === undefined ? undefined : unifiedDiff(old, now);
  }

  #optionsOf({ changed = [] }: ActionEntry): readonly OptionCause[] {
    return changed.flatMap(({ path, from, to }) => {
      if (!/(^|[./])config$/.test(path) || from?.kind !== "file" || to?.kind !== "file") return [];
      const [old, now] = [from, to].map(({ digest }) => this.#cas.read(digest)?.toString());
      return old === undefined || now === undefined ? [] : optionChanges(old, now, path);
    });
  }
}
