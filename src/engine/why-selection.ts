// Words of a question → the actions it is about. Reads the workspace, and builds nothing.

import { join, posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { analyze } from "../analysis/analysis.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Cas } from "../store/cas.ts";
import { pathsOf } from "../why/cause.ts";
import { readJournals } from "../why/journal.ts";
import type { ActionEntry } from "../why/journal-entry.ts";
import type { ActionGraph } from "./action-graph.ts";
import { chooseTargets } from "./choose-targets.ts";
import { journalDirectoryOf } from "./journaling.ts";
import { knownActions } from "./known-actions.ts";
import { wantedOf } from "./placement.ts";
import { Records } from "./records.ts";
import { loadGraph, type Repository, type RepositoryRequest } from "./repository.ts";
import { sourceDateEpochOf } from "./source-date-epoch.ts";

/** What words are looked up in. */
export interface SelectionContext {
  readonly repository: Repository;
  readonly request: Pick<RepositoryRequest, "host" | "replacement">;
  readonly cas: Pick<Cas, "read">;
  readonly report: Report;
}

/** What a question is about. */
export interface Selection {
  readonly isChosen: (entry: ActionEntry) => boolean;
  /** Files that roots have to be about, relative to the root; absent: any. */
  readonly files?: ReadonlySet<string>;
}

/**
 * What `words` name: kinds of work (`CC`), outputs and inputs by path, all else labels, patterns and
 * directories. None stands for all. Of kinds and labels, both have to fit.
 */
export function selectActions(words: readonly string[], context: SelectionContext): Selection {
  const { repository } = context;
  const known = knownWords(repository.root);
  const mnemonics = new Set(words.filter((word) => known.mnemonics.has(word)));
  const others = words.filter((word) => !mnemonics.has(word));
  const pathOf = (word: string): string => pathIn(word, repository);
  const ids = new Set(others.map(pathOf).filter((path) => known.outputs.has(path)));
  const files = new Set(others.map(pathOf).filter((path) => known.inputs.has(path)));
  const patterns = others.filter((word) => !ids.has(pathOf(word)) && !files.has(pathOf(word)));
  const isNamed = (entry: ActionEntry): boolean =>
    ids.has(entry.id) || (entry.changed ?? []).some(({ path }) => ids.has(path));
  const isInCone = patterns.length === 0 ? () => false : coneOf(patterns, context);
  const isAny = patterns.length + ids.size === 0;
  return {
    isChosen: (entry) =>
      (mnemonics.size === 0 || mnemonics.has(entry.mnemonic)) &&
      (isAny || isNamed(entry) || isInCone(entry)),
    ...(files.size > 0 && { files }),
  };
}

/** What can be named besides labels. */
function knownWords(root: string) {
  const mnemonics = new Set<string>();
  const outputs = new Set<ExecPath>();
  const inputs = new Set<ExecPath>();
  for (const { begin, actions } of readJournals(journalDirectoryOf(root))) {
    for (const file of Object.keys(begin.files)) inputs.add(file);
    for (const { mnemonic, id, changed = [], causes } of actions) {
      mnemonics.add(mnemonic);
      outputs.add(id);
      for (const { path } of changed) outputs.add(path);
      for (const path of causes.flatMap(pathsOf)) inputs.add(path);
    }
  }
  return { mnemonics, outputs, inputs };
}

/** Relative to the workspace root, as it is typed from where the user is. */
function pathIn(word: string, { root, patterns }: Repository): string {
  const { workingDirectory } = patterns;
  const path = posix.relative(root, posix.resolve(workingDirectory, word));
  return path.startsWith("..") ? word : path;
}

/** Whether an action is of what `patterns` choose, or of what that needs. */
function coneOf(
  patterns: readonly string[],
  context: SelectionContext,
): (entry: ActionEntry) => boolean {
  const { graph, ids } = openCone(patterns, context);
  for (const { actions } of readJournals(journalDirectoryOf(context.repository.root))) {
    for (const { id, yieldedBy } of actions) {
      // Who lists an action is needed by it, whatever it makes besides.
      if (yieldedBy !== undefined && ids.has(id)) addBelow([yieldedBy], graph, ids);
    }
  }
  return ({ id }) => ids.has(id);
}

/** Actions that some targets come to, so far as they are known. */
export interface Cone {
  readonly graph: ActionGraph;
  readonly records: Records;
  /** Each behind what it needs. */
  readonly ids: Set<ExecPath>;
}

/** The actions of what `patterns` choose. Mistakes are reported. */
export function openCone(
  patterns: readonly string[],
  { repository, request, cas, report }: SelectionContext,
): Cone {
  const { root } = repository;
  const targets = loadGraph(repository, request, report);
  const labels = chooseTargets(targets, { patterns }, { context: repository.patterns, report });
  const { host } = request;
  const sourceDateEpoch = sourceDateEpochOf(host.env, report);
  const parts = { graph: targets, labels, workspaceRoot: root, sourceDateEpoch, report };
  const { actions, results } = analyze(parts);
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const { graph } = knownActions(actions, { records, cas });
  const wanted = labels.flatMap((label) => wantedOf(results.get(label) ?? { outputs: [] }));
  const ids = new Set<ExecPath>();
  addBelow(graph.goalsFor(wanted), graph, ids);
  return { graph, records, ids };
}

/** Adds actions to `ids`, each behind what it needs. */
function addBelow(some: readonly ExecPath[], graph: ActionGraph, ids: Set<ExecPath>): void {
  const entered = new Set<ExecPath>();
  const pending = some.toReversed();
  for (let id = pending.at(-1); id !== undefined; id = pending.at(-1)) {
    if (entered.has(id) || ids.has(id)) {
      ids.add(id);
      pending.pop();
      continue;
    }
    entered.add(id);
    const action = graph.find(id);
    const needs = action === undefined ? [] : graph.goalsFor(action.inputs);
    pending.push(...needs.filter((need) => !ids.has(need) && !entered.has(need)));
  }
}
