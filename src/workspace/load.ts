// Build files → declarations. Knows no rules: what a declaration says is the graph's to check.

import { posix } from "node:path";

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import { isTargetName } from "../label/label.ts";
import type {
  Declaration,
  DockerfileExecutor,
  DockerfileSettings,
  LoadContext,
  RuleSet,
} from "../rule/rule.ts";
import type { Settings } from "./config.ts";
import { declarationsOf } from "./declarations.ts";
import { providedBy } from "./provided-by.ts";
import type { VendoredAt } from "./vendor-index.ts";
import { type Discovery, discoverPackages, isLeftOut, type PackageDirectory } from "./discover.ts";
import type { FileView } from "./files.ts";

/** Every package of a repository, with what its build files state. */
export interface Workspace {
  /** Absolute. */
  readonly root: string;
  /** By path; iteration is in the order of paths. */
  readonly packages: ReadonlyMap<string, Package>;
  /** What loading has read; whoever goes on with the workspace reads through it as well. */
  readonly files: FileView;
  /** True for a directory that is no package because `packages` or a .kraftignore says so. */
  readonly isLeftOut: (packagePath: string) => boolean;
}

/** A directory with build files. */
export interface Package {
  /** As in labels; empty for the root package. */
  readonly path: string;
  /** By name; no two have the same, and every name is valid. */
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** The start of its first build file, as the place of what concerns the whole package. */
  readonly at: Span;
}

/** What `loadWorkspace` loads. */
export interface LoadRequest {
  /** Absolute. */
  readonly root: string;
  readonly ruleSets: readonly RuleSet[];
  readonly settings: Settings;
  readonly files: FileView;
  /** As Unikraft names it: `x86_64` or `arm64`. */
  readonly hostArchitecture: string;
  /** Where sources are that the workspace has in itself; absent: nowhere. */
  readonly vendoredAt?: VendoredAt | undefined;
  /** A build file to be read in place of the one that its package has. */
  readonly replacement?: Replacement | undefined;
  /** Decides what carries out Dockerfiles; absent: the engine does. */
  readonly dockerfileExecutor?: (() => DockerfileExecutor) | undefined;
  /** See `LoadContext`; absent: nothing is here. */
  readonly fetched?: LoadContext["fetched"] | undefined;
  /** See `LoadContext`; absent: no manifest is known. */
  readonly publishedOf?: LoadContext["publishedOf"] | undefined;
  /** Hears what the reader of each package asks of the disk. */
  readonly asked?: ((question: LoadQuestion) => void) | undefined;
  readonly report: Report;
}

/** What the reader of a package has asked of the disk. */
export interface LoadQuestion {
  /** `build file` and `text`: what the file holds; `names`: of a directory; `presence`: whether it is. */
  readonly about: "build file" | "text" | "names" | "presence";
  readonly packagePath: string;
  /** Absolute. */
  readonly path: string;
}

/** A build file for a package, which need not have one of that rule set itself. */
export interface Replacement {
  readonly packagePath: string;
  /** Relative to the package, which it may leave; or absolute. */
  readonly file: string;
  /** The name of the rule set that reads it. */
  readonly ruleSet: string;
}

/** The packages below `root`. Mistakes are reported, and what could be read is returned. */
export function loadWorkspace(request: LoadRequest): Workspace {
  const { root, ruleSets, settings, files } = request;
  const owners = ownersOf(ruleSets);
  const discovery: Discovery = {
    root,
    files,
    buildFiles: [...owners.keys()],
    isBuildFile: (name, path) => {
      const claims = owners.get(name)?.isBuildFile;
      const text = claims && files.read(path);
      return text === undefined || isClaimed(claims, { path: shownPath(root, path), text });
    },
    globs: settings.values.packages.value,
  };
  const packages = new Map<string, Package>();
  for (const { path, buildFiles } of withReplacement(discoverPackages(discovery), request)) {
    packages.set(
      path,
      loadPackage({ path, files: chosenFiles(path, buildFiles, owners, request) }, request),
    );
  }
  return { root, packages, files, isLeftOut: (path) => isLeftOut(path, discovery) };
}

/** Of a rule set that throws, every file is one: reading it tells what is wrong. */
function isClaimed(claims: RuleSet["isBuildFile"], file: Source): boolean {
  try {
    return claims?.(file) !== false;
  } catch {
    return true;
  }
}

/** The rule set of each build file; where two claim one, that which comes first has it. */
function ownersOf(ruleSets: readonly RuleSet[]): Map<string, RuleSet> {
  const owners = new Map<string, RuleSet>();
  for (const ruleSet of ruleSets) {
    for (const name of ruleSet.buildFiles) if (!owners.has(name)) owners.set(name, ruleSet);
  }
  return owners;
}

