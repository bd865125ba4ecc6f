// Looks at this machine with the eyes of targets: what they lack here. Builds nothing.

import type { ExecPath } from "../action/action.ts";
import { analyze } from "../analysis/analysis.ts";
import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import { locationOf } from "../engine/build-evidence.ts";
import { type Choice, chooseTargets } from "../engine/choose-targets.ts";
import { loadGraph, type Repository, type RepositoryRequest } from "../engine/repository.ts";
import { sourceDateEpochOf } from "../engine/source-date-epoch.ts";
import type { Label } from "../label/label.ts";
import { KvmProbe } from "../machine/kvm-probe.ts";
import type { Settings } from "../workspace/config.ts";
import { dockerfileFindings } from "./dockerfile-findings.ts";
import { type Examination, examined, type Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";
import { type MachineNeed, type Needs, needsOf } from "./needs.ts";
import { placeFindings } from "./place-findings.ts";
import { nodeFinding, sandboxFinding, watchFinding } from "./system-findings.ts";
import { toolFindings } from "./tool-findings.ts";

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

/** What the targets lack that `choice` names. Mistakes in build files are reported. */
export async function examineTargets(request: WorkspaceRequest): Promise<Examination> {
  const { repository, choice, host, report } = request;
  const { root, settings, patterns, files } = repository;
  const graph = loadGraph(repository, request.request, report);
  const labels = chooseTargets(graph, choice, { context: patterns, report });
  const sourceDateEpoch = sourceDateEpochOf(host.env, report);
  const analysis = analyze({ graph, labels, workspaceRoot: root, sourceDateEpoch, report });
  const readText = (path: ExecPath) => files.read(locationOf(path, root, analysis.components));
  const needs = needsOf(labels, { graph, analysis, readText });
  const directories = files.consulted().filter(({ kind }) => kind === "directory").length;
  const watching = watchFinding(directories);
  const findings = await findingsOf(request, { needs, labels, settings, state: `${root}/.kraft` });
  return examined(labels, watching === undefined ? findings : [...findings, watching]);
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
