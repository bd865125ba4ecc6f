// A build from patterns to outputs. Joins what the other folders do; decides nothing itself.

import { StoreError } from "../store/store-error.ts";
import { isUnchanged } from "../workspace/consulted.ts";
import { nodeDisk } from "../workspace/disk.ts";
import type { BuildRequest, Outcome } from "./build.ts";
import { type Equipment, openEquipment } from "./equipment.ts";
import { type Execution, execute } from "./execution.ts";
import { LostOutput } from "./inputs.ts";
import { writeMemo } from "./memo.ts";
import { openJournal } from "./journaling.ts";
import { memoPathOf } from "./memo-path.ts";
import { placeAll, wantedOf } from "./placement.ts";
import { hasOnlyBuiltIn, type Planned, planBuild } from "./planning.ts";

/** Builds what `request` chooses, looking at every action. */
export async function buildAnew(request: BuildRequest): Promise<Outcome> {
  const { listen, signal } = request;
  try {
    const planned = await planBuild(request);
    if (planned === undefined) return { result: { kind: "refused" } };
    return await carryOut(planned, request);
  } catch (error) {
    if (!(error instanceof StoreError) && !(error instanceof LostOutput)) throw error;
    listen({ kind: "fault", message: messageOf(error) });
    return { result: { kind: signal.aborted ? "interrupted" : "failed" } };
  }
}

function messageOf(error: StoreError | LostOutput): string {
  return error instanceof StoreError && error.kind === "full"
    ? `${error.message}; "kraft-graph clean --cache" makes room`
    : error.message;
}

async function carryOut(planned: Planned, request: BuildRequest): Promise<Outcome> {
  const { repository, plan, sourceDateEpoch } = planned;
  const { root, settings, ruleSets } = repository;
  const { host, listen, signal } = request;
  const { actions, results } = plan;
  const components = new Map(plan.components);
  const { buildId } = request.engine;
  const place = { root, settings, ruleSets, host, components };
  const equipment = openEquipment({
    ...place,
    sourceDateEpoch,
    buildId,
    follower: request.follower,
  });
  try {
    const choice = await equipment.sandbox.choice();
    listen({ kind: "sandbox", sandbox: choice.kind, reason: choice.reason });
    if (choice.kind === "unusable") {
      listen({ kind: "fault", message: `the sandbox cannot be used: ${choice.reason}` });
      return { result: { kind: "refused" } };
    }
    const wanted = results.flatMap(([, result]) => wantedOf(result));
    const journal = openJournal(planned, request, equipment.evidence);
    const execution = await execute({
      actions,
      wanted,
      equipment,
      jobs: settings.values["build.jobs"].value,
      keepGoing: settings.values["build.keepGoing"].value,
      verifyShare: request.verifyShare ?? 0,
      journal,
      listen,
      host,
      signal,
    });
    const outputs = placeAll(results, {
      root,
      equipment,
      withLayout: request.kraftLayout === true,
      isWhole: execution.ok,
      layingOut: (path) => journal.layOut(path),
    });
    const { ok, counts } = execution;
    journal.end({ ok, counts }, { isNotable: !planned.isRemembered });
    if (signal.aborted) return { result: { kind: "interrupted" }, execution };
    if (!execution.ok) return { result: { kind: "failed" }, execution };
    if (planned.isFlawless && hasOnlyBuiltIn(planned, request))
      remember({ planned, request, equipment, outputs, execution });
    return { result: { kind: "built", root, results: new Map(results) }, execution };
  } finally {
    await equipment.close();
  }
}

/** What a build leaves behind for the next one. */
interface Remembering {
  readonly planned: Planned;
  readonly request: BuildRequest;
  readonly equipment: Equipment;
  readonly outputs: readonly string[];
  readonly execution: Execution;
}

function remember({ planned, request, equipment, outputs, execution }: Remembering): void {
  const { repository, plan } = planned;
  const { packages, targets, results, consulted } = plan;
  const { host } = request;
  const { inputs } = equipment;
  const sources = [
    ...consulted.map(({ path }) => path),
    ...inputs.watched(),
    ...equipment.toolFiles(),
  ];
  const { executed, localHit, remoteHit, upToDate } = execution.counts;
  const actions = executed + localHit + remoteHit + upToDate;
  writeMemo(memoPathOf(request, repository.root), {
    memo: { actions, packages, targets, results },
    files: { sources, outputs },
    areCurrent: () =>
      inputs.areCurrent() && isUnchanged(consulted, { disk: nodeDisk, epochMs: host.epochMs }),
    host,
  });
}