/** `directories`, with the package of the replacement among them. */
function withReplacement(
  directories: readonly PackageDirectory[],
  { replacement }: LoadRequest,
): readonly PackageDirectory[] {
  if (replacement === undefined) return directories;
  const { packagePath } = replacement;
  if (directories.some(({ path }) => path === packagePath)) return directories;
  return [...directories, { path: packagePath, buildFiles: [] }].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** A build file of a package, and who reads it. */
interface ChosenFile {
  readonly name: string;
  readonly ruleSet: RuleSet;
}

/** Of the build files of each rule set in the package `path`, the one that counts. */
function chosenFiles(
  path: string,
  names: readonly string[],
  owners: ReadonlyMap<string, RuleSet>,
  { replacement, ruleSets, report }: LoadRequest,
): ChosenFile[] {
  const chosen = new Map<RuleSet, string>();
  const replacing = ruleSets.find(({ name }) => name === replacement?.ruleSet);
  if (replacement?.packagePath === path && replacing !== undefined) {
    chosen.set(replacing, replacement.file);
  }
  for (const name of names) {
    const ruleSet = owners.get(name);
    if (ruleSet === undefined) continue;
    const first = chosen.get(ruleSet);
    if (first === undefined) chosen.set(ruleSet, name);
    else if (first !== replacement?.file) {
      report({
        severity: "warning",
        code: "several-build-files",
        message: `${posix.join(path, name)} is not read, as ${posix.join(path, first)} is there too`,
      });
    }
  }
  return [...chosen].map(([ruleSet, name]) => ({ name, ruleSet }));
}

function loadPackage(
  { path, files }: { path: string; files: readonly ChosenFile[] },
  request: LoadRequest,
): Package {
  const { report } = request;
  const context = contextOf(path, request);
  const declarations = new Map<string, Declaration>();
  let first: Source | undefined;
  for (const { name, ruleSet } of files) {
    const absolute = posix.resolve(request.root, path, name);
    request.asked?.({ about: "build file", packagePath: path, path: absolute });
    const file = context.read(name);
    if (file === undefined) {
      const message = `${posix.join(path, name)} cannot be read`;
      report({ severity: "error", code: "unreadable-file", message });
      continue;
    }
    first ??= file;
    const { ruleSets } = request;
    for (const declaration of declarationsOf(file, { ruleSet, ruleSets, context })) {
      if (isGoodName(declaration, report) && isNew(declaration, declarations, report)) {
        declarations.set(declaration.name, declaration);
      }
    }
  }
  const source = first ?? { path: posix.join(path, files[0]?.name ?? ""), text: "" };
  return { path, declarations, at: { source, start: 0, end: 0 } };
}

function isGoodName({ name, at }: Declaration, report: Report): boolean {
  const isPattern = name === "all" || name === "all-targets";
  if (isTargetName(name) && !isPattern) return true;
  report({
    severity: "error",
    code: "bad-name",
    message: `"${name}" cannot be the name of a target`,
    at,
    help: isPattern
      ? `:${name} stands for every target of a package`
      : "a name has no colon, asterisk or backslash, and no part of it is empty, . or ..",
  });
  return false;
}

function isNew(
  { name, at }: Declaration,
  known: ReadonlyMap<string, Declaration>,
  report: Report,
): boolean {
  const earlier = known.get(name);
  if (earlier === undefined) return true;
  report({
    severity: "error",
    code: "duplicate-target",
    message: `the target "${name}" is stated twice in this package`,
    at,
    related: [{ message: "first here", at: earlier.at }],
  });
  return false;
}

function contextOf(packagePath: string, request: LoadRequest): LoadContext {
  const { root, files, settings, hostArchitecture, asked, report } = request;
  const { fetched, publishedOf, vendoredAt } = request;
  const directory = posix.join(root, packagePath);
  const absolute = (path: string): string => posix.resolve(directory, path);
  const tell = (about: LoadQuestion["about"], path: string): string => {
    asked?.({ about, packagePath, path });
    return path;
  };
  return {
    packagePath,
    workspaceName: settings.values.name.value,
    hostArchitecture,
    rootfs: {
      compress: settings.values["build.compress"].value,
      keepFileOwners: settings.values["build.keepFileOwners"].value,
    },
    compressLayers: settings.values["build.compressLayers"].value,
    report,
    kindOf: (path) => files.kindOf(tell("presence", absolute(path))),
    list: (path) => files.list(tell("names", absolute(path))),
    read: (path) => {
      const found = absolute(path);
      const text = files.read(found);
      tell(text === undefined ? "presence" : "text", found);
      return text === undefined ? undefined : { path: shownPath(root, found), text };
    },
    // When it is asked for: what the machine can do is found out by trying.
    get dockerfiles() {
      return {
        images: Object.fromEntries(
          Object.entries(settings.values["dockerfile.images"].value).map(([name, path]) => {
            return [name, posix.resolve(root, path)];
          }),
        ),
        args: settings.values["dockerfile.args"].value,
        target: settings.values["dockerfile.target"].value,
        ...executorIn(request),
      };
    },
    componentOf: (name) => settings.components.get(name)?.value,
    fetched: (source) => fetched?.(source),
    publishedOf: (wanted) => publishedOf?.(wanted),
    vendoredAt: (source) => vendoredAt?.(source),
    providedBy: providedBy(settings),
    registry: settings.values["sources.registries"].value[0] ?? "unikraft.org",
  };
}

/** Nothing where it is the engine, which is usual. */
function executorIn({ dockerfileExecutor }: LoadRequest): Pick<DockerfileSettings, "executor"> {
  const executor = dockerfileExecutor?.();
  const isUsual = executor?.kind === "embedded" && executor.obstacle === undefined;
  return executor === undefined || isUsual ? {} : { executor };
}

/** The absolute path `path` as diagnostics show it. */
function shownPath(root: string, path: string): string {
  const relative = posix.relative(root, path);
  return relative === ".." || relative.startsWith("../") ? path : relative;
}
