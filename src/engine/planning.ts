// A request → a plan: what its targets come to, from build files or as remembered.

import { mkdirSync } from "node:fs";
import { posix } from "node:path";

import { type Analysis, analyze } from "../analysis/analysis.ts";
import type { RemoteSource } from "../action/remote-source.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import { type Label, partsOf } from "../label/label.ts";
import { writeError } from "../store/store-error.ts";
import type { BuildRequest } from "./build.ts";
import { chooseTargets, isPackageChosen } from "./choose-targets.ts";
import { newDiagnosticLog } from "./diagnostic-log.ts";
import { planPathOf } from "./memo-path.ts";
import { type BuildPlan, readPlan, writePlan } from "./plan-snapshot.ts";
import type { LoadRequest } from "../workspace/load.ts";
import { FetchedSources } from "./fetched-sources.ts";
import { loadGraph, openRepository, type Repository } from "./repository.ts";
import { sourceDateEpochOf } from "./source-date-epoch.ts";

/** A build that can be carried out. */
export interface Planned extends Opened {
  readonly plan: BuildPlan;
  /** No file gave reason even to warn, so that nothing is kept back by not reading it again. */
  readonly isFlawless: boolean;
  /** No build file had to be read, as none changed. */
  readonly isRemembered: boolean;
}

/** Plans what `request` chooses; undefined when it or a file is wrong, which is told. */
export async function planBuild(request: BuildRequest): Promise<Planned | undefined> {
  const first = await planWith(request);
  if (first.kind === "planned") return first.planned;
  // Build files may go on from what others go on from, but no more than once: no template has one.
  const { fetchSources } = await import("./fetch-sources.ts");
  const { repository } = first.opened;
  if (!(await fetchSources(first.missing, { repository, build: request }))) return undefined;
  const second = await planWith(request);
  if (second.kind === "planned") return second.planned;
  // What was there a moment ago is gone, or was pinned anew: it is said where it is named.
  second.tell();
  return undefined;
}

type Attempt =
  | { readonly kind: "planned"; readonly planned: Planned | undefined }
  /** Build files cannot be read to the end without these. */
  | {
      readonly kind: "incomplete";
      readonly missing: readonly RemoteSource[];
      readonly opened: Opened;
      /** Tells of it as of mistakes. */
      readonly tell: () => void;
    };

async function planWith(request: BuildRequest): Promise<Attempt> {
  const log = newDiagnosticLog(request.listen);
  const opened = await open(request, log.report);
  const known = opened && rememberedPlan(opened, request);
  if (opened !== undefined && known !== undefined) {
    const { hasErrors, isEmpty } = log.tell();
    const planned = { ...opened, plan: known, isFlawless: isEmpty, isRemembered: true };
    return { kind: "planned", planned: hasErrors ? undefined : planned };
  }
  const sources = opened && new FetchedSources(opened.repository);
  const fetched = sources?.lookUp;
  const prepared = opened && prepare(opened, { ...request, fetched }, log.report);
  const missing = sources?.missing() ?? [];
  if (opened !== undefined && missing.length > 0) {
    const tell = (): void => void log.tell();
    return { kind: "incomplete", missing, opened, tell };
  }
  const found = log.tell(prepared && neededFiles(prepared, request));
  if (prepared === undefined || found.hasErrors) return { kind: "planned", planned: undefined };
  const plan = planOf(prepared);
  if (found.isEmpty && hasOnlyBuiltIn(prepared, request)) {
    writePlan(planPathOf(request, prepared.repository.root), plan, request.host);
  }
  const { repository, sourceDateEpoch } = prepared;
  // Without the graph, which would otherwise be kept while actions run.
  const { isEmpty: isFlawless } = found;
  const planned = { repository, sourceDateEpoch, plan, isFlawless, isRemembered: false };
  return { kind: "planned", planned };
}

/** What is known before any build file is read. */
interface Opened {
  readonly repository: Repository;
  readonly sourceDateEpoch: number;
}

async function open(request: BuildRequest, report: Report): Promise<Opened | undefined> {
  const repository = await openRepository(request, report);
  if (repository === undefined) return undefined;
  // Before directories are listed, as a build that is to be remembered must not change them.
  makeStateDirectory(repository.root);
  return { repository, sourceDateEpoch: sourceDateEpochOf(request.host.env, report) };
}

function makeStateDirectory(root: string): void {
  const directory = posix.join(root, ".kraft");
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw writeError(cause, directory);
  }
}

/** The plan of the same request before, if it still holds. */
function rememberedPlan(opened: Opened, request: BuildRequest): BuildPlan | undefined {
  if (!hasOnlyBuiltIn(opened, request)) return undefined;
  const check = request.isThorough === true ? "content" : "stamp";
  const plan = readPlan(planPathOf(request, opened.repository.root), request.host, {
    check,
    disk: request.disk,
  });
  if (plan !== undefined) tellLoaded(plan, request);
  return plan;
}

/** Whether the engine's own identity tells of all code that makes plans. */
export function hasOnlyBuiltIn(
  { repository }: Pick<Opened, "repository">,
  { builtIn }: Pick<BuildRequest, "builtIn">,
): boolean {
  return repository.settings.values.rules.value.every((name) => builtIn.has(name));
}

function tellLoaded({ packages, targets }: BuildPlan, { listen }: BuildRequest): void {
  listen({ kind: "loaded", packages, targets, isRemembered: false });
}

interface Prepared extends Opened {
  readonly graph: Graph;
  readonly labels: readonly Label[];
  readonly analysis: Analysis;
}

/** Reads what there is to read. */
function prepare(
  opened: Opened,
  request: BuildRequest & Pick<LoadRequest, "fetched">,
  report: Report,
): Prepared {
  const { repository, sourceDateEpoch } = opened;
  const { root, patterns } = repository;
  const graph = loadGraph(repository, request, report);
  const { packages, targets } = graph;
  request.listen({
    kind: "loaded",
    packages: packages.length,
    targets: targets.size,
    isRemembered: false,
  });
  const labels = chooseTargets(graph, request.choice, { context: patterns, report });
  const { group } = request;
  const analysis = analyze({ graph, labels, group, workspaceRoot: root, sourceDateEpoch, report });
  return { ...opened, graph, labels, analysis };
}

function planOf({ repository, graph, labels, analysis }: Prepared): BuildPlan {
  return {
    packages: graph.packages.length,
    targets: graph.targets.size,
    actions: analysis.actions,
    components: [...analysis.components],
    results: labels.map((label) => {
      const { outputs = [], layout, machine } = analysis.results.get(label) ?? {};
      return [label, { outputs, ...(layout && { layout }), ...(machine && { machine }) }];
    }),
    consulted: repository.files.consulted(),
  };
}

/** Whether a mistake in `file` matters to the targets that are built. */
function neededFiles(
  { graph, labels, analysis, repository }: Prepared,
  { choice }: BuildRequest,
): (file: string) => boolean {
  const all = new Set(graph.packages);
  const known = [...labels, ...analysis.needed];
  const needed = new Set(known.map((label) => partsOf(label).packagePath));
  const buildFiles = new Set(repository.ruleSets.flatMap((ruleSet) => ruleSet.buildFiles));
  return (file) => {
    const directory = posix.dirname(file);
    // Settings hold for every package, be they of the workspace file, a variable or a flag.
    if (directory === "." && !buildFiles.has(file)) return true;
    const packagePath = directory === "." ? "" : directory;
    if (labels.length === 0 || !all.has(packagePath) || needed.has(packagePath)) return true;
    // It may be for its mistakes that no target of it was found.
    return isPackageChosen(packagePath, choice, repository.patterns);
  };
}
