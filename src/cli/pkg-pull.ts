import { type WantedSources, wantedSources } from "../engine/wanted-sources.ts";
import { namesOf } from "../engine/locking.ts";
import { withFetched } from "../engine/with-fetched.ts";
import type { exitCodes } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";
import type { PkgPlace, PkgWords } from "./pkg-place.ts";
import { withReporting } from "./reporting.ts";

/** `kraft-graph pkg pull COMPONENT|TARGET…`; without any, all of the workspace. */
export async function pullComponents(
  { words }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { repository, context } = place;
  const { host, engine, signal, stderr } = context;
  const wanted = chosen(words, place);
  if (wanted === undefined) return "refused";
  const { fetches, unknownOf } = wanted;
  const { ok } = await withReporting({ context, events: undefined, explain: false }, (listen) =>
    withFetched(
      { repository, fetches, build: { host, engine, signal, listen } },
      (execution) => execution,
    ),
  );
  if (signal.aborted) return "interrupted";
  const count = fetches.length === 1 ? "1 source" : `${fetches.length} sources`;
  if (ok) stderr.write(`in the cache: ${count}\n`);
  if (unknownOf.length > 0) {
    const [first = "", ...others] = unknownOf;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    stderr.write(`note: files that libraries download are known once ${first}${more} was built\n`);
  }
  return ok ? "ok" : "failed";
}

type Chosen = Pick<WantedSources, "fetches" | "unknownOf">;

/** The fetches that `words` choose; undefined when that cannot be told, and why was. */
function chosen(words: readonly string[], place: PkgPlace): Chosen | undefined {
  const all = sourcesOf(["//..."], place);
  if (all === undefined || words.length === 0) return all;
  const isNamed = (word: string) => all.fetches.some((fetch) => namesOf(fetch).includes(word));
  const components = new Set(words.filter(isNamed));
  const patterns = words.filter((word) => !components.has(word));
  const nothing = { fetches: [], unknownOf: [] };
  const ofTargets = patterns.length === 0 ? nothing : sourcesOf(patterns, place);
  if (ofTargets === undefined) return undefined;
  const named = all.fetches.filter((fetch) => namesOf(fetch).some((name) => components.has(name)));
  const fetches = new Map([...named, ...ofTargets.fetches].map((one) => [one.outputs[0], one]));
  return { fetches: [...fetches.values()], unknownOf: ofTargets.unknownOf };
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
