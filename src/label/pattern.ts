// Which targets a user means. Knows no graph: a pattern may match nothing.

import { assertNever } from "../base/brand.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { isPackagePath, isTargetName, type Label, labelOf, parseLabel, partsOf } from "./label.ts";
import { type PathContext, packagePathOf } from "./package-path.ts";

/** What `:all` and `...` take in: targets of rules, less those that wildcards pass over; or all. */
export type Wildcard = "all" | "all-targets";

/**
 * A set of targets, by name. Text forms, each with a leading `-` when it is subtracted:
 * `//a/b:c` and `@component//:c` (one), `//a/b` (a package's default target), `//a/b:all`,
 * `//a/b:*`, `//a/...`, `//a/...:*` and `//a/...:c` (every package at and below a path).
 */
export type TargetPattern = (
  | { readonly kind: "one"; readonly label: Label }
  | {
      readonly kind: "package";
      readonly packagePath: string;
      readonly targets: Wildcard | "default";
    }
  | { readonly kind: "below"; readonly packagePath: string; readonly targets: Wildcard }
  | { readonly kind: "named-below"; readonly packagePath: string; readonly name: string }
) & { readonly isSubtracted: boolean };

/** A text that is no pattern. */
export interface PatternProblem {
  readonly kind: "bad";
  readonly diagnostic: Diagnostic;
}

/** Where a pattern is written, which is what it is relative to. */
export interface PatternContext extends PathContext {
  /** The package that `:target` and `...` are relative to. */
  readonly currentPackage: string;
  /**
   * What stands at an absolute path: a name without `//` or `:` that is a directory's is taken
   * for that directory, and otherwise for a target of the current package.
   */
  readonly kindOf: (path: string) => "file" | "directory" | undefined;
}

/**
 * `text` as a pattern: a label pattern, absolute or relative to the current package, or the path
 * of a package's directory (`.`, `../nginx`, `./apps/nginx:all`, `/absolute/path`, `apps/nginx/`).
 */
export function parsePattern(
  text: string,
  context: PatternContext,
): TargetPattern | PatternProblem {
  const isSubtracted = text.startsWith("-");
  const positive = isSubtracted ? text.slice(1) : text;
  if (positive === "" || positive.startsWith("-")) return bad(text, "it names no target");
  if (positive.startsWith("@")) {
    const label = parseLabel(positive);
    if (label?.startsWith("@") === true) return { kind: "one", label, isSubtracted };
    return bad(text, "a component's target must be named in full", "such as @unikraft//:source");
  }
  const resolved = resolve(positive, context);
  if (resolved.kind === "bad") return bad(text, resolved.reason, resolved.help);
  const { packagePath, name, isRecursive } = resolved;
  if (!isPackagePath(packagePath)) {
    return bad(text, "its package path is not valid", helpFor(positive));
  }
  const wildcard = wildcardOf(name);
  if (name === undefined || wildcard !== undefined) {
    return isRecursive
      ? { kind: "below", packagePath, targets: wildcard ?? "all", isSubtracted }
      : { kind: "package", packagePath, targets: wildcard ?? "default", isSubtracted };
  }
  if (!isTargetName(name)) return bad(text, `"${name}" cannot be the name of a target`);
  if (isRecursive) return { kind: "named-below", packagePath, name, isSubtracted };
  return { kind: "one", label: labelOf({ packagePath, name }), isSubtracted };
}

/** `pattern` in its text form, which is the same wherever it is read. */
export function formatPattern(pattern: TargetPattern): string {
  const sign = pattern.isSubtracted ? "-" : "";
  switch (pattern.kind) {
    case "one":
      return `${sign}${pattern.label}`;
    case "package":
      return `${sign}//${pattern.packagePath}${suffixOf(pattern.targets)}`;
    case "below":
      return `${sign}${below(pattern)}${pattern.targets === "all" ? "" : suffixOf(pattern.targets)}`;
    case "named-below":
      return `${sign}${below(pattern)}:${pattern.name}`;
    default:
      return assertNever(pattern);
  }
}

function below({ packagePath }: { readonly packagePath: string }): string {
  return packagePath === "" ? "//..." : `//${packagePath}/...`;
}

