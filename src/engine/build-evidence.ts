// What targets were built from, by the action graph: for statements about images. Builds nothing.

import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { type Action, actionId, type ExecPath, type FetchAction } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import { analyze } from "../analysis/analysis.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { splitDigest } from "../digest/digest.ts";
import { digestOfFile } from "../format/file-content.ts";
import { hiddenNames } from "../format/staged-directory.ts";
import type { Label } from "../label/label.ts";
import { openStore } from "../store/store.ts";
import { chooseTargets } from "./choose-targets.ts";
import { inputsOf, knownActions } from "./known-actions.ts";
import { Records } from "./records.ts";
import { loadGraph, type Repository } from "./repository.ts";
import { sourceDateEpochOf } from "./source-date-epoch.ts";
import type { WantedRequest } from "./wanted-sources.ts";

/** A file, by what is in it. */
export interface NamedFile {
  /** In the graph: relative to the workspace. */
  readonly path: string;
  /** In lower-case hex. */
  readonly sha256: string;
}

/** An action, as it was last done. */
export interface DoneAction {
  readonly owner: Label;
  readonly mnemonic: string;
  readonly subject: string;
  /** What it left that is a file. */
  readonly outputs: readonly NamedFile[];
}

/** All that targets were built from, sorted. */
export interface BuildEvidence {
  readonly labels: readonly Label[];
  readonly actions: readonly DoneAction[];
  /** Files of the workspace that actions read. */
  readonly files: readonly NamedFile[];
  readonly fetches: readonly FetchAction[];
}

/**
 * The evidence of the last build of `patterns`, which must have been built just now. Mistakes are
 * reported. Throws a StoreError.
 */
export async function buildEvidence(
  repository: Repository,
  patterns: readonly string[],
  { request, host, report }: WantedRequest,
): Promise<BuildEvidence> {
  const { root, settings } = repository;
  const graph = loadGraph(repository, request, report);
  const context = { context: repository.patterns, report };
  const labels = chooseTargets(graph, { patterns }, context);
  const sourceDateEpoch = sourceDateEpochOf(host.env, report);
  const analysis = analyze({ graph, labels, workspaceRoot: root, sourceDateEpoch, report });
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const known = knownActions(analysis.actions, { records, cas });
  const actions = [...known.graph.all()];
  const sources = new Set(
    actions
      .flatMap((action) => inputsOf(action, records))
      .filter((path) => known.graph.makerOf(path) === undefined && !path.startsWith(outputRoot)),
  );
  const locate = (path: ExecPath) => locationOf(path, root, analysis.components);
  const files = new Map<ExecPath, NamedFile>();
  for (const path of sources) {
    for (const one of await filesAt(path, locate(path))) files.set(one.path, one);
  }
  return {
    labels: [...labels].sort(),
    actions: actions.map((action) => doneAction(action, records)).sort(byName),
    files: [...files.values()].sort(byName),
    fetches: actions.flatMap((action) => (action.kind === "fetch" ? [action] : [])),
  };
}

/** Where `path` is on the disk, in the workspace at `root` or in a component outside of it. */
export function locationOf(
  path: ExecPath,
  root: string,
  components: ReadonlyMap<ExecPath, string>,
): string {
  for (const [at, directory] of components) {
    if (path === at || path.startsWith(`${at}/`)) return join(directory, path.slice(at.length));
  }
  return join(root, path);
}

/** The file `path`, which is at `location`, or all files below it; none for what is not there. */
async function filesAt(path: ExecPath, location: string): Promise<readonly NamedFile[]> {
  const found = await digestOfFile(location, createHash("sha256"));
  if (found !== undefined) return [{ path, sha256: found.hash }];
  if (statSync(location, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const files: NamedFile[] = [];
  for (const entry of readdirSync(location, { withFileTypes: true })) {
    const { name } = entry;
    if (hiddenNames.has(name) || !(entry.isFile() || entry.isDirectory())) continue;
    files.push(...(await filesAt(path === "." ? name : `${path}/${name}`, join(location, name))));
  }
  return files;
}

function doneAction(action: Action, records: Records): DoneAction {
  const { owner, mnemonic, subject } = action;
  const outputs = records.of(actionId(action))?.outputs ?? [];
  return {
    owner,
    mnemonic,
    subject: subject ?? "",
    outputs: outputs.flatMap(namedFile).sort(byName),
  };
}

function namedFile([path, node]: readonly [ExecPath, Node]): readonly NamedFile[] {
  return node.kind === "file" ? [{ path, sha256: splitDigest(node.digest).hash }] : [];
}

/** In the order of their JSON, which is the same on every machine. */
function byName(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
