// Names of targets. Knows no graph: a label may name nothing.

import type { Brand } from "../base/brand.ts";

/**
 * Names a target, in canonical form: `//path/to/package:target`, `//path/to/package` for the
 * package's default target, `@repository//path:target` in a component.
 * A plain string, so labels compare with `===` and can key a Map.
 */
export type Label = Brand<string, "Label">;

/** What a label is made of. */
export interface LabelParts {
  /** A component's name; empty for the workspace itself. */
  readonly repository: string;
  /** "/" separated, from the workspace root; empty for the root package. */
  readonly packagePath: string;
  /** Empty for the package's default target. */
  readonly name: string;
}

/** The label made of `parts`, which must be valid: see {@link isPackagePath}, {@link isTargetName}. */
export function labelOf({
  repository = "",
  packagePath,
  name,
}: Partial<LabelParts> & Omit<LabelParts, "repository">): Label {
  const target = name === "" ? "" : `:${name}`;
  return `${repository === "" ? "" : `@${repository}`}//${packagePath}${target}` as Label;
}

/** The parts of `label`. */
export function partsOf(label: Label): LabelParts {
  const [, repository = "", packagePath = "", name = ""] =
    /^(?:@([^/]*))?\/\/([^:]*)(?::(.*))?$/s.exec(label) ?? [];
  return { repository, packagePath, name };
}

/**
 * `text` as a label: canonical, or relative to the package `from`: `:target`, `target`,
 * `sub/package:target`. Undefined when it has no such form.
 */
export function parseLabel(text: string, from = ""): Label | undefined {
  const match = /^(?:@([A-Za-z0-9._+-]+))?(\/\/)?([^:]*)(?::(.*))?$/s.exec(text);
  if (match === null) return undefined;
  const [, repository = "", root, path = "", name] = match;
  if (repository !== "" && root === undefined) return undefined;
  if (root !== undefined) return checkedLabel(repository, path, name ?? "");
  if (name === undefined) return path === "" ? undefined : checkedLabel("", from, path);
  return checkedLabel("", path === "" || from === "" ? path || from : `${from}/${path}`, name);
}

/** True for `a/b-c`, and for the empty path of the root package. */
export function isPackagePath(path: string): boolean {
  return path === "" || path.split("/").every((segment) => isSegment(segment));
}

/** True for what may follow the colon: a file name or relative path, without `:` and `*`. */
export function isTargetName(name: string): boolean {
  return name !== "" && name.split("/").every((segment) => isSegment(segment));
}

function checkedLabel(repository: string, packagePath: string, name: string): Label | undefined {
  if (!isPackagePath(packagePath) || (name !== "" && !isTargetName(name))) return undefined;
  return labelOf({ repository, packagePath, name });
}

function isSegment(segment: string): boolean {
  // Three dots are the pattern `...`; the others would make two labels of one target.
  if (segment === "." || segment === ".." || segment === "...") return false;
  // oxlint-disable-next-line no-control-regex -- control characters are what it refuses
  return /^[^:*\\\u0000-\u001f]+$/.test(segment);
}
