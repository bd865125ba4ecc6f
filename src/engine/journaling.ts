// What of a build is written down for `why`. Decides nothing.

import { readFileSync } from "node:fs";
import { isAbsolute, join, posix } from "node:path";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { digestOf } from "../digest/digest.ts";
import type { Cause } from "../why/cause.ts";
import type { Evidence } from "../why/evidence.ts";
import { Journal } from "../why/journal.ts";
import type { ActionEntry, JournalBegin, OutputChange } from "../why/journal-entry.ts";
import { settingLines } from "../workspace/setting-lines.ts";
import type { BuildRequest } from "./build.ts";
import type { Done } from "./done.ts";
import { subjectOf } from "./executor.ts";
import type { Inputs } from "./inputs.ts";
import type { Planned } from "./planning.ts";
import { textOf } from "./state-of.ts";

/** Where the journals of the workspace `root` are. */
export function journalDirectoryOf(root: string): string {
  return join(root, ".kraft/why/builds");
}

/** Opens a journal for each build of a plan that is about to be carried out. */
export function journalsOf(
  planned: Planned,
  { choice, engine, host }: BuildRequest,
  evidence: Evidence,
): () => Journal {
  const { repository, plan } = planned;
  const { root, settings } = repository;
  let common: Omit<JournalBegin, "startedMs"> | undefined;
  const commonOf = (): Omit<JournalBegin, "startedMs"> => ({
    kind: "begin",
    version: 1,
    patterns: choice.patterns,
    targets: plan.results.map(([label]) => label),
    engine: engine.version,
    // As they may be shown: what a remote is sent, and passwords in addresses, are nobody's.
    settings: Object.fromEntries(
      settingLines(settings).flatMap(({ key, value, origin }) =>
        origin === "default" || value === "" ? [] : [[key, JSON.stringify(value)]],
      ),
    ),
    files: filesOf(planned, { root, host }, evidence),
  });
  return () => {
    const startedMs = host.epochMs();
    const begin = (): JournalBegin => ({ ...(common ??= commonOf()), startedMs });
    return new Journal(journalDirectoryOf(root), begin, host.processId);
  };
}

/** The files that were read to make the plan, which are kept, as a diff of them says the most. */
function filesOf(
  { plan, isRemembered }: Planned,
  { root }: { readonly root: string; readonly host: Host },
  evidence: Evidence,
): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { path, kind, signature } of plan.consulted) {
    const digest = signature.split(" ")[1]?.slice(0, 32);
    if (kind !== "file" || digest === undefined || !/^[0-9a-f]{32}$/.test(digest)) continue;
    const below = posix.relative(root, path);
    files[below.startsWith("..") ? path : below] = digest;
    // What a plan was made of before was kept then.
    if (!isRemembered && !evidence.has(digest)) keep(path, digest, evidence);
  }
  return files;
}

function keep(path: string, digest: string, evidence: Evidence): void {
  try {
    const bytes = readFileSync(path);
    if (bytes.byteLength <= maxFileBytes && digestOf(bytes).startsWith(digest)) {
      evidence.add(digest, bytes);
    }
  } catch {
    // It is gone by now: then nobody sees how it was.
  }
}

const maxFileBytes = 256 * 1024;

/** What entries are drawn from. */
export interface EntryContext {
  readonly inputs: Pick<Inputs, "outputAt">;
  readonly makerOf: (path: ExecPath) => Action | undefined;
  readonly yielderOf: (id: ExecPath) => ExecPath | undefined;
  readonly epochMs: Host["epochMs"];
}

/** What is written down of `action`; undefined when it was up to date, or did not begin. */
export function entryOf(
  action: Action,
  done: Exclude<Done, { kind: "cancelled" }>,
  { inputs, makerOf, yielderOf, epochMs }: EntryContext,
): ActionEntry | undefined {
  const outcome = done.kind === "failed" ? "failed" : done.outcome;
  if (done.why === undefined || outcome === "upToDate") return undefined;
  const { causes, before } = done.why;
  const id = actionId(action);
  const makers = makersIn(causes, makerOf);
  const yieldedBy = yielderOf(id);
  const changed = done.kind === "failed" ? undefined : before && changesOf(before, action, inputs);
  const { mnemonic, owner } = action;
  return {
    kind: "action",
    id,
    mnemonic,
    subject: subjectOf(action),
    owner,
    outcome,
    causes,
    ...(makers !== undefined && { makers }),
    ...(yieldedBy !== undefined && { yieldedBy }),
    ...(changed !== undefined && { changed }),
    wallMs: Math.round(done.wallMs),
    endedMs: epochMs(),
    ...(done.why.key !== undefined && { key: done.why.key }),
  };
}

export function makersIn(
  causes: readonly Cause[],
  makerOf: EntryContext["makerOf"],
): Record<ExecPath, ExecPath> | undefined {
  const makers: Record<ExecPath, ExecPath> = {};
  let isAny = false;
  for (const path of causes.flatMap(pathsOf)) {
    const maker =
      isAbsolute(path) || !path.startsWith(`${outputRoot}/`) ? undefined : makerOf(path);
    if (maker === undefined) continue;
    makers[path] = actionId(maker);
    isAny = true;
  }
  return isAny ? makers : undefined;
}

function pathsOf(cause: Cause): readonly ExecPath[] {
  switch (cause.kind) {
    case "file":
    case "shadow":
      return [cause.path];
    case "renamed":
    case "order":
      return [cause.from, cause.to];
    case "option":
      return cause.path === undefined ? [] : [cause.path];
    default:
      return [];
  }
}

function changesOf(
  before: NonNullable<NonNullable<Extract<Done, { kind: "failed" }>["why"]>["before"]>,
  { outputs }: Action,
  inputs: EntryContext["inputs"],
): readonly OutputChange[] {
  const old = new Map(before);
  const paths = [...new Set([...outputs, ...old.keys()])];
  return paths.flatMap((path) => {
    const [from, to] = [old.get(path), outputs.includes(path) ? inputs.outputAt(path) : undefined];
    const isSame = from !== undefined && to !== undefined && textOf(from) === textOf(to);
    const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return isSame ? [] : [{ path, ...sides }];
  });
}
