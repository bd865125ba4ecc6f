// What the revisions in a query mean for the targets of a workspace.

import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { ChangedFiles, ChangedPath } from "../query/changed-files.ts";
import type { RevisionWord } from "../query/expression.ts";
import { ignoreFileName } from "../workspace/ignore-stack.ts";
import { workspaceFileName } from "../workspace/root.ts";
import { changesSince, type GitChange } from "./git-changes.ts";
import type { Repository } from "./repository.ts";

/** What `queryChanges` looks into. */
export interface QueryChangesRequest {
  readonly revisions: readonly RevisionWord[];
  readonly repository: Repository;
  readonly host: Pick<Host, "env" | "kill">;
  readonly report: Report;
}

/** Absolute paths of what changed since each revision, by its text; for {@link changedFiles}. */
export async function queryChanges({
  revisions,
  repository: { root },
  host,
  report,
}: QueryChangesRequest): Promise<ReadonlyMap<string, readonly GitChange[]>> {
  const found = new Map<string, readonly GitChange[]>();
  for (const { text, at } of revisions) {
    if (found.has(text)) continue;
    const changes = await changesSince(text, { root, host });
    found.set(text, changes.kind === "changed" ? changes.files : []);
    if (changes.kind === "changed") continue;
    const { reason: message, help } = changes;
    const more = help === undefined ? {} : { help };
    report({ severity: "error", code: "unknown-revision", message, at, ...more });
  }
  return found;
}

/** `changes` as paths of the graph, given what the directories of components are called in it. */
export function changedFiles(
  changes: readonly GitChange[],
  repository: Repository,
  components: ReadonlyMap<ExecPath, string>,
): ChangedFiles {
  const { root } = repository;
  const paths = withGoneDirectories(changes, repository).flatMap(({ path, isNewOrGone }) =>
    graphPathsOf(path, { root, components }).map((one): ChangedPath => {
      return { path: one, isNewOrGone };
    }),
  );
  return { paths, isAll: changes.some(({ path }) => concernsAll(path, repository)) };
}

/** `changes`, with the directories that went away with the last file in them. */
function withGoneDirectories(
  changes: readonly GitChange[],
  { files }: Pick<Repository, "files">,
): GitChange[] {
  const gone = new Set<string>();
  for (const { path, isNewOrGone } of changes) {
    if (!isNewOrGone) continue;
    for (let at = posix.dirname(path); at !== "/" && !gone.has(at); at = posix.dirname(at)) {
      if (files.kindOf(at) !== undefined) break;
      gone.add(at);
    }
  }
  return [...changes, ...[...gone].map((path) => ({ path, isNewOrGone: true }))];
}

/** The path in the workspace, and in each component that holds it; else the absolute path. */
export function graphPathsOf(
  path: string,
  { root, components }: { root: string; components: ReadonlyMap<ExecPath, string> },
): readonly ExecPath[] {
  const paths: ExecPath[] = [];
  const inside = below(root, path);
  if (inside !== undefined) paths.push(inside);
  for (const [name, directory] of components) {
    const inComponent = below(directory, path);
    if (inComponent !== undefined) paths.push(posix.join(name, inComponent));
  }
  return paths.length === 0 ? [path] : paths;
}

function below(directory: string, path: string): string | undefined {
  const relative = posix.relative(directory, path);
  if (relative === ".." || relative.startsWith("../")) return undefined;
  return relative === "" ? "." : relative;
}

/** Whether the file at `path` can change what any target is: settings, locks, rule sets. */
function concernsAll(path: string, { root, settings }: Repository): boolean {
  const name = posix.basename(path);
  if (name === ignoreFileName) return below(root, path) !== undefined;
  if (posix.dirname(path) === root && wholeFiles.has(name)) return true;
  return settings.values.rules.value
    .filter((rule) => rule.startsWith(".") || rule.startsWith("/"))
    .map((rule) => posix.resolve(root, rule))
    .some((module) => module === path || isBeside(module, path, root));
}

const wholeFiles = new Set([workspaceFileName, "kraft.lock.yaml", "package-lock.json"]);

/** A module may import what is in its directory; the workspace root holds much else. */
function isBeside(module: string, path: string, root: string): boolean {
  const directory = posix.dirname(module);
  if (directory !== root) return below(directory, path) !== undefined;
  return posix.dirname(path) === root && /\.[cm]?[jt]s$/.test(path);
}
