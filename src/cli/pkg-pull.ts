import type { FetchAction } from "../action/action.ts";
import type { Listen } from "../engine/event.ts";
import { learnSources, relocked } from "../engine/learn-sources.ts";
import { namesOf } from "../engine/locking.ts";
import { type WantedSources, wantedSources } from "../engine/wanted-sources.ts";
import { withFetched } from "../engine/with-fetched.ts";
import type { exitCodes } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";
import type { PkgPlace, PkgWords } from "./pkg-place.ts";
import { withReporting } from "./reporting.ts";
import { tellUnplanned } from "./unplanned.ts";

/** `kraft-graph pkg pull COMPONENT|TARGET…`; without any, all of the workspace. */
export async function pullComponents(
  { words }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { context } = place;
  const { signal, stderr } = context;
  const wanted = chosen(words, place);
  if (wanted === undefined) return "refused";
  const { ok, fetches, unknownOf } = await withReporting(
    { context, events: undefined, explain: false },
    (listen) => pull(wanted, place, listen),
  );
  if (signal.aborted) return "interrupted";
  const count = fetches.length === 1 ? "1 source" : `${fetches.length} sources`;
  if (ok) stderr.write(`in the cache: ${count}\n`);
  if (ok) tellUnplanned(unknownOf, context);
  return ok && unknownOf.length === 0 ? "ok" : "failed";
}

/** What to fetch. */
interface Chosen {
  readonly named: readonly FetchAction[];
  /** What targets take; undefined when none are meant. */
  readonly taken: WantedSources | undefined;
}

/** Fetches `named`, what is known of the rest, and then what that turns out to take besides. */
async function pull(
  { named, taken }: Chosen,
  { repository, context: { host, engine, signal } }: PkgPlace,
  listen: Listen,
): Promise<Pick<WantedSources, "fetches" | "unknownOf"> & { readonly ok: boolean }> {
  const build = { host, engine, signal, listen };
  const first = each([...named, ...(taken?.fetches ?? [])]);
  const { ok } = await withFetched({ repository, fetches: first, build }, (execution) => execution);
  if (!ok || taken === undefined) return { ok, fetches: first, unknownOf: [] };
  const { fetches, unknownOf } = await learnSources(taken, { repository, build });
  const all = each([...first, ...fetches]);
  const request = { repository: relocked(repository), fetches: all.slice(first.length), build };
  return { ok: await withFetched(request, (later) => later.ok), fetches: all, unknownOf };
}

/** Those of `fetches` that are different actions. */
function each(fetches: readonly FetchAction[]): readonly FetchAction[] {
  return [...new Map(fetches.map((one) => [one.outputs[0], one])).values()];
}

/** What `words` choose; undefined when that cannot be told, and why was. */
function chosen(words: readonly string[], place: PkgPlace): Chosen | undefined {
  const all = sourcesOf(["//..."], place);
  if (all === undefined) return undefined;
  if (words.length === 0) return { named: [], taken: all };
  const isNamed = (word: string) => all.fetches.some((fetch) => namesOf(fetch).includes(word));
  const components = new Set(words.filter(isNamed));
  const patterns = words.filter((word) => !components.has(word));
  const named = all.fetches.filter((fetch) => namesOf(fetch).some((name) => components.has(name)));
  if (patterns.length === 0) return { named, taken: undefined };
  const taken = sourcesOf(patterns, place);
  return taken && { named, taken };
}

/** What `patterns` take from elsewhere; undefined when there are mistakes, which are told. */
export function sourcesOf(
  patterns: readonly string[],
  { repository, request, context }: PkgPlace,
): WantedSources | undefined {
  const log = mistakeLog(context);
  const wanted = wantedSources(repository, patterns, {
    request,
    host: context.host,
    report: log.report,
  });
  return log.tell().hasErrors ? undefined : wanted;
}
