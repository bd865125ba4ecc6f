import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { examineMachine, examineTargets } from "../doctor/examine.ts";
import type { Examination } from "../doctor/finding.ts";
import type { Choice } from "../engine/choose-targets.ts";
import { openRepository, type RepositoryRequest } from "../engine/repository.ts";
import { readSettings } from "../workspace/config.ts";
import { nodeDisk } from "../workspace/disk.ts";
import { FileView } from "../workspace/files.ts";
import type { KraftContext } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";

/** What is asked for. */
export interface ExamineHereRequest {
  readonly request: RepositoryRequest;
  readonly choice: Choice;
  /** Whether no target was named: then there need be no workspace, either. */
  readonly isVague: boolean;
  readonly usesNetwork: boolean;
  readonly context: KraftContext;
}

/** The examination, and whether files have errors, which were told; undefined: nothing else was. */
export async function examineHere({
  request,
  choice,
  isVague,
  usesNetwork,
  context,
}: ExamineHereRequest): Promise<
  { readonly examination: Examination; readonly hasErrors: boolean } | undefined
> {
  const { host, stderr, nodeVersion, engine, signal } = context;
  const log = mistakeLog(context);
  const missing: Diagnostic[] = [];
  const repository = await openRepository(request, (diagnostic) => {
    if (isVague && diagnostic.code === "no-workspace") missing.push(diagnostic);
    else log.report(diagnostic);
  });
  if (repository === undefined) {
    const { hasErrors } = log.tell();
    if (missing.length === 0) return undefined;
    stderr.write("note: there is no workspace here; this is what most images need\n");
    const settings = settingsOfMachine(context, log.report);
    return { examination: await examineMachine({ host, nodeVersion }, settings), hasErrors };
  }
  const { report } = log;
  const found = await examineTargets({ repository, request, choice, host, nodeVersion, report });
  const { hasErrors } = log.tell();
  if (!usesNetwork) return { examination: found, hasErrors };
  const { networkFindings } = await import("../doctor/network-findings.ts");
  const more = await networkFindings(repository, { host, version: engine.version, signal });
  return { examination: { ...found, findings: [...found.findings, ...more] }, hasErrors };
}

function settingsOfMachine({ host, builtIn }: KraftContext, report: (one: Diagnostic) => void) {
  return readSettings({
    root: host.workingDirectory,
    workspaceFile: undefined,
    files: new FileView({ disk: nodeDisk, epochMs: host.epochMs }),
    host,
    builtInRules: [...builtIn.keys()],
    report,
  });
}
