// The components that the packages of a workspace name. Knows no rule set, and builds nothing.

import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import type { NamedComponent } from "../rule/named-component.ts";
import type { RuleSet } from "../rule/rule.ts";
import { loadRepository, type Repository, type RepositoryRequest } from "./repository.ts";

/** A component, and who names it. */
export interface UsedComponent extends NamedComponent {
  /** Paths of packages, sorted. */
  readonly packages: readonly string[];
}

/** All components of `repository`, by type and name. Mistakes are reported. */
export function usedComponents(
  repository: Repository,
  request: Pick<RepositoryRequest, "host" | "replacement">,
  report: Report,
): readonly UsedComponent[] {
  const found = new Map<string, UsedComponent>();
  const take = (packagePath: string, one: NamedComponent): void => {
    const component = { ...one, origin: absoluteOrigin(one, repository.root, packagePath) };
    const { type, name, version = "", origin } = component;
    const key = JSON.stringify([typeOrder.indexOf(type), name, version, origin]);
    const known = found.get(key);
    const platforms = new Set([...(known?.platforms ?? []), ...one.platforms]);
    const packages = new Set([...(known?.packages ?? []), packagePath]);
    const both = { platforms: [...platforms].sort(), packages: [...packages].sort() };
    found.set(key, { ...component, ...both });
  };
  const ruleSets = repository.ruleSets.map((ruleSet) => asking(ruleSet, take));
  loadRepository({ ...repository, ruleSets }, request, report);
  const entries = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([, component]) => component);
}

const typeOrder = ["core", "lib", "app"];

/** `ruleSet`, which says what components its files name, and nothing of targets. */
function asking(
  ruleSet: RuleSet,
  take: (packagePath: string, one: NamedComponent) => void,
): RuleSet {
  return {
    ...ruleSet,
    load: (file, context) => {
      for (const one of ruleSet.components?.(file, context) ?? []) take(context.packagePath, one);
      return [];
    },
  };
}

/** So that packages that name one directory from different places name one component. */
function absoluteOrigin(
  { origin }: NamedComponent,
  root: string,
  packagePath: string,
): NamedComponent["origin"] {
  if (origin.kind !== "directory" && origin.kind !== "archive") return origin;
  return { ...origin, path: posix.resolve(root, packagePath, origin.path) };
}
