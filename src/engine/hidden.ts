import ignore from "ignore";

/** What an action does not get to see of a directory, and what of that was met. */
export interface Hidden {
  /** For the walk over the directory. */
  readonly ignore: (path: string, isDirectory: boolean) => boolean;
  /** The paths that were left out so far, below the directory. */
  readonly paths: readonly string[];
}

/** Never part of an input: history, and what builds leave behind. */
const always: ReadonlySet<string> = new Set([".git", ".kraft", ".unikraft"]);

/** `patterns` are in the syntax of .gitignore, relative to the directory. */
export function hiddenBy(patterns: readonly string[]): Hidden {
  const matcher = ignore({ ignorecase: false }).add([...patterns]);
  const paths: string[] = [];
  return {
    paths,
    ignore: (path, isDirectory) => {
      const isHidden =
        always.has(path.slice(path.lastIndexOf("/") + 1)) ||
        // Only where there is need, as asking it takes as long as all else about a path.
        (patterns.length > 0 && matcher.ignores(isDirectory ? `${path}/` : path));
      if (isHidden) paths.push(path);
      return isHidden;
    },
  };
}
