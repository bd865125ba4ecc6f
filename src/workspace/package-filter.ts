import picomatch from "picomatch";

/** Which directories the globs of `packages` let be packages. */
export interface PackageFilter {
  readonly includes: (packagePath: string) => boolean;
  /** False for a directory that no package can be in or below; the walk stays out of it. */
  readonly mayHoldPackages: (path: string) => boolean;
}

/**
 * `globs` on package paths, such as `apps/*`, `libs/**` and `.` for the root. Those with a
 * leading `!` exclude; if there are no others, all else is included.
 */
export function packageFilter(globs: readonly string[]): PackageFilter {
  const isNegative = (glob: string): boolean => glob.startsWith("!");
  const positives = globs.filter((glob) => !isNegative(glob)).map(tidy);
  const negatives = globs.filter(isNegative).map((glob) => tidy(glob.slice(1)));
  const included = positives.length === 0 ? ["**"] : positives;
  const isIncluded = matcherOf(included);
  const isExcluded = matcherOf(negatives);
  const excludedTrees = matcherOf(
    negatives.flatMap((glob) => /^(.+)\/\*\*$/.exec(glob)?.[1] ?? []),
  );
  const places = included.map((glob) => ({
    base: picomatch.scan(glob).base,
    depth: glob === "" ? 0 : /\*\*|\(/.test(glob) ? Infinity : depthOf(glob),
  }));
  return {
    includes: (path) => isIncluded(path) && !isExcluded(path),
    mayHoldPackages: (path) =>
      !excludedTrees(path) &&
      places.some(
        ({ base, depth }) =>
          depthOf(path) <= depth && (isWithin(path, base) || isWithin(base, path)),
      ),
  };
}

/** `./apps/` as `apps`, as users write both; the root is the empty path. */
function tidy(glob: string): string {
  const path = glob.replace(/^\.\/(?=.)/, "").replace(/(?<=.)\/$/, "");
  return path === "." ? "" : path;
}

function matcherOf(globs: readonly string[]): (path: string) => boolean {
  // picomatch refuses the empty path, which is the root; `**` has it, and nothing else.
  const hasRoot = globs.some((glob) => glob === "" || glob === "**");
  const others = globs.filter((glob) => glob !== "");
  const matches = others.length === 0 ? () => false : picomatch(others, { dot: true });
  return (path) => (path === "" ? hasRoot : matches(path));
}

/** How many directories deep `path` is; for a glob, at least as deep as what it matches. */
function depthOf(path: string): number {
  return path.split("/").length;
}

function isWithin(path: string, directory: string): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}
