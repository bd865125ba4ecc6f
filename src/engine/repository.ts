// A workspace as a command finds it: where it is, its settings, its rule sets, its graph.

import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import type { Report, Source } from "../diagnostic/diagnostic.ts";
import { buildGraph, type Graph } from "../graph/graph.ts";
import type { PatternContext } from "../label/pattern.ts";
import type { RuleSet } from "../rule/rule.ts";
import { readSettings, type Settings } from "../workspace/config.ts";
import { lockFileName } from "../workspace/lock-file.ts";
import { type Disk, nodeDisk } from "../workspace/disk.ts";
import { FileView } from "../workspace/files.ts";
import {
  type LoadRequest,
  loadWorkspace,
  type Replacement,
  type Workspace,
} from "../workspace/load.ts";
import { findWorkspaceRoot, workspaceFileName } from "../workspace/root.ts";
import type { Flag } from "../workspace/text-layer.ts";
import { executorOf } from "./dockerfile-executor.ts";
import { FetchedSources } from "./fetched-sources.ts";
import { vendoredIn } from "../workspace/vendor-index.ts";
import { PublishedComponents } from "./published-components.ts";
import { loadForeign } from "./foreign-module.ts";
import { loadRuleSets } from "./rule-sets.ts";

/** What a command brings along. */
export interface RepositoryRequest {
  readonly host: Host;
  /** The rule sets that come with the engine, by name. */
  readonly builtIn: BuiltInRuleSets;
  readonly flags?: readonly Flag[];
  /** Names of `configs` to apply. */
  readonly configs?: readonly string[];
  /** Whether to see sources as if none was vendored; absent: no. */
  readonly ignoresVendor?: boolean;
  /** Whether a directory without any workspace is a mistake; absent: yes. */
  readonly needsWorkspace?: boolean;
  /** A build file to use in place of a package's own. */
  readonly replacement?: FileReplacement | undefined;
  /** Absent: the machine's. */
  readonly disk?: Disk;
}

/** A build file that the user names. */
export interface FileReplacement {
  /** From the working directory. */
  readonly file: string;
  readonly ruleSet: string;
  /** What it says, where `disk` alone has it; absent: it is a file of the machine. */
  readonly text?: string;
}

/** Rule sets that are loaded when a workspace uses them. */
export type BuiltInRuleSets = ReadonlyMap<string, () => Promise<RuleSet>>;

/** A workspace that was found. */
export interface Repository {
  /** Absolute. */
  readonly root: string;
  readonly settings: Settings;
  readonly ruleSets: readonly RuleSet[];
  /** The lock file, unread; undefined when there is none. */
  readonly lockFile: Source | undefined;
  /** Through which all of it was read. */
  readonly files: FileView;
  /** For the patterns that the user typed. */
  readonly patterns: PatternContext;
}

/** The workspace of the working directory; undefined when there is none, which is reported. */
export async function openRepository(
  request: RepositoryRequest,
  report: Report,
): Promise<Repository | undefined> {
  const { host, builtIn, flags, configs, replacement, disk = nodeDisk } = request;
  const { workingDirectory } = host;
  const files = new FileView({ disk, epochMs: host.epochMs });
  const known = await Promise.all([...builtIn.values()].map((load) => load()));
  const buildFiles = known.flatMap((ruleSet) => ruleSet.buildFiles);
  const found = findWorkspaceRoot(workingDirectory, { files, buildFiles });
  const isNeeded = replacement === undefined && request.needsWorkspace !== false;
  if (found.kind === "none" && isNeeded) {
    report(found.diagnostic);
    return undefined;
  }
  // A build file that is named makes a package of any directory.
  const root = found.kind === "none" ? workingDirectory : found.root;
  const settings = readSettings({
    root,
    workspaceFile: found.kind === "workspace" ? posix.join(root, workspaceFileName) : undefined,
    files,
    host,
    builtInRules: [...builtIn.keys()],
    configs: configs ?? [],
    flags: flags ?? [],
    report,
  });
  const ruleSets = await loadRuleSets({
    rules: settings.values.rules,
    builtIn,
    root,
    load: loadForeign,
    read: (path) => files.read(path),
    report,
  });
  const patterns = {
    workspaceRoot: root,
    workingDirectory,
    currentPackage: posix.relative(root, workingDirectory),
    kindOf: (path: string) => files.kindOf(path),
  };
  // Read here, so that a build that is remembered depends on it.
  const lock = files.read(posix.join(root, lockFileName));
  const lockFile = lock === undefined ? undefined : { path: lockFileName, text: lock };
  return { root, settings, ruleSets, lockFile, files, patterns };
}

/** The graph of `repository`. Mistakes are reported, and what is right is in the graph. */
export function loadGraph(repository: Repository, request: LoadingRequest, report: Report): Graph {
  const workspace = loadRepository(repository, request, report);
  return buildGraph(workspace, repository.ruleSets, report);
}

/** What loading packages takes besides the repository. */
export type LoadingRequest = Pick<RepositoryRequest, "host" | "replacement" | "ignoresVendor"> &
  Pick<LoadRequest, "asked" | "fetched" | "publishedOf">;

/** The packages of `repository`. Mistakes are reported, and what could be read is returned. */
export function loadRepository(
  { root, settings, ruleSets, lockFile, files, patterns }: Repository,
  { host, replacement, ignoresVendor = false, asked, fetched, publishedOf }: LoadingRequest,
  report: Report,
): Workspace {
  const directory = ignoresVendor ? undefined : settings.values["sources.vendor"].value;
  return loadWorkspace({
    root,
    ruleSets,
    settings,
    files,
    hostArchitecture: host.architecture === "arm64" ? "arm64" : "x86_64",
    replacement: replacement && replacementIn(patterns, replacement),
    vendoredAt: vendoredIn({ root, directory, files, report }),
    asked,
    dockerfileExecutor: onceOnly(() => executorOf(settings)),
    fetched: fetched ?? new FetchedSources({ root, lockFile, files }).lookUp,
    publishedOf: publishedOf ?? new PublishedComponents({ root, settings, lockFile, files }).lookUp,
    report,
  });
}

/** `decide` is asked when it is needed, and no second time. */
function onceOnly<T>(decide: () => T): () => T {
  let decided: { readonly value: T } | undefined;
  return () => (decided ??= { value: decide() }).value;
}

/** It stands for the build file of the package that the user is in. */
function replacementIn(
  { currentPackage, workingDirectory, workspaceRoot }: PatternContext,
  { file, ruleSet }: { readonly file: string; readonly ruleSet: string },
): Replacement {
  const absolute = posix.resolve(workingDirectory, file);
  const packageDirectory = posix.join(workspaceRoot, currentPackage);
  return { packagePath: currentPackage, file: posix.relative(packageDirectory, absolute), ruleSet };
}
