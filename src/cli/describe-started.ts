import { quoteWord } from "../base/shell-word.ts";
import type { Started } from "../engine/start-workspace.ts";
import type { StartedFile } from "../engine/write-new-file.ts";

/** Where the user is, and what was asked for. */
export interface StartedPlace {
  /** Whether the user is at the root of the workspace. */
  readonly isInside: boolean;
  /** The workspace's directory, as the user would name it. */
  readonly shown: string;
  readonly wantsExample: boolean;
}

/** More would scroll the rest away. */
const maxListed = 20;

/** What was found and written, and what to do next, for people. */
export function describeStarted(
  { packages, files, added }: Extract<Started, { kind: "started" }>,
  { isInside, shown, wantsExample }: StartedPlace,
): string {
  const [first] = packages;
  const width = Math.max(...packages.slice(0, maxListed).map(({ path }) => path.length + 2));
  const listed = packages
    .slice(0, maxListed)
    .map(({ path, buildFiles }) => `  ${`//${path}`.padEnd(width)}  ${buildFiles.join(", ")}`);
  const more = packages.length - listed.length;
  const word = packages.length === 1 ? "package" : "packages";
  const path = added ?? first?.path;
  const verb = wantsExample && added !== undefined ? "run" : "build";
  const enter = isInside ? "" : `cd ${quoteWord(shown)} && `;
  const again = isInside ? "" : ` ${quoteWord(shown)}`;
  return [
    path === undefined ? "no packages yet" : `${packages.length} ${word}:`,
    ...listed,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...files.map(({ path, change }) => `${change} ${path}`),
    ...(wantsExample && added === undefined ? ["no example is needed, as there are packages"] : []),
    ...(path === undefined
      ? [`next: put a Kraftfile into a directory, or kraft-graph init --example${again}`]
      : [`next: ${enter}kraft-graph doctor`, `      ${enter}kraft-graph ${verb} //${path}`]),
    "",
  ].join("\n");
}

/** What was written of a package of a workspace that is there already. */
export function describePackage(path: string, files: readonly StartedFile[]): string {
  return [
    `the package //${path}:`,
    ...files.map((file) => `${file.change} ${file.path}`),
    `next: kraft-graph build //${path}`,
    "",
  ].join("\n");
}
