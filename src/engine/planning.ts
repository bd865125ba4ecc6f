// A request → a plan: what its targets come to, from build files or as remembered.

import { posix } from "node:path";

import { type Analysis, analyze } from "../analysis/analysis.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import { digestOf } from "../digest/digest.ts";
import type { Graph } from "../graph/graph.ts";
import { type Label, partsOf } from "../label/label.ts";
import { prepareStore } from "../store/store.ts";
import { makeDirectory } from "../store/temporary.ts";
import type { BuildRequest } from "./build.ts";
import { chooseTargets, isPackageChosen } from "./choose-targets.ts";
import { type DiagnosticLog, newDiagnosticLog } from "./diagnostic-log.ts";
import { requestText } from "./memo-path.ts";
import { type BuildPlan, compacted, readPlan, writePlan } from "./plan-snapshot.ts";
import { Elsewhere, type LookUps } from "./elsewhere.ts";
import type { MissingSources } from "./fetch-sources.ts";
import { addToLockFile } from "./lock-book.ts";
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

/** How often build files are read: once more for manifests, and for templates that those tell of. */
const attempts = 3;

/** Plans what `request` chooses; undefined when it or a file is wrong, which is told. */
export async function planBuild(request: BuildRequest): Promise<Planned | undefined> {
  for (let left = attempts - 1; ; left--) {
    const attempt = await planWith(request, { mayAskServers: left === attempts - 1 });
    if (attempt.kind === "planned") return attempt.planned;
    const { repository } = attempt.opened;
    // What was there a moment ago is gone, or was pinned anew: it is said where it is named.
    if (left === 0) {
      attempt.tell();
      return undefined;
    }
    const { bringMissing } = await import("./fetch-sources.ts");
    if (!(await bringMissing(attempt.missing, { repository, build: request }))) return undefined;
  }
}

type Attempt =
  | { readonly kind: "planned"; readonly planned: Planned | undefined }
  /** Build files cannot be read to the end without these. */
  | {
      readonly kind: "incomplete";
      readonly missing: MissingSources;
      readonly opened: Opened;
      /** Tells of it as of mistakes. */
      readonly tell: () => void;
    };

interface PlanningRequest {
  readonly request: BuildRequest;
  readonly mayAskServers: boolean;
  readonly log: DiagnosticLog;
}

async function planWith(
  request: BuildRequest,
  { mayAskServers }: Pick<PlanningRequest, "mayAskServers">,
): Promise<Attempt> {
  const log = newDiagnosticLog(request.listen);
  const opened = await open(request, log.report);
  if (opened === undefined) {
    log.tell();
    return { kind: "planned", planned: undefined };
  }
  const attempt = await planOpened(opened, { request, mayAskServers, log });
  const isPlanned = attempt.kind === "planned" && attempt.planned !== undefined;
  if (!isPlanned) await opened.storeIsMade; // Nobody else is going to.
  return attempt;
}

async function planOpened(
  opened: Opened,
  { request, mayAskServers, log }: PlanningRequest,
): Promise<Attempt> {
  const known = rememberedPlan(opened, request);
  if (known !== undefined) {
    const { hasErrors, isEmpty } = log.tell();
    const planned = { ...opened, plan: known, isFlawless: isEmpty, isRemembered: true };
    return { kind: "planned", planned: hasErrors ? undefined : planned };
  }
  const elsewhere = new Elsewhere(opened.repository);
  const prepared = prepare(opened, { ...request, ...elsewhere.lookUps }, log.report);
  const missing = elsewhere.missing({ mayAskServers });
  if (missing !== undefined) {
    return { kind: "incomplete", missing, opened, tell: () => void log.tell() };
  }
  const found = log.tell(neededFiles(prepared, request));
  if (found.hasErrors) return { kind: "planned", planned: undefined };
  const { repository } = opened;
  await addToLockFile(repository.root, { components: elsewhere.chosen() }, request.host);
  const isOurs = hasOnlyBuiltIn(prepared, request);
  const isKept = request.follower !== undefined && isOurs;
  const plan = isKept ? compacted(planOf(prepared)) : planOf(prepared);
  if (found.isEmpty && isOurs) writePlan(planPathOf(request, repository.root), plan, request.host);
  // Nor is what was read, where much is to be built with it again and again.
  if (isKept) repository.files.forget();
  // Without the graph, which would otherwise be kept while actions run.
  const { isEmpty: isFlawless } = found;
  return { kind: "planned", planned: { ...opened, plan, isFlawless, isRemembered: false } };
}

/** What is known before any build file is read. */
interface Opened {
  readonly repository: Repository;
  readonly sourceDateEpoch: number;
  /** See `prepareStore`; to be waited for before the build ends. */
  readonly storeIsMade: Promise<void>;
}

async function open(request: BuildRequest, report: Report): Promise<Opened | undefined> {
  const repository = await openRepository(request, report);
  if (repository === undefined) return undefined;
  // Results of others come faster than what runs here, and so does what is thrown away again.
  if (repository.settings.values["remote.cache"].value !== undefined) request.host.spendMemory?.();
  // Before directories are listed, as a build that is to be remembered must not change them.
  makeDirectory(posix.join(repository.root, ".kraft"));
  const storeIsMade = prepareStore(repository.settings.values["cache.dir"].value, request.host);
  const sourceDateEpoch = sourceDateEpochOf(request.host.env, report);
  return { repository, sourceDateEpoch, storeIsMade };
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
function prepare(opened: Opened, request: BuildRequest & LookUps, report: Report): Prepared {
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
  { choice, replacement }: BuildRequest,
): (file: string) => boolean {
  const { root, patterns } = repository;
  const named = replacement && posix.resolve(patterns.workingDirectory, replacement.file);
  const all = new Set(graph.packages);
  const known = [...labels, ...analysis.needed];
  const needed = new Set(known.map((label) => partsOf(label).packagePath));
  const buildFiles = new Set(repository.ruleSets.flatMap((ruleSet) => ruleSet.buildFiles));
  return (file) => {
    // It is of the package that it was named for, wherever it is.
    if (posix.join(root, file) === named) return true;
    const directory = posix.dirname(file);
    // Settings hold for every package, be they of the workspace file, a variable or a flag.
    if (directory === "." && !buildFiles.has(file)) return true;
    const packagePath = directory === "." ? "" : directory;
    if (labels.length === 0 || !all.has(packagePath) || needed.has(packagePath)) return true;
    // It may be for its mistakes that no target of it was found.
    return isPackageChosen(packagePath, choice, patterns);
  };
}

/** The file of the plan of `request` in the workspace `root`. */
function planPathOf(request: BuildRequest, root: string): string {
  return posix.join(root, ".kraft/plan", digestOf(requestText(request)).slice(0, 32));
}
