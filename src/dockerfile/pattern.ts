// Patterns that Dockerfiles and their ignore files have, as regular expressions.

/** The pattern of a shell, as in `${name#pattern}`, without anchors. */
export function shellPattern(
  pattern: string,
  { isGreedy }: { readonly isGreedy: boolean },
): string {
  let result = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "*") result += isGreedy ? ".*" : ".*?";
    else if (character === "?") result += ".";
    else if (character === "\\" && i + 1 < pattern.length) result += quoted(pattern[++i]!);
    else result += quoted(character);
  }
  return result;
}

/**
 * Whether `path` matches `pattern`, in which no character stands for a slash but a slash. Undefined
 * when the pattern is none. Source: Go, path/filepath, Match.
 */
export function matchesGlob(pattern: string, path: string): boolean | undefined {
  return globExpression(pattern)?.test(path);
}

/** Whether `text` has a character that makes it a pattern. */
export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text.replaceAll(/\\./gs, ""));
}

/** `text` without the backslashes that keep its characters from being a pattern. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(/\\(.)/gs, "$1");
}

function globExpression(pattern: string): RegExp | undefined {
  let result = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "*") result += "[^/]*";
    else if (character === "?") result += "[^/]";
    else if (character === "\\") {
      const next = pattern[++i];
      if (next === undefined) return undefined;
      result += quoted(next);
    } else if (character === "[") {
      const [whole, set] = /^\[(\^?(?:\\.|[^\]\\])+)\]/su.exec(pattern.slice(i)) ?? [];
      if (whole === undefined || set === undefined) return undefined;
      result += `(?!/)${setOf(set)}`;
      i += whole.length - 1;
    } else result += quoted(character);
  }
  return expressionOf(`^${result}$`);
}

/** Characters in brackets, where only `-`, `^` at the beginning and backslashes mean something. */
export function setOf(set: string): string {
  const isNegated = set.startsWith("^");
  const inner = (isNegated ? set.slice(1) : set).replaceAll(
    /\\(.)|([^-])/gsu,
    (_, escaped?: string, plain?: string) =>
      `\\u{${(escaped ?? plain)!.codePointAt(0)!.toString(16)}}`,
  );
  return `[${isNegated ? "^" : ""}${inner}]`;
}

/** Undefined for a set whose ends are the wrong way round. */
export function expressionOf(text: string): RegExp | undefined {
  try {
    return new RegExp(text, "su");
  } catch {
    return undefined;
  }
}

/** `character` as itself in a regular expression. */
export function quoted(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
