// What a build that takes results as a whole does it with. Knows no plan.

import type { Action } from "../action/action.ts";
import type { ExecutionRequest } from "./execution-request.ts";
import { filesWantedFor } from "./looking-up.ts";
import type { FilesWanted } from "./shared-results.ts";
import { SubBuilds } from "./sub-builds.ts";

/** The sub-builds of what `request` asks for; undefined when each action is looked at by itself. */
export function subBuildsFor(request: ExecutionRequest): SubBuilds | undefined {
  const { equipment, shared, scope, host, takesWhole = false } = request;
  if (!takesWhole || request.onlyShared === true || (request.verifyShare ?? 0) > 0)
    return undefined;
  // What runs elsewhere was asked to, and is to be asked for there.
  if (request.runner !== undefined) return undefined;
  const { store, records, inputs, toolchain, sourcing } = equipment;
  const { book } = sourcing;
  const parts = { store, records, inputs, toolchain, book, shared, scope };
  return new SubBuilds({ ...parts, filesOf: filesOf(request), startMs: host.epochMs() });
}

/** Which files of known results are to be here. */
export function filesOf(request: ExecutionRequest): (action: Action) => FilesWanted {
  return filesWantedFor(request.download ?? "all", request.placed ?? request.wanted);
}
