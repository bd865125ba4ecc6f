// Patterns of .dockerignore in the syntax of .gitignore, in which actions say what they do not see.

import { cleaned, ignorePatterns } from "./ignore-patterns.ts";
import { hasWildcard, matchesGlob } from "./pattern.ts";

/**
 * What `ignored`, patterns as of Docker, leave out below `directory`, as lines that begin there;
 * empty: the directory that they are about. Sometimes less than they say, and never more: git does
 * not look for exceptions in a directory that is left out, which Docker does.
 */
export function gitignorePatterns(ignored: readonly string[], directory: string): string[] {
  const lines: string[] = [];
  // Directories that an exception made visible, and nothing in them but that.
  const opened = new Set<string>();
  let isVague = false;
  for (const [i, written] of ignored.entries()) {
    const isException = written.startsWith("!");
    const pattern = cleaned(isException ? written.slice(1).trim() : written);
    const part = partBelow(pattern, directory);
    if (part.kind === "none") continue;
    if (!isException) {
      if (part.kind === "some") lines.push(anchored(part.pattern));
      if (part.kind === "all") lines.push("/*");
      continue;
    }
    const exception = part.kind === "some" ? part.pattern.replace(/\/\*\*$/, "") : "**";
    if (exception.includes("**")) {
      lines.length = 0;
      isVague = true;
      continue;
    }
    isVague ||= hasWildcard(exception);
    const before = ignorePatterns(ignored.slice(0, i));
    const isHidden = (path: string): boolean =>
      !isVague && before.matches(directory === "" ? path : `${directory}/${path}`);
    lines.push(...exceptionLines(exception, { opened, isHidden }));
  }
  return lines;
}

interface Exceptions {
  readonly opened: Set<string>;
  /** Whether all that is in the directory at a path is left out so far. */
  readonly isHidden: (path: string) => boolean;
}

function exceptionLines(exception: string, { opened, isHidden }: Exceptions): string[] {
  const names = exception.split("/");
  const above = names.slice(1).map((_, i) => names.slice(0, i + 1).join("/"));
  const lines = above.flatMap((path) => {
    const isFirst = !opened.has(path);
    opened.add(path);
    return isFirst && isHidden(path) ? [`!/${path}/`, `/${path}/*`] : [`!/${path}/`];
  });
  opened.add(exception);
  return [...lines, `!/${exception}`, `!/${exception}/**`];
}

type Part =
  /** Nothing below the directory is meant; or all of it; or what cannot be said. */
  | { readonly kind: "none" | "all" | "unknown" }
  | { readonly kind: "some"; readonly pattern: string };

function partBelow(pattern: string, directory: string): Part {
  if (pattern === "") return { kind: "none" };
  // Braces, blanks and backslashes: better to see too much than to guess.
  if (!/^[\w.*?/+@-]+$/.test(pattern)) return { kind: "unknown" };
  const parts = pattern.split("/");
  for (const name of directory === "" ? [] : directory.split("/")) {
    const [first] = parts;
    if (first === undefined) return { kind: "all" };
    if (first === "**") break;
    if (first.includes("**")) return { kind: "unknown" };
    if (matchesGlob(first, name) !== true) return { kind: "none" };
    parts.shift();
  }
  return parts.length === 0 ? { kind: "all" } : { kind: "some", pattern: parts.join("/") };
}

function anchored(pattern: string): string {
  return pattern.startsWith("**/") ? pattern : `/${pattern}`;
}
