import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import { type Label, labelOf } from "../label/label.ts";
import type { Declaration } from "../rule/rule.ts";
import type { Package, Workspace } from "../workspace/load.ts";

/**
 * What `//package` names, by package path: the target that a build file says it is; else the one
 * called as the package's directory; else the only one. A package may have none.
 */
export function defaultTargetsOf({ packages }: Workspace, report: Report): Map<string, Label> {
  const defaults = new Map<string, Label>();
  for (const each of packages.values()) {
    const declaration = defaultOf(each, report);
    if (declaration === undefined) continue;
    defaults.set(each.path, labelOf({ packagePath: each.path, name: declaration.name }));
  }
  return defaults;
}

function defaultOf({ path, declarations }: Package, report: Report): Declaration | undefined {
  const all = [...declarations.values()];
  const [stated, ...others] = all.filter((declaration) => declaration.isDefault === true);
  if (stated === undefined) {
    return declarations.get(posix.basename(path)) ?? (all.length === 1 ? all[0] : undefined);
  }
  for (const other of others) {
    // Two build files may each have a default; the first file's counts. One file may not.
    if (other.at.source.path !== stated.at.source.path) continue;
    report({
      severity: "error",
      code: "duplicate-target",
      message: `"${other.name}" cannot be the default target besides "${stated.name}"`,
      at: other.at,
      related: [{ message: "the default target is here", at: stated.at }],
    });
  }
  return stated;
}
