import { assertNever } from "../base/brand.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import { type Label, labelOf, partsOf } from "../label/label.ts";
import { formatPattern, type TargetPattern } from "../label/pattern.ts";
import type { Workspace } from "../workspace/load.ts";
import type { Resolver } from "./resolver.ts";
import type { Target } from "./target.ts";

/** What patterns select from. */
export interface Selection {
  readonly targets: ReadonlyMap<Label, Target>;
  readonly resolver: Resolver;
  readonly packages: Workspace["packages"];
  readonly report: Report;
  /** Whether wildcards take in the targets that they otherwise pass over; absent: no. */
  readonly takesHidden?: boolean;
  /** Whether the order of what is selected does not matter; absent: it is sorted. */
  readonly isUnordered?: boolean;
}

/** See `Graph.select`. */
export function selectTargets(
  patterns: readonly TargetPattern[],
  selection: Selection,
): readonly Label[] {
  const selected = new Set<Label>();
  let isComplete = true;
  for (const pattern of patterns) {
    const matching = matchesOf(pattern, selection);
    isComplete &&= matching !== undefined;
    for (const label of matching ?? []) {
      if (pattern.isSubtracted) selected.delete(label);
      else selected.add(label);
    }
  }
  if (isComplete && selected.size === 0) {
    const shown = patterns.map(formatPattern).join(" ");
    const message = patterns.length === 0 ? "no target is named" : `no target matches ${shown}`;
    selection.report({ severity: "error", code: "nothing-selected", message });
  }
  return selection.isUnordered === true ? [...selected] : [...selected].sort();
}

/** Undefined when `pattern` names something that there is not, which is reported. */
function matchesOf(pattern: TargetPattern, selection: Selection): Label[] | undefined {
  switch (pattern.kind) {
    case "one":
      return oneOf(pattern.label, selection);
    case "package": {
      const { packagePath, targets } = pattern;
      const label = labelOf({ packagePath, name: "" });
      if (targets === "default" || !selection.packages.has(packagePath)) {
        return oneOf(label, selection);
      }
      return targetsIn([packagePath], targets === "all-targets", selection);
    }
    case "below": {
      const packages = packagesBelow(pattern.packagePath, selection);
      return packages && targetsIn(packages, pattern.targets === "all-targets", selection);
    }
    case "named-below": {
      const packages = packagesBelow(pattern.packagePath, selection);
      return packages && namedIn(packages, pattern, selection);
    }
    default:
      return assertNever(pattern);
  }
}

function oneOf(label: Label, { resolver, targets, report }: Selection): Label[] | undefined {
  // Asked first: to resolve a component's label would add it to the graph.
  const isStranger = partsOf(label).repository !== "" && !targets.has(label);
  const resolution = isStranger ? strangerAt(label) : resolver.resolve(label);
  if (resolution.kind === "target") return [resolution.label];
  if (resolution.kind === "unknown") {
    const { help } = resolution.problem;
    report({
      ...resolution.problem,
      ...(help === undefined ? didYouMean(label, targets.keys()) : {}),
    });
  }
  return undefined;
}

function strangerAt(label: Label): ReturnType<Resolver["resolve"]> {
  const message = `no target needs the component ${label}`;
  return { kind: "unknown", problem: { severity: "error", code: "unknown-target", message } };
}

function packagesBelow(path: string, { packages, report }: Selection): string[] | undefined {
  const isBelow = (other: string): boolean =>
    path === "" || other === path || other.startsWith(`${path}/`);
  const below = [...packages.keys()].filter(isBelow);
  if (below.length > 0) return below;
  const directories = new Set([...packages.keys()].flatMap(directoriesOf));
  report({
    severity: "error",
    code: "unknown-package",
    message: `there is no package at or below //${path}`,
    ...didYouMean(`//${path}`, directories),
  });
  return undefined;
}

/** Labels of the directory `path` and of all above it. */
function directoriesOf(path: string): string[] {
  const segments = path.split("/");
  return segments.map((_, index) => `//${segments.slice(0, index + 1).join("/")}`);
}

function targetsIn(
  packagePaths: readonly string[],
  withFiles: boolean,
  { targets, packages, takesHidden = false }: Selection,
): Label[] {
  const isTaken = (target: Target | undefined): target is Target =>
    target?.kind === "rule" && (target.inWildcards || takesHidden || withFiles);
  // Without looking any up: of very many targets, that takes most of the time.
  const isAll = packagePaths.length === packages.size;
  const declared = isAll ? [...targets.values()] : declaredIn(packagePaths, { targets, packages });
  const rules = declared.filter(isTaken).map(({ label }) => label);
  if (!withFiles) return rules;
  const wanted = new Set(packagePaths);
  const files = [...targets.values()].filter(
    ({ kind, label }) => kind === "source file" && wanted.has(partsOf(label).packagePath),
  );
  return [...rules, ...files.map(({ label }) => label)];
}

/** What is called so: wildcards pass over some targets, but a name takes in any. */
function namedIn(
  packagePaths: readonly string[],
  { packagePath: path, name }: { readonly packagePath: string; readonly name: string },
  { targets, packages, report }: Selection,
): Label[] | undefined {
  const labels = packagePaths.map((packagePath) => labelOf({ packagePath, name }));
  const found = labels.flatMap((label) => targets.get(label)?.label ?? []);
  if (found.length > 0) return found;
  const names = new Set(
    packagePaths.flatMap((packagePath) => [
      ...(packages.get(packagePath)?.declarations.keys() ?? []),
    ]),
  );
  // One that is declared and no target was reported to be wrong.
  if (names.has(name)) return undefined;
  const where = path === "" ? "no package" : `no package at or below //${path}`;
  report({
    severity: "error",
    code: "unknown-target",
    message: `${where} has a target "${name}"`,
    ...didYouMean(name, names),
  });
  return undefined;
}

function declaredIn(
  packagePaths: readonly string[],
  { targets, packages }: Pick<Selection, "targets" | "packages">,
): (Target | undefined)[] {
  return packagePaths.flatMap((packagePath) => {
    const names = [...(packages.get(packagePath)?.declarations.keys() ?? [])];
    return names.map((name) => targets.get(labelOf({ packagePath, name })));
  });
}
