// For commands that build nothing, and still have to read all build files.

import { completed } from "../engine/completed.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import type { KraftContext } from "./context.ts";
import { withReporting } from "./reporting.ts";

/** What a command works on. */
export interface CompletionPlace {
  readonly repository: Repository;
  readonly request: RepositoryRequest;
  readonly context: KraftContext;
}

/**
 * The repository of `place` with the templates and manifests that its build files need, as a build
 * would bring them; undefined when they cannot be had, which is told.
 */
export function completeRepository(place: CompletionPlace): Promise<Repository | undefined> {
  const { repository, request, context } = place;
  const { host, engine, signal } = context;
  return completed(repository, request, (missing, current) =>
    withReporting({ context, events: undefined, explain: false }, async (listen) => {
      const { bringMissing } = await import("../engine/fetch-sources.ts");
      const build = { host, engine, signal, listen };
      return bringMissing(missing, { repository: current, build });
    }),
  );
}
