import ignore from "ignore";

/** The file that excludes directories and build files, with the rules of a .gitignore. */
export const ignoreFileName = ".kraftignore";

/** The ignore files from the workspace root down to a directory. */
export interface IgnoreStack {
  /** True when `path`, from the workspace root, is excluded; what is above it must not be. */
  readonly excludes: (path: string, kind: "file" | "directory") => boolean;
  /** This, and an ignore file with `text` in `directory`, whose rules come last and so decide. */
  readonly with: (directory: string, text: string) => IgnoreStack;
}

/** The stack without ignore files. */
export const ignoresNothing: IgnoreStack = stackOf([]);

/**
 * All rules are in one list as if the root's file had them. To ask each file in turn would not
 * do: an outer one would exclude again, by its name, what is in a directory that an inner one
 * takes back.
 */
function stackOf(rules: readonly string[]): IgnoreStack {
  const matcher = ignore({ ignorecase: false }).add(rules);
  return {
    excludes: (path, kind) =>
      rules.length > 0 && matcher.ignores(kind === "directory" ? `${path}/` : path),
    with: (directory, text) => {
      const lines = text.split(/\r?\n/).filter((line) => /\S/.test(line) && !line.startsWith("#"));
      return stackOf([...rules, ...lines.map((line) => moved(line, directory))]);
    },
  };
}

/** The rule `line` of a file in `directory`, as the root's file would have it. */
function moved(line: string, directory: string): string {
  if (directory === "") return line;
  const [, sign = "", pattern = ""] = /^(!?)(.*)$/s.exec(line) ?? [];
  const prefix = directory.replaceAll(/[\\*?[\]!# ]/g, String.raw`\$&`);
  // A pattern with a slash before its end is about one place, and any other about all below.
  const isAnchored = /\/(?=.*\S)/.test(pattern);
  const rest = pattern.replace(/^\//, "");
  return `${sign}/${prefix}/${isAnchored ? "" : "**/"}${rest}`;
}
