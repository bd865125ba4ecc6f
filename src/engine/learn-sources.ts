// Sources that only a plan tells of, such as archives that libraries take from upstream projects:
// what lists further actions is carried out for them, and nothing else.

import { lockFileName } from "../workspace/lock-file.ts";
import type { BuildRequest } from "./build.ts";
import type { Equipment } from "./equipment.ts";
import { execute } from "./execution.ts";
import { lockFileText } from "./lock-book.ts";
import { openForSources, type SourcePlace } from "./open-for-sources.ts";
import type { Repository } from "./repository.ts";
import { sourcesIn, type WantedSources } from "./wanted-sources.ts";

/**
 * `wanted` with what its targets turn out to take besides. What lists actions and fails is told; its
 * targets are still unknown then. What it takes to list them, such as sources, is fetched as builds
 * do. Throws a StoreError.
 */
export async function learnSources(
  wanted: WantedSources,
  place: SourcePlace,
): Promise<WantedSources> {
  let known = wanted;
  for (;;) {
    const { yielders } = known;
    if (yielders.length === 0 || !(await carryOut(known, place))) return renewed(known, place);
    known = renewed(known, place);
    // What was listed may list further ones.
    if (known.yielders.length === yielders.length) return known;
  }
}

function renewed(wanted: WantedSources, { repository, build }: SourcePlace): WantedSources {
  return { ...wanted, ...sourcesIn(wanted.analysis.actions, repository, build.host) };
}

/** Carries out what lists actions; false when that cannot be, or something of it failed. */
async function carryOut(
  { analysis, sourceDateEpoch, yielders }: WantedSources,
  { repository, build }: SourcePlace,
): Promise<boolean> {
  const { host, listen, signal } = build;
  const place = { repository: relocked(repository), build };
  const { components } = analysis;
  const equipment = openForSources(place, { components, sourceDateEpoch });
  try {
    if (!(await canRun(equipment, build))) return false;
    const { ok } = await execute({
      actions: analysis.actions,
      wanted: yielders,
      equipment,
      jobs: repository.settings.values["build.jobs"].value,
      keepGoing: true,
      listen,
      host,
      signal,
    });
    return ok;
  } finally {
    await equipment.close();
  }
}

async function canRun(
  { sandbox }: Pick<Equipment, "sandbox">,
  { listen }: Pick<BuildRequest, "listen">,
): Promise<boolean> {
  const { kind, reason } = await sandbox.choice();
  if (kind === "unusable") {
    listen({ kind: "fault", message: `the sandbox cannot be used: ${reason}` });
  }
  return kind !== "unusable";
}

/** `repository` with the lock file as it is by now: fetching may have added to it. */
export function relocked(repository: Repository): Repository {
  const text = lockFileText(repository.root);
  const lockFile = text === undefined ? undefined : { path: lockFileName, text };
  return { ...repository, lockFile };
}
