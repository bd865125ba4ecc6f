import { posix } from "node:path";

import { commitOf, describeSource, isPinned, type RemoteSource } from "../action/remote-source.ts";
import type { Host } from "../base/host.ts";
import { openLockBook } from "../engine/lock-book.ts";
import type { Repository } from "../engine/repository.ts";
import { wantedSources } from "../engine/wanted-sources.ts";

/** A line for each source of the workspace: what it is locked as, or what counts in its place. */
export function describeSources(repository: Repository, host: Host): string[] {
  const { root, settings, lockFile, files } = repository;
  const report = (): void => undefined; // Mistakes are told by whoever builds.
  const request = { host, builtIn: new Map<string, never>() };
  const wanted = wantedSources(repository, ["//..."], { request, host, report });
  const { pinned } = openLockBook(lockFile, report);
  const rows = new Map<string, string>();
  for (const { source } of wanted.fetches)
    rows.set(describeSource(source), pinText(pinned(source)));
  for (const [name, { value, origin }] of settings.components) {
    rows.set(name, `${value}, whatever is locked (${origin})`);
  }
  for (const path of wanted.packages) {
    for (const place of editedIn(posix.join(root, path, ".unikraft"), files)) {
      rows.set(posix.relative(root, place), "as it is there, whatever is locked");
    }
  }
  const width = Math.min(60, Math.max(0, ...[...rows.keys()].map((name) => name.length)));
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, what]) => `${name.padEnd(width)}  ${what}`);
}

function pinText(source: RemoteSource): string {
  if (!isPinned(source)) return "not locked";
  if (source.kind === "git") return `commit ${commitOf(source)}`;
  if (source.kind === "image") return source.digest ?? "";
  return source.kind === "file" ? source.checksums.join(", ") : `sha256:${source.sha256}`;
}

/** The components that stand in the `.unikraft` of a package, as KraftKit puts them there. */
function editedIn(directory: string, files: Repository["files"]): string[] {
  const parts = ["libs", "apps"].flatMap((kind) =>
    files.list(posix.join(directory, kind)).map((name) => `${kind}/${name}`),
  );
  return ["unikraft", ...parts]
    .map((name) => posix.join(directory, name))
    .filter((place) => files.list(place).length > 0);
}
