// What loading looked at, so that a later run can tell whether loading again could give anything
// else. Knows nothing of what the files mean.

import { coarsestTickMs } from "../base/file-clock.ts";
import { digestOf } from "../digest/digest.ts";
import type { Disk, DiskEntry, DiskStat } from "./disk.ts";

/** One path that loading looked at. */
export interface Consulted {
  /** Absolute. */
  readonly path: string;
  readonly kind: "file" | "directory" | "absent";
  /**
   * Empty when only the kind mattered. Else a stamp and a digest with a space between: of the
   * bytes of a file, of the names and kinds of a directory's entries. The stamp is `-` when the
   * path had been touched so shortly before that the clock of the file system might not show
   * another change; and the digest is `unreadable` when it could not be read.
   */
  readonly signature: string;
}

/** A {@link Disk}, and the time. */
export interface DiskAndClock {
  readonly disk: Disk;
  /** Milliseconds since 1970. */
  readonly epochMs: () => number;
  /** `content` believes no stamp, and reads every file; absent: `stamp`. */
  readonly check?: "stamp" | "content";
}

/** True when all of `consulted` is as it was, so that loading again would give the same. */
export function isUnchanged(consulted: readonly Consulted[], from: DiskAndClock): boolean {
  return renewed(consulted, from) !== undefined;
}

/**
 * `consulted` with the stamps of today, for files that were touched and have the same content;
 * undefined when anything is not as it was. When no stamp had to change, it is the same array.
 */
export function renewed(
  consulted: readonly Consulted[],
  from: DiskAndClock,
): readonly Consulted[] | undefined {
  let isSame = true;
  const current: Consulted[] = [];
  for (const entry of consulted) {
    const now = renewedEntry(entry, from);
    if (now === undefined) return undefined;
    isSame &&= now === entry;
    current.push(now);
  }
  return isSame ? consulted : current;
}

function renewedEntry(entry: Consulted, from: DiskAndClock): Consulted | undefined {
  const { path, kind, signature } = entry;
  const found = from.disk.stat(path);
  if ((found?.kind ?? "absent") !== kind) return undefined;
  if (found === undefined || signature === "") return entry;
  const [stamp, digest] = signature.split(" ");
  if (stamp === found.stamp && from.check !== "content") return entry;
  const now =
    found.kind === "file"
      ? contentDigestOf(from.disk.read(path))
      : entriesDigestOf(from.disk.list(path));
  if (now !== digest) return undefined;
  const current = signatureOf(found, now, from.epochMs());
  return current === signature ? entry : { path, kind, signature: current };
}

/** See {@link Consulted.signature}; `found` is from before the reading, `nowMs` from after it. */
export function signatureOf(found: DiskStat, digest: string, nowMs: number): string {
  const isSettled = found.touchedMs < nowMs - coarsestTickMs;
  return `${isSettled ? found.stamp : "-"} ${digest}`;
}

/** The digest part of a signature, of a file. */
export function contentDigestOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "unreadable" : digestOf(bytes);
}

/** The digest part of a signature, of a directory. */
export function entriesDigestOf(entries: readonly DiskEntry[] | undefined): string {
  if (entries === undefined) return "unreadable";
  // A name cannot hold "/", so no two directories have the same text.
  return digestOf(entries.map(({ name, kind }) => `${name}/${kind}`).join("/"));
}
