// Brings what build files take from elsewhere to be read, for commands that build nothing.

import { Elsewhere } from "./elsewhere.ts";
import type { MissingSources } from "./fetch-sources.ts";
import { loadRepository, openRepository, type Repository } from "./repository.ts";
import type { RepositoryRequest } from "./repository.ts";

/** How often to look: once more for manifests, and for templates that those tell of. */
const attempts = 3;

/**
 * `repository` once its build files can be read to the end; undefined when `bring` was of no use.
 * What is still missing then is told by whoever reads them.
 */
export async function completed(
  repository: Repository,
  request: RepositoryRequest,
  bring: (missing: MissingSources, repository: Repository) => Promise<boolean>,
): Promise<Repository | undefined> {
  let current = repository;
  const untold = (): void => undefined; // Mistakes are told by whoever reads the files then.
  for (let round = 0; round < attempts; round++) {
    const elsewhere = new Elsewhere(current);
    loadRepository(current, { ...request, ...elsewhere.lookUps }, untold);
    const missing = elsewhere.missing({ mayAskServers: round === 0 });
    if (missing === undefined) return current;
    if (!(await bring(missing, current))) return undefined;
    const again = await openRepository(request, untold);
    if (again === undefined) return undefined;
    current = again;
  }
  return current;
}
