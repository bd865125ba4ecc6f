import ignore from "ignore";

/**
 * Whether `patterns`, in the syntax of .gitignore, leave a path out: one below the directory that
 * they are about, each byte a character.
 */
export function leftOutBy(
  patterns: readonly string[],
): (path: string, kind: "directory" | "other") => boolean {
  const matcher = ignore({ ignorecase: false }).add([...patterns]);
  return (path, kind) => {
    // Patterns are text, and so are the names that they mean.
    const text = Buffer.from(path, "latin1").toString("utf8");
    return matcher.ignores(kind === "directory" ? `${text}/` : text);
  };
}
