// A build from patterns to outputs. Joins what the other folders do; decides nothing itself.

import { StoreError } from "../store/store-error.ts";
import type { BuildRequest, Outcome } from "./build.ts";
import { Carrying } from "./carrying.ts";
import { LostOutput } from "./lost-output.ts";
import { planBuild } from "./planning.ts";

/** Builds what `request` chooses, looking at every action. */
export async function buildAnew(request: BuildRequest): Promise<Outcome> {
  const begun = await begin(request);
  if (!(begun instanceof Carrying)) return begun;
  return sealing(request, async () => {
    try {
      const outcome = await begun.carryOut(request);
      begun.remember(outcome);
      const traffic = await begun.endSharing(request.signal);
      return { ...outcome, ...(traffic && { traffic }) };
    } finally {
      await begun.close();
    }
  });
}

/** Plans what `request` chooses, of which nothing is carried out yet; or says why it cannot be. */
export async function begin(request: BuildRequest): Promise<Carrying | Outcome> {
  let begun: Carrying | undefined;
  const outcome = await sealing(request, async () => {
    const planned = await planBuild(request);
    if (planned !== undefined) begun = new Carrying(planned, request);
    return { result: { kind: "refused" } };
  });
  return begun ?? outcome;
}

/** What `run` gives; or what it comes to that the disk failed, which is told. */
export async function sealing(
  { listen, signal }: Pick<BuildRequest, "listen" | "signal">,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    const message = messageOfStore(error);
    if (message === undefined) throw error;
    listen({ kind: "fault", message });
    return { result: { kind: signal.aborted ? "interrupted" : "failed" } };
  }
}

/** What to tell of an error of the store; undefined for another one. */
function messageOfStore(error: unknown): string | undefined {
  if (error instanceof LostOutput) return error.message;
  if (!(error instanceof StoreError)) return undefined;
  return error.kind === "full"
    ? `${error.message}; "kraft-graph clean --cache" makes room`
    : error.message;
}
