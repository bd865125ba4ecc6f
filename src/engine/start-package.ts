// A template → a package of a workspace that is there, or that begins with it. Overwrites nothing.

import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import { isLeftOut } from "../workspace/discover.ts";
import { nodeDisk } from "../workspace/disk.ts";
import { directoriesUpward, workspaceFileName } from "../workspace/root.ts";
import { type BuiltInRuleSets, openRepository, type RepositoryRequest } from "./repository.ts";
import { schemaAddress } from "./schema-address.ts";
import { filesOf, type OfferedTemplate, offeredBy, type TemplateFile } from "./templates.ts";

/** Where a package may begin. */
export interface PackagePlace {
  /** The workspace's, which need not be there as yet; absolute. */
  readonly root: string;
  readonly isWorkspace: boolean;
  /** Of the rule sets that a workspace here has. */
  readonly templates: readonly OfferedTemplate[];
  /** Whether what users wrote keeps a directory, as in labels, from being a package. */
  readonly isLeftOut: (path: string) => boolean;
}

/** What a workspace in `directory`, or the one around it, has to begin with. Mistakes are reported. */
export async function packagePlaceOf(
  directory: string,
  request: RepositoryRequest,
  report: Report,
): Promise<PackagePlace | undefined> {
  const { host } = request;
  const isRoot = (at: string) => nodeDisk.stat(posix.join(at, workspaceFileName))?.kind === "file";
  const root = directoriesUpward(directory).find(isRoot);
  if (root === undefined) return freshPlace(directory, request.builtIn);
  const here = { ...request, host: { ...host, workingDirectory: root } };
  const repository = await openRepository(here, report);
  if (repository === undefined) return undefined;
  const { files, settings, ruleSets } = repository;
  const discovery = { root, files, globs: settings.values.packages.value };
  return {
    root,
    isWorkspace: true,
    templates: offeredBy(ruleSets),
    isLeftOut: (path) => isLeftOut(path, discovery),
  };
}

/** `directory` as a new workspace, which has the built-in rule sets. */
export async function freshPlace(
  directory: string,
  builtIn: BuiltInRuleSets,
): Promise<PackagePlace> {
  const known = await Promise.all([...builtIn.values()].map((load) => load()));
  const templates = offeredBy(known);
  return { root: directory, isWorkspace: false, templates, isLeftOut: () => false };
}

/** A package to be written. */
export interface NewPackage {
  /** As in labels. */
  readonly path: string;
  /** By path from its directory. */
  readonly files: readonly TemplateFile[];
}

/**
 * What `offered` comes to for the user who named `directory`: the package itself, unless it is the
 * root of the workspace, below which it then is. Undefined when the template gives no files: reported.
 */
export function newPackage(
  offered: OfferedTemplate,
  { directory, root, version }: { directory: string; root: string; version: string },
  report: Report,
): NewPackage | undefined {
  const path = posix.relative(root, directory) || offered.template.name;
  const schema = schemaAddress({
    root,
    depth: path.split("/").length,
    version,
    isFile: (file) => nodeDisk.stat(file)?.kind === "file",
  });
  const context = { packagePath: path, name: posix.basename(path), schema };
  const files = filesOf(offered, context, report);
  return files && { path, files };
}
