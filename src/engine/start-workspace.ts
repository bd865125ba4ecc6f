// A directory → a workspace: what is in it, and the files that make it one. Overwrites nothing.

import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import { writeError } from "../store/store-error.ts";
import { directoriesUpward, workspaceFileName } from "../workspace/root.ts";
import { discoverPackages, type PackageDirectory } from "../workspace/discover.ts";
import { nodeDisk } from "../workspace/disk.ts";
import { FileView } from "../workspace/files.ts";
import type { BuiltInRuleSets } from "./repository.ts";
import { schemaAddress } from "./schema-address.ts";
import type { NewPackage } from "./start-package.ts";
import { type StartedFile, writeNewFile } from "./write-new-file.ts";

/** Where a workspace is to begin. */
export interface StartRequest {
  /** Absolute; made when it is not there. */
  readonly directory: string;
  /** A package that is written with it; absent: none. */
  readonly addition?: NewPackage | undefined;
  /** Whether `addition` is written only where there is no package. */
  readonly isExample: boolean;
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
      /** The path of the package that was written with it; absent: none was. */
      readonly added?: string;
    }
  /** A directory above is one already, of which this one is a part. */
  | { readonly kind: "inside"; readonly root: string };

/** Makes a workspace of a directory. Throws a StoreError where that cannot be written to. */
export async function startWorkspace(request: StartRequest): Promise<Started> {
  const { directory, host } = request;
  const files = new FileView({ disk: nodeDisk, epochMs: host.epochMs });
  const outer = directoriesUpward(directory)
    .slice(1)
    .find((at) => files.kindOf(posix.join(at, workspaceFileName)) === "file");
  if (outer !== undefined) return { kind: "inside", root: outer };
  const before = await packagesIn(request, files);
  const { addition } = request;
  const isWanted = addition !== undefined && (before.length === 0 || !request.isExample);
  const { version } = request;
  const isFile = (path: string): boolean => files.kindOf(path) === "file";
  const schema = schemaAddress({ root: directory, depth: 0, version, isFile });
  const written = [
    writeNewFile(directory, workspaceFileName, workspaceText(schema)),
    ...(isWanted ? writePackage(directory, addition) : []),
    ignoreState(directory),
  ];
  const now = new FileView({ disk: nodeDisk, epochMs: host.epochMs });
  const packages = isWanted ? await packagesIn(request, now) : before;
  return { kind: "started", packages, files: written, ...(isWanted && { added: addition.path }) };
}

/** Writes `addition` into the workspace `root`. Throws a StoreError. */
export function writePackage(root: string, { path, files }: NewPackage): StartedFile[] {
  return files.map(([name, text]) => writeNewFile(root, posix.join(path, name), text));
}

async function packagesIn(
  { directory, builtIn }: StartRequest,
  files: FileView,
): Promise<PackageDirectory[]> {
  const ruleSets = await Promise.all([...builtIn.values()].map((load) => load()));
  const buildFiles = ruleSets.flatMap((ruleSet) => ruleSet.buildFiles);
  return discoverPackages({ root: directory, files, buildFiles, globs: [] });
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

/** Has git pass over what builds leave. */
function ignoreState(directory: string): StartedFile {
  const path = ".gitignore";
  const line = "/.kraft/\n";
  const begun = writeNewFile(directory, path, line);
  if (begun.change === "written") return begun;
  const file = posix.join(directory, path);
  try {
    const text = readFileSync(file, "utf8");
    if (/^(?:\*\*)?\/?\.kraft\/?\s*$/m.test(text)) return begun;
    const end = text === "" || text.endsWith("\n") ? "" : "\n";
    writeFileSync(file, `${end}${line}`, { flag: "a" });
    return { path, change: "added to" };
  } catch (cause) {
    throw writeError(cause, file);
  }
}
