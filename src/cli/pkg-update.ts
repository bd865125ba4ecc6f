import { knownManifests, manifestChanges, updateManifests } from "../engine/manifests.ts";
import type { exitCodes } from "./context.ts";
import { type PkgPlace, type PkgWords, tellProblems } from "./pkg-place.ts";

/** `kraft-graph pkg update` */
export async function updateIndexes(
  _words: PkgWords,
  { repository, context }: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { host, signal, stdout, stderr } = context;
  if (repository.settings.values["sources.offline"].value) {
    stderr.write("error: nothing can be fetched, as sources.offline is set\n");
    return "refused";
  }
  const before = knownManifests(repository);
  const after = await updateManifests(repository, host, signal);
  if (signal.aborted) return "interrupted";
  // What could not be asked for now is not gone.
  const isWhole = after.problems.length === 0;
  const changes = manifestChanges(before.manifests, after.manifests);
  const told = changes.filter(({ kind }) => isWhole || kind !== "removed");
  for (const { kind, name, details } of told) {
    const about = details.length === 0 ? "" : `: ${details.join(", ")}`;
    stdout.write(`${kind.padEnd(8)} ${name}${about}\n`);
  }
  tellProblems(after, context);
  stderr.write(`${after.manifests.length} components known, ${told.length} changed\n`);
  return isWhole ? "ok" : "failed";
}
