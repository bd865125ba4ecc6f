// Secrets of Dockerfiles as files, whether the user has them in files or in variables.

import { statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Host } from "../base/host.ts";
import { writeError } from "../store/store-error.ts";
import { makeBuildDirectory, removeDeadBuilds } from "./build-directory.ts";
import { removeTree } from "./remove-tree.ts";

/** Secrets for as long as a build takes. */
export interface SecretFiles {
  /** Absolute paths, by the ids of secrets. One in a variable that is not set has none. */
  readonly paths: ReadonlyMap<string, string>;
  /** Removes the copies of what was in variables. */
  readonly close: () => void;
}

const prefix = "kraft-graph-secrets-";

/**
 * The secrets of `sources`, by id: paths from `directory`, or `env:NAME`. What is in a variable is
 * written for this user alone to where nothing outlives the machine, if there is such a place.
 * Throws a StoreError.
 */
export function openSecretFiles(
  sources: Readonly<Record<string, string>>,
  directory: string,
  host: Pick<Host, "env" | "processId" | "epochMs" | "kill">,
): SecretFiles {
  const paths = new Map<string, string>();
  let own: string | undefined;
  for (const [i, [id, source]] of Object.entries(sources).entries()) {
    if (!source.startsWith("env:")) {
      paths.set(id, resolve(directory, source));
      continue;
    }
    const value = host.env[source.slice("env:".length)];
    if (value === undefined) continue;
    own ??= makePlace(host);
    // An id may be any text.
    const path = join(own, String(i));
    try {
      writeFileSync(path, value, { mode: 0o600 });
    } catch (cause) {
      throw writeError(cause, path);
    }
    paths.set(id, path);
  }
  return { paths, close: () => (own === undefined ? undefined : removeTree(own)) };
}

function makePlace(host: Pick<Host, "env" | "processId" | "epochMs" | "kill">): string {
  const places = [host.env["XDG_RUNTIME_DIR"], "/dev/shm", host.env["TMPDIR"]];
  const isThere = (place: string | undefined): place is string =>
    place?.startsWith("/") === true &&
    statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const place = places.find(isThere) ?? "/tmp";
  removeDeadBuilds(place, host, prefix);
  return makeBuildDirectory(place, host, prefix);
}
