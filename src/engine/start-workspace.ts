// A directory → a workspace: what is in it, and the files that make it one. Overwrites nothing.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";

import type { Host } from "../base/host.ts";
import { errorCode, writeError } from "../store/store-error.ts";
import { directoriesUpward, workspaceFileName } from "../workspace/root.ts";
import { discoverPackages, type PackageDirectory } from "../workspace/discover.ts";
import { nodeDisk } from "../workspace/disk.ts";
import { FileView } from "../workspace/files.ts";
import { exampleFiles } from "./example-app.ts";
import type { BuiltInRuleSets } from "./repository.ts";

/** Where a workspace is to begin. */
export interface StartRequest {
  /** Absolute; made when it is not there. */
  readonly directory: string;
  /** Whether an example is written where there is no package. */
  readonly wantsExample: boolean;
  readonly version: string;
  readonly builtIn: BuiltInRuleSets;
  readonly host: Pick<Host, "epochMs">;
}

/** What came of it. */
export type Started =
  | {
      readonly kind: "started";
      /** Those that the workspace has now, by path. */
      readonly packages: readonly PackageDirectory[];
      /** Paths of files from the directory, and what became of each. */
      readonly files: readonly StartedFile[];
    }
  /** A directory above is one already, of which this one is a part. */
  | { readonly kind: "inside"; readonly root: string };

/** A file that belongs to a new workspace. */
export interface StartedFile {
  readonly path: string;
  readonly change: "written" | "added to" | "kept";
}

/** Makes a workspace of a directory. Throws a StoreError where that cannot be written to. */
export async function startWorkspace(request: StartRequest): Promise<Started> {
  const { directory, host } = request;
  const files = new FileView({ disk: nodeDisk, epochMs: host.epochMs });
  const outer = directoriesUpward(directory)
    .slice(1)
    .find((at) => files.kindOf(posix.join(at, workspaceFileName)) === "file");
  if (outer !== undefined) return { kind: "inside", root: outer };
  const before = await packagesIn(request, files);
  const example =
    before.length === 0 && request.wantsExample ? exampleFiles(schemaAt(request, files, 1)) : [];
  const written = [
    [workspaceFileName, workspaceText(schemaAt(request, files, 0))] as const,
    ...example,
  ].map(([path, text]): StartedFile => ({ path, change: writeNew(directory, path, text) }));
  const ignoring: StartedFile = { path: ".gitignore", change: ignoreState(directory) };
  const now = new FileView({ disk: nodeDisk, epochMs: host.epochMs });
  const packages = example.length === 0 ? before : await packagesIn(request, now);
  return { kind: "started", packages, files: [...written, ignoring] };
}

async function packagesIn(
  { directory, builtIn }: StartRequest,
  files: FileView,
): Promise<PackageDirectory[]> {
  const ruleSets = await Promise.all([...builtIn.values()].map((load) => load()));
  const buildFiles = ruleSets.flatMap((ruleSet) => ruleSet.buildFiles);
  return discoverPackages({ root: directory, files, buildFiles, globs: [] });
}

/** Gives the address of a schema by its name, for files that lie `depth` directories deep. */
function schemaAt({ directory, version }: StartRequest, files: FileView, depth: number) {
  const folder = "node_modules/kraft-graph/schemas";
  return (name: string): string => {
    const file = `${name}.schema.json`;
    // The installed one fits the program that is installed beside it, and needs no network.
    const isInstalled = files.kindOf(posix.join(directory, folder, file)) === "file";
    if (isInstalled) return `${depth === 0 ? "./" : "../".repeat(depth)}${folder}/${file}`;
    return `https://unpkg.com/kraft-graph@${version}/schemas/${file}`;
  };
}

function workspaceText(schema: (name: string) => string): string {
  return [
    `# yaml-language-server: $schema=${schema("kraft.workspace")}`,
    "# The root of a kraft-graph workspace: every directory below with a build file is a package.",
    "# Here go settings, too; `kraft-graph info config` lists all, with their values.",
    "version: 1",
    "",
    "# Directories that hold components, in place of what Kraftfiles name:",
    "# components:",
    "#   unikraft: ../unikraft",
    "",
  ].join("\n");
}

function writeNew(directory: string, path: string, text: string): StartedFile["change"] {
  const file = posix.join(directory, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw writeError(cause, dirname(file));
  }
  try {
    writeFileSync(file, text, { flag: "wx" });
    return "written";
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return "kept";
    throw writeError(cause, file);
  }
}

/** Has git pass over what builds leave. */
function ignoreState(directory: string): StartedFile["change"] {
  const line = "/.kraft/\n";
  if (writeNew(directory, ".gitignore", line) === "written") return "written";
  const file = posix.join(directory, ".gitignore");
  try {
    const text = readFileSync(file, "utf8");
    if (/^(?:\*\*)?\/?\.kraft\/?\s*$/m.test(text)) return "kept";
    const end = text === "" || text.endsWith("\n") ? "" : "\n";
    writeFileSync(file, `${end}${line}`, { flag: "a" });
    return "added to";
  } catch (cause) {
    throw writeError(cause, file);
  }
}
