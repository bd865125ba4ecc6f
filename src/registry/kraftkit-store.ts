// Images that KraftKit has on this machine; they are read, and never changed.

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join, relative } from "node:path";

import type { StoredImage } from "./image-store.ts";
import { manifestTypes, statedType } from "./manifest.ts";

/** Where KraftKit keeps images; undefined when there is no home directory. */
export function kraftkitDirectory(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { KRAFTKIT_RUNTIME_DIR: runtime, XDG_DATA_HOME: data, HOME: home } = environment;
  if (runtime) return join(runtime, "oci");
  const share = data || (home && join(home, ".local/share"));
  return share ? join(share, "kraftkit/runtime/oci") : undefined;
}

/**
 * The images in `directory`, by name: tags are links to blobs there, by paths that may be those of
 * another place. What cannot be read is left out.
 *
 * Source: kraftkit.md §5.4.
 */
export function kraftkitImages(directory: string): readonly StoredImage[] {
  const indexes = join(directory, "indexes");
  if (!existsSync(indexes)) return [];
  const blobs = (digest: string) =>
    join(directory, "digests/sha256", digest.replace("sha256:", ""));
  const names = readdirSync(indexes, { recursive: true, withFileTypes: true });
  const found = names.flatMap((entry): StoredImage[] => {
    if (entry.isDirectory()) return [];
    const path = join(entry.parentPath, entry.name);
    const repository = relative(indexes, entry.parentPath);
    const digest = digestOf(path);
    const bytes = digest === undefined ? undefined : readIfThere(blobs(digest));
    if (digest === undefined || bytes === undefined) return [];
    const mediaType = statedType(bytes) ?? manifestTypes[0];
    const root = { mediaType, digest, size: bytes.byteLength, annotations: {} };
    const reference =
      namedAs(`${repository}/${entry.name}`, bytes) ?? `${repository}:${entry.name}`;
    return [{ reference, root, blobs, isForeign: true }];
  });
  return found.toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** The name that an index states, if its link is at `path`: KraftKit has a slash for each colon. */
function namedAs(path: string, index: Buffer): string | undefined {
  try {
    const { annotations } = JSON.parse(index.toString("utf8")) as {
      readonly annotations?: Readonly<Record<string, unknown>>;
    };
    const name = annotations?.["io.containerd.image.name"];
    return typeof name === "string" && name.replaceAll(":", "/") === path ? name : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(link: string): string | undefined {
  try {
    const name = basename(realpathSync(link));
    return /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : undefined;
  } catch {
    return undefined; // A link to what was removed, as KraftKit counts no references.
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
