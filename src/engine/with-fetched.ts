// Fetch actions alone: sources come into the cache, and nothing is built.

import type { FetchAction } from "../action/action.ts";
import type { Equipment } from "./equipment.ts";
import { execute } from "./execution.ts";
import type { Execution } from "./execution-request.ts";
import { addToLockFile } from "./lock-book.ts";
import { openForSources, type SourcePlace } from "./open-for-sources.ts";

/** What to fetch, and for whom. */
export interface SourcesRequest extends SourcePlace {
  readonly fetches: readonly FetchAction[];
}

/** What is there once sources were fetched. */
export type FetchedEquipment = Pick<Equipment, "inputs" | "store" | "sourcing">;

/**
 * Fetches what is not in the cache yet, as a build would, and pins it; gives what `use` makes of it.
 * Until then nothing of it is collected. Throws a StoreError.
 */
export async function withFetched<T>(
  { repository, fetches, build }: SourcesRequest,
  use: (execution: Execution, equipment: FetchedEquipment) => T,
): Promise<T> {
  const { root, settings } = repository;
  const { host, listen, signal } = build;
  // Nothing is built that could tell the time.
  const about = { components: new Map(), sourceDateEpoch: 0 };
  const equipment = openForSources({ repository, build }, about);
  try {
    const execution = await execute({
      actions: fetches,
      wanted: fetches.map(({ outputs }) => outputs[0]),
      equipment,
      jobs: settings.values["build.jobs"].value,
      // One server that is down does not keep the others' sources away.
      keepGoing: true,
      listen,
      host,
      signal,
    });
    await addToLockFile(root, { pins: equipment.sourcing.book.added() }, host);
    return use(execution, equipment);
  } finally {
    await equipment.close();
  }
}
