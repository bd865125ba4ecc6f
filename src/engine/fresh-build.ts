// A build from patterns to outputs. Joins what the other folders do; decides nothing itself.

import { posix } from "node:path";

import { type Analysis, analyze } from "../analysis/analysis.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import { type Label, partsOf } from "../label/label.ts";
import { StoreError } from "../store/store-error.ts";
import { isUnchanged } from "../workspace/consulted.ts";
import { nodeDisk } from "../workspace/disk.ts";
import type { BuildRequest, BuildResult } from "./build.ts";
import { chooseTargets, isPackageChosen } from "./choose-targets.ts";
import { newDiagnosticLog } from "./diagnostic-log.ts";
import { type Equipment, openEquipment } from "./equipment.ts";
import { type Execution, execute } from "./execution.ts";
import { LostOutput } from "./inputs.ts";
import { type MemoResult, writeMemo } from "./memo.ts";
import { memoPathOf } from "./memo-path.ts";
import { placeAll, wantedOf } from "./placement.ts";
import { loadGraph, openRepository, type Repository } from "./repository.ts";
import { sourceDateEpochOf } from "./source-date-epoch.ts";

/** How a build went. */
export interface Outcome {
  readonly result: BuildResult;
  /** Absent when nothing came to be carried out. */
  readonly execution?: Execution;
}

/** Builds what `request` chooses, looking at every action. */
export async function buildAnew(request: BuildRequest): Promise<Outcome> {
  const { listen, signal } = request;
  const log = newDiagnosticLog(listen);
  try {
    const prepared = await prepare(request, log.report);
    const found = log.tell(prepared && neededFiles(prepared, request));
    if (prepared === undefined || found.hasErrors) return { result: { kind: "refused" } };
    return await carryOut(prepared, request, found.isEmpty);
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

interface Prepared {
  readonly repository: Repository;
  readonly graph: Graph;
  readonly labels: readonly Label[];
  readonly analysis: Analysis;
  readonly sourceDateEpoch: number;
}

/** Reads what there is to read. */
async function prepare(request: BuildRequest, report: Report): Promise<Prepared | undefined> {
  const { choice, host, listen } = request;
  const repository = await openRepository(request, report);
  if (repository === undefined) return undefined;
  const sourceDateEpoch = sourceDateEpochOf(host.env, report);
  const graph = loadGraph(repository, request, report);
  listen({
    kind: "loaded",
    packages: graph.packages.length,
    targets: graph.targets.size,
    isRemembered: false,
  });
  const labels = chooseTargets(graph, choice, { context: repository.patterns, report });
  const { root } = repository;
  const analysis = analyze({ graph, labels, workspaceRoot: root, sourceDateEpoch, report });
  return { repository, graph, labels, analysis, sourceDateEpoch };
}

/** Whether a mistake in `file` matters to the targets that are built. */
function neededFiles(
  { graph, labels, analysis, repository }: Prepared,
  { choice }: BuildRequest,
): (file: string) => boolean {
  const all = new Set(graph.packages);
  const known = [...labels, ...analysis.needed];
  const needed = new Set(known.map((label) => partsOf(label).packagePath));
  return (file) => {
    const directory = posix.dirname(file);
    const packagePath = directory === "." ? "" : directory;
    if (labels.length === 0 || !all.has(packagePath) || needed.has(packagePath)) return true;
    // It may be for its mistakes that no target of it was found.
    return isPackageChosen(packagePath, choice, repository.patterns);
  };
}

async function carryOut(
  prepared: Prepared,
  request: BuildRequest,
  mayRemember: boolean,
): Promise<Outcome> {
  const { repository, labels, analysis, sourceDateEpoch } = prepared;
  const { root, settings, ruleSets } = repository;
  const { host, listen, signal } = request;
  const { components, actions, results } = analysis;
  const equipment = openEquipment({ root, settings, ruleSets, host, components, sourceDateEpoch });
  try {
    const choice = await equipment.sandbox.choice();
    listen({ kind: "sandbox", sandbox: choice.kind, reason: choice.reason });
    if (choice.kind === "unusable") {
      listen({ kind: "fault", message: `the sandbox cannot be used: ${choice.reason}` });
      return { result: { kind: "refused" } };
    }
    const chosen = labels.map((label) => [label, results.get(label) ?? { outputs: [] }] as const);
    const wanted = chosen.flatMap(([, result]) => wantedOf(result));
    const execution = await execute({
      actions,
      wanted,
      equipment,
      jobs: settings.values["build.jobs"].value,
      keepGoing: settings.values["build.keepGoing"].value,
      listen,
      host,
      signal,
    });
    const outputs = placeAll(chosen, { root, equipment, withLayout: request.kraftLayout === true });
    if (signal.aborted) return { result: { kind: "interrupted" }, execution };
    if (!execution.ok) return { result: { kind: "failed" }, execution };
    if (mayRemember) remember({ prepared, request, equipment, outputs, execution });
    return { result: { kind: "built", root, results: new Map(chosen) }, execution };
  } finally {
    await equipment.close();
  }
}

/** What a build leaves behind for the next one. */
interface Remembering {
  readonly prepared: Prepared;
  readonly request: BuildRequest;
  readonly equipment: Equipment;
  readonly outputs: readonly string[];
  readonly execution: Execution;
}

function remember({ prepared, request, equipment, outputs, execution }: Remembering): void {
  const { repository, graph, labels, analysis } = prepared;
  const { host } = request;
  const consulted = repository.files.consulted();
  const { inputs } = equipment;
  const sources = [
    ...consulted.map(({ path }) => path),
    ...inputs.watched(),
    ...equipment.toolFiles(),
  ];
  const results = labels.map((label): readonly [Label, MemoResult] => {
    const { outputs: own = [], layout, machine } = analysis.results.get(label) ?? {};
    return [label, { outputs: own, ...(layout && { layout }), ...(machine && { machine }) }];
  });
  const { executed, localHit, remoteHit, upToDate } = execution.counts;
  writeMemo(memoPathOf(request, repository.root), {
    memo: {
      actions: executed + localHit + remoteHit + upToDate,
      packages: graph.packages.length,
      targets: graph.targets.size,
      results,
    },
    files: { sources, outputs },
    areCurrent: () =>
      inputs.areCurrent() && isUnchanged(consulted, { disk: nodeDisk, epochMs: host.epochMs }),
    host,
  });
}
