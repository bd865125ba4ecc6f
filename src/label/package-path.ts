import { posix } from "node:path";

/** What file-system paths on the command line are relative to, both absolute. */
export interface PathContext {
  readonly workspaceRoot: string;
  readonly workingDirectory: string;
}

/** A directory as labels name it, or outside of the workspace. */
export type PackagePathResult =
  | { readonly kind: "inside"; readonly packagePath: string; readonly absolute: string }
  | { readonly kind: "outside"; readonly absolute: string };

/** What the file-system path `path`, absolute or relative to the working directory, is in labels. */
export function packagePathOf(
  path: string,
  { workspaceRoot, workingDirectory }: PathContext,
): PackagePathResult {
  const absolute = posix.resolve(workingDirectory, path);
  const packagePath = posix.relative(workspaceRoot, absolute);
  if (packagePath === ".." || packagePath.startsWith("../")) return { kind: "outside", absolute };
  return { kind: "inside", packagePath, absolute };
}
