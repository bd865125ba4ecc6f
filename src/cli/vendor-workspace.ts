// Vendors all that a workspace takes from elsewhere, and says what could not be known.

import { componentNameAt } from "../analysis/component-paths.ts";
import { describeSource } from "../action/remote-source.ts";
import type { FetchAction } from "../action/action.ts";
import type { Listen } from "../engine/event.ts";
import { learnSources, relocked } from "../engine/learn-sources.ts";
import { vendorSources } from "../engine/vendoring.ts";
import type { WantedSources } from "../engine/wanted-sources.ts";
import { withFetched } from "../engine/with-fetched.ts";
import { type LockPlace, sourcesOf } from "./lock-workspace.ts";
import { withReporting } from "./reporting.ts";
import { tellUnplanned } from "./unplanned.ts";

/**
 * Writes `directory`, absolute; false when a fetch failed, or when not all could be known; undefined
 * when there are mistakes.
 */
export async function vendorWorkspace(
  directory: string,
  place: LockPlace,
): Promise<boolean | undefined> {
  const { context } = place;
  const wanted = sourcesOf(["//..."], place);
  if (wanted === undefined) return undefined;
  const known = await withReporting({ context, events: undefined, explain: false }, (listen) =>
    vendor(wanted, directory, { ...place, listen }),
  );
  if (known === undefined) return false;
  for (const name of new Set(known.fetches.map(shownName))) context.stdout.write(`${name}\n`);
  tellUnplanned(known.unknownOf, context);
  return known.unknownOf.length === 0;
}

/** What is in `directory` from now on; undefined when a fetch failed. */
async function vendor(
  wanted: WantedSources,
  directory: string,
  { repository, context, listen }: LockPlace & { readonly listen: Listen },
): Promise<WantedSources | undefined> {
  const { host, engine, signal } = context;
  const build = { host, engine, signal, listen };
  // All at once, and what fails is told once.
  const first = { repository, fetches: wanted.fetches, build };
  if (!(await withFetched(first, ({ ok }) => ok))) return undefined;
  const known = await learnSources(wanted, { repository, build });
  if (signal.aborted) return undefined;
  const { fetches } = known;
  const all = { repository: relocked(repository), fetches, directory, build };
  return (await vendorSources(all)) ? known : undefined;
}

/** That of the component; of a file that a library asks for itself, its address. */
function shownName({ source, outputs }: FetchAction): string {
  return source.kind === "file" ? describeSource(source) : componentNameAt(outputs[0]);
}
