// Vendors all that a workspace takes from elsewhere, and says what could not be known.

import { componentNameAt } from "../analysis/component-paths.ts";
import { vendorSources } from "../engine/vendoring.ts";
import { type LockPlace, sourcesOf } from "./lock-workspace.ts";
import { withReporting } from "./reporting.ts";

/** Writes `directory`, absolute; false when a fetch failed, undefined when there are mistakes. */
export async function vendorWorkspace(
  directory: string,
  place: LockPlace,
): Promise<boolean | undefined> {
  const { context, repository } = place;
  const { host, engine, signal, stderr, stdout } = context;
  const wanted = sourcesOf(["//..."], place);
  if (wanted === undefined) return undefined;
  const { fetches, unknownOf } = wanted;
  const isDone = await withReporting({ context, events: undefined, explain: false }, (listen) =>
    vendorSources({
      repository,
      fetches,
      directory,
      build: { host, engine, signal, listen },
    }),
  );
  if (!isDone) return false;
  for (const { outputs } of fetches) stdout.write(`${componentNameAt(outputs[0])}\n`);
  if (unknownOf.length > 0) {
    const names = unknownOf.slice(0, 3).join(", ");
    const more = unknownOf.length > 3 ? ` and ${unknownOf.length - 3} more` : "";
    stderr.write(
      `note: of ${names}${more}, what they fetch themselves is known once they were built; then vendor again\n`,
    );
  }
  return true;
}