/** The pattern that matches `label` alone: for the default label, its package's default target. */
export function patternOf(label: Label): TargetPattern {
  const { repository, packagePath, name } = partsOf(label);
  return repository === "" && name === ""
    ? { kind: "package", packagePath, targets: "default", isSubtracted: false }
    : { kind: "one", label, isSubtracted: false };
}

type Resolved =
  | {
      readonly kind: "resolved";
      readonly packagePath: string;
      readonly name: string | undefined;
      readonly isRecursive: boolean;
    }
  | { readonly kind: "bad"; readonly reason: string; readonly help?: string };

function resolve(text: string, context: PatternContext): Resolved {
  const { path, name } = splitOf(text);
  const isRecursive = path === "..." || path.endsWith("/...");
  const base = isRecursive ? path.slice(0, -3) : path;
  if (base.startsWith("//")) {
    const packagePath = isRecursive ? base.slice(2).replace(/\/$/, "") : base.slice(2);
    return { kind: "resolved", packagePath, name, isRecursive };
  }
  if (/^(\.{1,2}(\/|$)|\/)/.test(base)) {
    const found = packageAt(base, context);
    return found.kind === "bad" ? found : { ...found, name, isRecursive };
  }
  const { currentPackage } = context;
  if (base === "") return { kind: "resolved", packagePath: currentPackage, name, isRecursive };
  if (!isRecursive && name === undefined) return resolveWord(base, context);
  const segments = [currentPackage, base.replace(/\/+$/, "")];
  const packagePath = segments.filter((segment) => segment !== "").join("/");
  return { kind: "resolved", packagePath, name, isRecursive };
}

/** The package at the file-system path `path`. */
function packageAt(
  path: string,
  context: PatternContext,
): { kind: "resolved"; packagePath: string } | Extract<Resolved, { kind: "bad" }> {
  const found = packagePathOf(path, context);
  if (found.kind === "outside") {
    return { kind: "bad", reason: `it is outside of the workspace ${context.workspaceRoot}` };
  }
  if (context.kindOf(found.absolute) !== "file") {
    return { kind: "resolved", packagePath: found.packagePath };
  }
  const help = "name the package's directory, or the file as //package:file";
  return { kind: "bad", reason: "it is a file", help };
}

/** `word` as the directory of that name, else as a target of the current package. */
function resolveWord(word: string, context: PatternContext): Resolved {
  const found = packagePathOf(word, context);
  if (found.kind === "inside" && context.kindOf(found.absolute) === "directory") {
    return {
      kind: "resolved",
      packagePath: found.packagePath,
      name: undefined,
      isRecursive: false,
    };
  }
  const { currentPackage } = context;
  return { kind: "resolved", packagePath: currentPackage, name: word, isRecursive: false };
}

/** `text` at its first colon. */
function splitOf(text: string): { path: string; name: string | undefined } {
  const colon = text.indexOf(":");
  if (colon === -1) return { path: text, name: undefined };
  return { path: text.slice(0, colon), name: text.slice(colon + 1) };
}

function wildcardOf(name: string | undefined): Wildcard | undefined {
  if (name === "all") return "all";
  return name === "*" || name === "all-targets" ? "all-targets" : undefined;
}

function suffixOf(targets: Wildcard | "default"): string {
  return targets === "default" ? "" : targets === "all" ? ":all" : ":*";
}

/** The nearest valid form of a label with stray slashes. */
function helpFor(text: string): string | undefined {
  const { path, name } = splitOf(text);
  const packagePath = path
    .split("/")
    .filter((segment) => segment !== "")
    .join("/");
  const tidy = `//${packagePath}${name === undefined ? "" : `:${name}`}`;
  if (tidy === text || parseLabel(tidy) === undefined) return undefined;
  return `did you mean "${tidy}"?`;
}

const formsHelp =
  "a pattern is //package:target, //package, //package:all, //path/..., //path/...:target or a directory";

function bad(text: string, reason: string, help = formsHelp): PatternProblem {
  const message = `"${text}" is not a target pattern: ${reason}`;
  return { kind: "bad", diagnostic: { severity: "error", code: "bad-label", message, help } };
}
