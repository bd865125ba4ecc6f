// Fetch actions alone: sources come into the cache, and nothing is built.

import type { FetchAction } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import { openEquipment } from "./equipment.ts";
import type { Listen } from "./event.ts";
import { type Execution, execute } from "./execution.ts";
import { addToLockFile } from "./lock-book.ts";
import type { Repository } from "./repository.ts";

/** What to fetch, and who hears of it. */
export interface PullRequest {
  readonly repository: Repository;
  readonly fetches: readonly FetchAction[];
  readonly host: Host;
  /** See `EngineIdentity`. */
  readonly buildId: string;
  readonly listen: Listen;
  readonly signal: AbortSignal;
}

/** Fetches what is not in the cache yet, as a build would. Throws a StoreError. */
export async function pullSources(request: PullRequest): Promise<Execution> {
  const { repository, fetches, host, buildId, listen, signal } = request;
  const { root, settings, ruleSets, lockFile } = repository;
  const equipment = openEquipment({
    root,
    settings,
    ruleSets,
    lockFile,
    tell: (diagnostic) => listen({ kind: "diagnostic", diagnostic }),
    host,
    components: new Map(),
    sourceDateEpoch: 0,
    buildId,
  });
  try {
    const execution = await execute({
      actions: fetches,
      wanted: fetches.flatMap(({ outputs }) => outputs),
      equipment,
      jobs: settings.values["build.jobs"].value,
      // One server that is down does not keep the others' sources away.
      keepGoing: true,
      listen,
      host,
      signal,
    });
    await addToLockFile(root, equipment.sourcing.book.added(), host);
    return execution;
  } finally {
    await equipment.close();
  }
}
