// What a build that verifies known results does it with. Knows no plan.

import { describeDifference } from "./describe-difference.ts";
import type { ExecutionRequest } from "./execution-request.ts";
import type { Executor } from "./executor.ts";
import { Verifier } from "./verifier.ts";

/** The verifier that `request` asks for; undefined when it asks for none. */
export function verifierFor(
  request: ExecutionRequest,
  executor: Pick<Executor, "again" | "factsOf">,
): Verifier | undefined {
  const { verifyShare: share = 0, onlyShared = false, equipment, host, listen } = request;
  if (share === 0) return undefined;
  return new Verifier({
    share,
    seed: String(host.epochMs()),
    again: (action, signal) => executor.again(action, signal),
    outputAt: (path) => equipment.inputs.outputAt(path),
    ...(onlyShared && {
      differing: (difference) => {
        const message = describeDifference(difference, executor.factsOf(difference.action));
        listen({ kind: "fault", message });
      },
    }),
  });
}
