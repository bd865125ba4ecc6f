// What goes wrong with the disk below the store. Knows no blob and no action.

/**
 * Why the store could not go on:
 * - `full`: no space, no inodes or no quota is left;
 * - `unwritable`: the directory is read-only, not the user's, or cannot exist;
 * - `unreadable`: a file of the user may not be read;
 * - `unnameable`: a file's name is not UTF-8, so no REAPI message can hold it;
 * - `broken`: anything else the disk reports, such as an I/O error.
 */
export type StoreErrorKind = "full" | "unwritable" | "unreadable" | "unnameable" | "broken";

/** A disk that does not do its part. Not a bug: the engine tells the user about `path`. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreErrorKind;
  /** The file or directory it is about; absolute when the store was opened so. */
  readonly path: string;

  constructor(kind: StoreErrorKind, path: string, cause?: unknown) {
    super(`${path}: ${describe(kind)}${reasonOf(cause)}`, { cause });
    this.kind = kind;
    this.path = path;
  }
}

/** `cause`, met while writing `path`, as a StoreError; one that is a StoreError stays itself. */
export function writeError(cause: unknown, path: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const code = errorCode(cause);
  if (code !== undefined && fullCodes.has(code)) return new StoreError("full", path, cause);
  if (code !== undefined && refusedCodes.has(code)) {
    return new StoreError("unwritable", path, cause);
  }
  return new StoreError("broken", path, cause);
}

/** `cause`, met while reading `path`, as a StoreError; one that is a StoreError stays itself. */
export function readError(cause: unknown, path: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const code = errorCode(cause);
  const refused = code === "EACCES" || code === "EPERM";
  return new StoreError(refused ? "unreadable" : "broken", path, cause);
}

/** The POSIX name of a file system error, such as `ENOENT`; undefined for other errors. */
export function errorCode(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}

/**
 * Whether `cause`, met while making a hard link, says: not here, not to this file, or not any more often.
 * EPERM: another user's file, by a sysctl.
 */
export function isLinkRefusal(cause: unknown): boolean {
  return linkRefusals.has(errorCode(cause) ?? "");
}

const linkRefusals = new Set(["EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

const fullCodes = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** ENOTDIR and EEXIST: a regular file stands where the store wants a directory. */
const refusedCodes = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"]);

function describe(kind: StoreErrorKind): string {
  switch (kind) {
    case "full":
      return "no space is left";
    case "unwritable":
      return "cannot be written";
    case "unreadable":
      return "cannot be read";
    case "unnameable":
      return "the name is not UTF-8, which only names in a tar archive need not be";
    case "broken":
      return "the file system reports an error";
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? ` (${errorCode(cause) ?? cause.message})` : "";
}
