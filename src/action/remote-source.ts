// What is not in the workspace, and has to come from elsewhere. Knows no network.

/** Where bytes come from, as a build file names it: it may stand for something else tomorrow. */
export type RemoteSource = GitSource | ArchiveSource | FileSource | ImageSource;

/** A commit of a git repository, as a directory: its files, and those of its submodules. */
export interface GitSource {
  readonly kind: "git";
  /** May hold credentials, which go to git and to nobody else. */
  readonly url: string;
  /** A branch, a tag or a commit; absent: the default branch. */
  readonly reference?: string;
  /** The commit that is meant, in full. Absent: whatever `reference` stands for. */
  readonly commit?: string;
  /** The full name of the reference that led to `commit`, such as `refs/tags/v1`. */
  readonly ref?: string;
}

/** A tarball or zip file, unpacked: what is in its only directory, else all that is in it. */
export interface ArchiveSource {
  readonly kind: "archive";
  /** Mirrors, tried in order. */
  readonly urls: readonly [string, ...string[]];
  /** In lower-case hex. Absent: whatever the address gives. */
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

/** A file as it is. */
export interface FileSource {
  readonly kind: "file";
  /** Mirrors, tried in order. */
  readonly urls: readonly [string, ...string[]];
  /** `sha256:<hex>` and the like, all of which it must have; none: whatever the address gives. */
  readonly checksums: readonly string[];
  readonly sizeBytes?: number;
}

/** One image of a registry, as a directory: an OCI image layout with that image and no other. */
export interface ImageSource {
  readonly kind: "image";
  /** With nothing left out: `unikraft.org/base:latest`, `localhost:5000/app@sha256:…`. */
  readonly reference: string;
  readonly platform: WantedPlatform;
  /** The manifest's, `sha256:` and hex. Absent: whatever `reference` has for `platform`. */
  readonly digest?: string;
}

/** Which image of an index is meant. */
export interface WantedPlatform {
  /** `linux`; of unikernels `qemu`, `fc`, `xen`, … */
  readonly os: string;
  /** `x86_64` and `amd64` are one, and so are `arm64` and `aarch64`. */
  readonly architecture: string;
  readonly variant?: string;
  /** What its `os.features` must have, such as `CONFIG_LIBVFSCORE=y`. */
  readonly features?: readonly string[];
}

/** `qemu/x86_64`, `linux/arm/v7`; features behind it, sorted, each after a blank. */
export function formatWantedPlatform(platform: WantedPlatform): string {
  const { os, architecture, variant, features = [] } = platform;
  const name = [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
  return [name, ...[...features].sort()].join(" ");
}

/** Whether `source` says which bytes it is, wherever they come from. */
export function isPinned(source: RemoteSource): boolean {
  switch (source.kind) {
    case "git":
      return commitOf(source) !== undefined;
    case "archive":
      return source.sha256 !== undefined;
    case "file":
      return source.checksums.length > 0;
    case "image":
      return source.digest !== undefined;
  }
}

/**
 * What tells the bytes of `source` from others, by name. Where they come from does not, once it is
 * pinned: any address gives the same ones, or fails.
 */
export function identityOf(source: RemoteSource): readonly (readonly [string, string])[] {
  if (!isPinned(source)) return [["unpinned", describeSource(source)]];
  switch (source.kind) {
    case "git":
      return [["git commit", commitOf(source) ?? ""]];
    case "archive":
      // Raised when the same archive would be unpacked to something else.
      return [
        ["unpacked", "1"],
        ["sha256", source.sha256 ?? ""],
      ];
    case "file":
      return [...source.checksums].sort().map((sum) => ["checksum", sum] as const);
    case "image":
      return [["image manifest", source.digest ?? ""]];
  }
}

/** The commit that `source` is, in full; undefined when that is not said. */
export function commitOf({ commit, reference = "" }: GitSource): string | undefined {
  return commit ?? (isCommit(reference) ? reference.toLowerCase() : undefined);
}

/** Whether `text` is the full name of a commit, by SHA-1 or SHA-256. */
export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);
}

/**
 * `text` less the user and password of each address in it. The user of ssh is no secret, and part
 * of the address.
 */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/\b(?!ssh|git\+ssh|ssh\+git)([a-z][a-z0-9+.-]*:\/\/)[^/\s'"@]*@/gi, "$1")
    .replaceAll(/\b((?:git\+)?ssh(?:\+git)?:\/\/[^/\s'":@]*):[^/\s'"@]*@/gi, "$1@");
}

/** `source` for people, such as `https://example.com/core.git at v1`; without credentials. */
export function describeSource(source: RemoteSource): string {
  if (source.kind === "image") {
    return `${source.reference} for ${formatWantedPlatform(source.platform)}`;
  }
  if (source.kind !== "git") return withoutCredentials(source.urls[0]);
  const { url, reference, commit } = source;
  const name = reference ?? commit;
  return withoutCredentials(url) + (name === undefined ? "" : ` at ${name}`);
}
