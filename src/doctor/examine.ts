// Looks at this machine with the eyes of targets: what they lack here. Builds nothing.

import type { ExecPath } from "../action/action.ts";
import { analyze } from "../analysis/analysis.ts";
import type { Host } from "../base/host.ts";
import type { Diagnostic, Report } from "../diagnostic/diagnostic.ts";
import { locationOf } from "../engine/build-evidence.ts";
import { type Choice, chooseTargets, isPackageChosen } from "../engine/choose-targets.ts";
import { Elsewhere } from "../engine/elsewhere.ts";
import { loadGraph, type Repository, type RepositoryRequest } from "../engine/repository.ts";
import { sourceDateEpochOf } from "../engine/source-date-epoch.ts";
import type { Graph } from "../graph/graph.ts";
import { type Label, partsOf } from "../label/label.ts";
import { type PatternContext, parsePattern } from "../label/pattern.ts";
import { KvmProbe } from "../machine/kvm-probe.ts";
import type { Settings } from "../workspace/config.ts";
import { dockerfileFindings } from "./dockerfile-findings.ts";
import { type Examination, examined, type Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";
import { labelsBehind, type MachineNeed, type Needs, needsOf } from "./needs.ts";
import { placeFindings } from "./place-findings.ts";
import { nodeFinding, sandboxFinding, watchFinding } from "./system-findings.ts";
import { toolFindings } from "./tool-findings.ts";
import { type ToldOfFiles, toldApart, unreadFindings } from "./unread-packages.ts";

/** What is looked at. */
export interface ExamineRequest {
  readonly host: Host;
  /** Without the `v`. */
  readonly nodeVersion: string;
}

/** What is looked at in a workspace. */
export interface WorkspaceRequest extends ExamineRequest {
  readonly repository: Repository;
  readonly request: RepositoryRequest;
  readonly choice: Choice;
  readonly report: Report;
}

/**
 * What the targets lack that `choice` names. Mistakes in build files are reported; what these go on
 * from, and is not here, is a finding: it is for whoever builds to fetch.
 */
export async function examineTargets(request: WorkspaceRequest): Promise<Examination> {
  const { repository, host } = request;
  const { root, settings, files } = repository;
  const elsewhere = new Elsewhere(repository);
  const told: Diagnostic[] = [];
  const report: Report = (diagnostic) => void told.push(diagnostic);
  const graph = loadGraph(repository, { ...request.request, ...elsewhere.lookUps }, report);
  const missing = elsewhere.missing({ mayAskServers: true });
  const unread = unreadIn(request, toldApart(told, missing).unread);
  const labels = chosenIn(graph, unread, { ...request, report });
  const sourceDateEpoch = sourceDateEpochOf(host.env, report);
  const analysis = analyze({ graph, labels, workspaceRoot: root, sourceDateEpoch, report });
  const readText = (path: ExecPath) => files.read(locationOf(path, root, analysis.components));
  const needs = needsOf(labels, { graph, analysis, readText });
  const directories = files.consulted().filter(({ kind }) => kind === "directory").length;
  const watching = watchFinding(directories);
  for (const mistake of toldApart(told, missing).mistakes) request.report(mistake);
  const findings = [
    ...(await findingsOf(request, { needs, labels, settings, state: `${root}/.kraft` })),
    ...(watching === undefined ? [] : [watching]),
    ...unreadFindings(unread, labelsBehind(labels, targetsIn(unread, graph), graph)),
  ];
  return examined(labels, findings);
}

type Unread = ToldOfFiles["unread"];

/** Those of `unread` that are asked about. */
function unreadIn({ repository, choice }: WorkspaceRequest, unread: Unread): Unread {
  const isAsked = (path: string) => isPackageChosen(path, choice, repository.patterns);
  return new Map([...unread].filter(([path]) => isAsked(path)));
}

/** The targets that are asked about, as far as they are known: `unread` packages may have more. */
function chosenIn(
  graph: Graph,
  unread: Unread,
  { choice, repository, report }: WorkspaceRequest,
): readonly Label[] {
  const context = repository.patterns;
  if (unread.size === 0) return chooseTargets(graph, choice, { context, report });
  const isKnown = (text: string) => !isToCome(text, { context, graph, unread });
  const patterns = choice.patterns.filter(isKnown);
  if (patterns.length === 0 && choice.patterns.length > 0) return [];
  return chooseTargets(
    graph,
    { ...choice, patterns },
    {
      context,
      report: (diagnostic) => {
        // Those to come may be for the machine that is asked for.
        if (diagnostic.code !== "nothing-selected") report(diagnostic);
      },
    },
  );
}

/** Whether `text` names a target that only what is missing may tell of. */
function isToCome(
  text: string,
  { context, graph, unread }: { context: PatternContext; graph: Graph; unread: Unread },
): boolean {
  const pattern = parsePattern(text, context);
  if (pattern.kind !== "one" || pattern.isSubtracted) return false;
  return unread.has(partsOf(pattern.label).packagePath) && !graph.targets.has(pattern.label);
}

/** What each target of `unread` packages needs of them: all that they do not know. */
function targetsIn(unread: Unread, graph: Graph): Map<Label, ReadonlySet<string>> {
  return new Map(
    graph.order.flatMap((label): [Label, ReadonlySet<string>][] => {
      const { repository, packagePath } = partsOf(label);
      return repository === "" && unread.has(packagePath) ? [[label, new Set([packagePath])]] : [];
    }),
  );
}

/** What any workspace would lack, as far as that can be said without one. */
export async function examineMachine(
  request: ExamineRequest,
  settings: Settings,
): Promise<Examination> {
  const tools = new Map(usualTools.map((name): [string, readonly Label[]] => [name, []]));
  const machines = ["x86_64", "arm64"].map(
    (architecture): MachineNeed => ({ platform: "qemu", architecture, labels: [] }),
  );
  const needs = { tools, obstacles: new Map(), machines };
  return examined([], await findingsOf(request, { needs, labels: [], settings, state: undefined }));
}

/** What most images are built with. */
const usualTools = ["sh", "make", "gcc", "ld", "sed", "awk", "flex", "bison", "git"].concat(
  "aarch64-linux-gnu-gcc?",
);

interface Examined {
  readonly needs: Needs;
  readonly labels: readonly Label[];
  readonly settings: Settings;
  readonly state: string | undefined;
}

async function findingsOf(
  { host, nodeVersion }: ExamineRequest,
  { needs, labels, settings, state }: Examined,
): Promise<Finding[]> {
  const { values } = settings;
  const path = values["build.path"].value;
  const [sandbox, tools, machines] = await Promise.all([
    sandboxFinding(values["build.sandbox"].value, path, labels),
    // Sources are fetched by the user's own git; all else runs with a PATH that is the same for all.
    toolFindings(needs.tools, (name) => (name === "git" ? (host.env["PATH"] ?? path) : path)),
    machineFindings(needs.machines, { host, kvm: new KvmProbe({ host }) }),
  ]);
  const places = placeFindings({ cache: values["cache.dir"].value, state, labels });
  const dockerfiles = dockerfileFindings(needs.obstacles);
  const system = [nodeFinding(nodeVersion, labels), ...tools, sandbox, ...dockerfiles];
  return [...system, ...places, ...machines];
}
