// Records of this machine as they are handed to another one, and the comparison of two. Builds
// nothing.

import { join } from "node:path";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { Label } from "../label/label.ts";
import { causesBetween } from "../why/causes-between.ts";
import { Evidence } from "../why/evidence.ts";
import type { ActionEntry, JournaledBuild } from "../why/journal-entry.ts";
import type { RecordedAction, RecordSet } from "../why/record-file.ts";
import type { StateFacts } from "../why/state.ts";
import { openStateFacts } from "./evidence-notes.ts";
import { subjectOf } from "./executor.ts";
import { makersIn } from "./journaling.ts";
import type { ActionRecord } from "./records.ts";
import { textOf } from "./state-of.ts";
import { openCone, type SelectionContext } from "./why-selection.ts";

/** Records of this machine, and what it knows besides. */
export interface OwnRecords extends RecordSet {
  readonly makerOf: (path: ExecPath) => Action | undefined;
  /** Whether the action was ever done here, for whatever target. */
  readonly isKnown: (id: ExecPath) => boolean;
  /** Actions of the patterns of which nothing is written down here, whatever is in the cache. */
  readonly unrecorded: readonly ExecPath[];
}

/** What `patterns` were last made of here. */
export function recordsOf(
  patterns: readonly string[],
  context: SelectionContext & { readonly engine: string },
): OwnRecords {
  const { repository, cas, engine } = context;
  const evidence = new Evidence(join(repository.root, ".kraft/why/evidence"));
  const facts = openStateFacts(evidence, cas);
  const { graph, records, ids } = openCone(patterns, context);
  const actions = [...ids].flatMap((id) => {
    const [action, record] = [graph.find(id), records.of(id)];
    return action === undefined || record === undefined
      ? []
      : [recordedOf(action, record, { evidence, facts })];
  });
  const directories = actions.flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([path, text]) => text.endsWith("/") && !path.startsWith(".")),
  );
  const trees = directories.flatMap(([path, text]) => {
    const files = facts.filesIn(text, path);
    return files === undefined ? [] : [[text, files] as const];
  });
  return {
    engine,
    targets: patterns,
    actions,
    trees: new Map(trees),
    makerOf: (path) => graph.makerOf(path),
    isKnown: (id) => records.of(id) !== undefined,
    unrecorded: [...ids].filter(
      (id) => graph.find(id) !== undefined && records.of(id) === undefined,
    ),
  };
}

function recordedOf(
  action: Action,
  record: ActionRecord,
  { evidence, facts }: { readonly evidence: Evidence; readonly facts: StateFacts },
): RecordedAction {
  const { command, tools, inputs, outputs, reads } = record;
  const text = evidence.read(command)?.toString();
  const versions = Object.entries(tools).flatMap(([name, digest]) => {
    const version = facts.toolVersion(digest);
    return version === undefined ? [] : [[name, version] as const];
  });
  const header = action.kind === "compile" ? action.options?.header : undefined;
  return {
    id: actionId(action),
    mnemonic: action.mnemonic,
    subject: subjectOf(action),
    owner: action.owner,
    command: text === undefined ? undefined : (JSON.parse(text) as RecordedAction["command"]), // Ours.
    commandDigest: command,
    tools,
    versions: Object.fromEntries(versions),
    inputs,
    outputs: Object.fromEntries(outputs.map(([path, node]) => [path, textOf(node)])),
    ...(reads?.options !== undefined &&
      header !== undefined && { options: { names: reads.options, path: header } }),
  };
}

/** How what is here differs from `theirs`, in the form of a build that came from there to here. */
export function compareRecords(
  mine: OwnRecords,
  theirs: RecordSet,
): { readonly build: JournaledBuild; readonly onlyTheirs: readonly string[] } {
  const there = new Map(theirs.actions.map((action) => [action.id, action]));
  const facts = factsOf([theirs, mine]);
  const actions = mine.actions.flatMap((action) => {
    const entry = entryOf(action, there.get(action.id), { facts, makerOf: mine.makerOf });
    return entry === undefined ? [] : [entry];
  });
  const unrecorded = new Set(mine.unrecorded);
  const none = { startedMs: 0, settings: {}, files: {} };
  const { engine, targets } = mine;
  return {
    build: {
      begin: { kind: "begin", version: 1, ...none, patterns: targets, targets: [], engine },
      actions,
      laidOut: [],
    },
    onlyTheirs: theirs.actions.flatMap(({ id }) =>
      mine.isKnown(id) || unrecorded.has(id) ? [] : [id],
    ),
  };
}

function factsOf(sets: readonly RecordSet[]): StateFacts {
  const versions = new Map<string, string>();
  for (const { tools, versions: known } of sets.flatMap(({ actions }) => actions)) {
    for (const [name, version] of Object.entries(known)) versions.set(tools[name] ?? "", version);
  }
  return {
    toolVersion: (digest) => versions.get(digest),
    filesIn: (text) => sets.map(({ trees }) => trees.get(text)).find((one) => one !== undefined),
  };
}

interface Comparing {
  readonly facts: StateFacts;
  readonly makerOf: (path: ExecPath) => Action | undefined;
}

/** Undefined when it is the same here as there. */
function entryOf(
  here: RecordedAction,
  there: RecordedAction | undefined,
  { facts, makerOf }: Comparing,
): ActionEntry | undefined {
  const found =
    there === undefined ? [{ kind: "unmatched" } as const] : causesBetween(there, here, facts);
  if (found.length === 0) return undefined;
  const { outside } = mountsOf((here.command ?? {}) as Pick<Action, "mounts">);
  const causes = found.map((cause) =>
    cause.kind === "file" || cause.kind === "shadow"
      ? { ...cause, path: outside(cause.path) }
      : cause.kind === "option" && cause.path !== undefined
        ? { ...cause, path: outside(cause.path) }
        : cause,
  );
  const makers = makersIn(causes, makerOf);
  const changed = Object.keys(here.outputs).filter(
    (path) => there?.outputs[path] !== here.outputs[path],
  );
  const { id, mnemonic, subject, owner } = here;
  return {
    kind: "action",
    id,
    mnemonic,
    subject,
    owner: owner as Label, // Our own.
    outcome: "differs",
    causes,
    ...(makers !== undefined && { makers }),
    changed: changed.map((path) => ({ path })),
    wallMs: 0,
  };
}
