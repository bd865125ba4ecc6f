// Archives of upstream projects, as libraries have the core fetch them. Knows no tree.

import type { Action, ExecPath, WithoutOwner } from "../../../src/index.ts";
import { pathsIn } from "./layout.ts";
import type { Step } from "./make-plan.ts";

/** One file to be fetched. */
export interface Archive {
  /** Where the core looks for it. */
  readonly path: ExecPath;
  /** Tried in order. */
  readonly urls: readonly string[];
}

/**
 * What `step` fetches; undefined when it fetches nothing, or in a way of its own.
 *
 * Source: Unikraft, support/build/Makefile.rules (`fetchas`, `fetchas2`).
 */
export function archiveOf(step: Step): Archive | undefined {
  const [path] = pathsIn(step.target);
  if (path === undefined) return undefined;
  const urls = step.commands.flatMap((line) => {
    const calls = line.matchAll(/\bwget(?:\s+-[^O\s]\S*)*\s+-O\s+(\S+)\s+(\S+)/g);
    return [...calls].map(([, file = "", url = ""]) => ({
      file,
      url: url.replaceAll(/["']/g, ""),
    }));
  });
  if (urls.length === 0 || urls.some(({ file }) => pathsIn(file)[0] !== path)) return undefined;
  return { path, urls: urls.map(({ url }) => url) };
}

/** What a file must be, as `sha256:<hex>`. */
export type Checksum = string;

/**
 * The checksums that `step` compares files with, by file.
 *
 * Source: Unikraft, support/build/Makefile.rules (`chksum_cmd`).
 */
export function checksumsOf(step: Step): ReadonlyMap<ExecPath, readonly Checksum[]> {
  const found = new Map<ExecPath, Checksum[]>();
  for (const line of step.commands) {
    const [, algorithm = "", file = "", sum = ""] = checksumLine.exec(line) ?? [];
    const [path] = pathsIn(file);
    if (path === undefined) continue;
    const checksum = `${algorithm.toLowerCase()}:${sum.toLowerCase()}`;
    found.set(path, [...(found.get(path) ?? []), checksum]);
  }
  return found;
}

/** Whether `line` only compares a file with its checksum, which fetching has done already. */
export function isChecksumLine(line: string): boolean {
  return checksumLine.test(line);
}

const checksumLine =
  /^if ! \[\[ "`\S*?(md5|sha1|sha256|sha512)sum (?:-b )?- < "([^"`]+)"`" =~ \^"?([0-9a-fA-F]+)"?\[\[:space:\]\] \]\]/i;

/**
 * Fetches every archive of `steps`, so that nothing else has to reach for it. What steps fetch in a
 * way of their own is left out.
 */
export function fetchActions(
  steps: readonly Step[],
  places: PlacedPaths,
): readonly WithoutOwner<Action>[] {
  const checksums = new Map(steps.flatMap((step) => [...checksumsOf(step)]));
  const archives = new Map(
    steps.flatMap((step) => archiveOf(step) ?? []).map((one) => [one.path, one]),
  );
  return [...archives.values()].map((archive) =>
    fetchAction(archive, checksums.get(archive.path) ?? [], places),
  );
}

/** Fetches `archive`. Where no checksum is known, the lock file says what it is. */
export function fetchAction(
  { path, urls }: Archive,
  checksums: readonly Checksum[],
  { outside }: PlacedPaths,
): WithoutOwner<Action> {
  const [first = "", ...mirrors] = urls;
  const output = outside(path);
  return {
    kind: "fetch",
    mnemonic: "Fetch",
    subject: first,
    source: { kind: "file", urls: [first, ...mirrors], checksums },
    inputs: [],
    outputs: [output],
    mounts: { [output]: "source" },
    resources: { network: 1 },
  };
}

/** How paths of actions are told from those of the graph. */
export interface PlacedPaths {
  /** The path of the graph behind a path that actions see. */
  readonly outside: (path: ExecPath) => ExecPath;
}
