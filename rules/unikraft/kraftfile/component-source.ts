import { type Reading, hasControlCharacters } from "./reading.ts";

/** Where the files of a component are. */
export type ComponentSource =
  /** Relative to the package, or absolute. */
  | { readonly kind: "directory"; readonly path: string }
  /** `reference` is a branch, a tag or a commit; absent when the URL names none. */
  | { readonly kind: "git"; readonly url: string; readonly reference?: string | undefined }
  /** A tarball or zip file: a URL, or a path like a directory's; and its checksum, where it is known. */
  | { readonly kind: "archive"; readonly url: string; readonly sha256?: string };

/**
 * `text` as a source: a path, a URL, or what `git clone` takes besides. Undefined for all else,
 * which is a version.
 *
 * Source: kraftkit.md §1.7; other than there, a path that begins with a dot or a slash need not
 * exist, and `user@host:path` and `URL@reference` are understood as the documentation has them.
 */
export function componentSourceOf(
  text: string,
  { isV07, kindOf }: Pick<Reading, "isV07" | "kindOf">,
): ComponentSource | undefined {
  if (text === "" || hasControlCharacters(text)) return undefined;
  if (isUrl(text)) return urlSource(text);
  if (/^\w[\w.-]*@[\w.-]+:(?!\/\/)/.test(text)) return gitSource(text, text.indexOf(":"));
  const found = isV07 ? undefined : kindOf(text);
  const isPath = found === "directory" || /^(?:\.{0,2}\/|\.{1,2}$)/.test(text);
  if (isArchive(text) && (isPath || found === "file") && found !== "directory") {
    return { kind: "archive", url: text };
  }
  return isPath ? { kind: "directory", path: text } : undefined;
}

/** True for what can be named to git: no option of its command line, and one word. */
export function isReference(text: string): boolean {
  return /^\w[\w./+@-]*$/.test(text);
}

/** True for releases such as `>=0.16 <0.18`. */
export function isRange(text: string): boolean {
  return /^\s*(?:[<>=^~]|[\w.]+\s*\|\|)[\w.<>=^~|, +-]*$/.test(text);
}

/**
 * The last part of where `source` is, without what marks its format; as `lwip` of `lib-lwip.git`. Of
 * an archive that a forge makes of a repository, that of the repository.
 */
export function nameOfSource(source: ComponentSource): string {
  const place = source.kind === "directory" ? source.path : namedPlace(source.url);
  const last =
    place
      .replace(/[?#].*$/s, "")
      .replace(/\/+$/, "")
      .split(/[/:]/)
      .at(-1) ?? "";
  return last
    .replace(/\.git$/, "")
    .replace(archiveEnd, "")
    .replace(/^(?:app|lib)-/, "");
}

function namedPlace(text: string): string {
  if (!isUrl(text)) return text;
  const url = new URL(text);
  return archiveNameIn(url) ?? repositoryOfArchive(url) ?? withoutDownload(url);
}

function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/./.test(text) && URL.canParse(text);
}

function isArchive(path: string): boolean {
  return archiveEnd.test(path);
}

const archiveEnd = /\.(?:tar|tar\.\w{1,4}|tgz|tbz2?|txz|tzst|zip)$/i;

/**
 * Whether there is an archive at `url`, as its path, its query or what is behind `#` says: that is
 * sent to nobody, so it can say so of any address.
 */
function leadsToArchive(url: URL): boolean {
  const names = [archiveNameIn(url), repositoryOfArchive(url)];
  return names.some((name) => name !== undefined) || isArchive(withoutDownload(url));
}

/** The name of an archive that stands behind the path of `url`. */
function archiveNameIn({ hash, searchParams }: URL): string | undefined {
  if (isArchive(hash)) return hash.slice(1);
  const named = [...searchParams].find(([key, text]) => !references.has(key) && isArchive(text));
  return named?.[1];
}

/** Its path, without what SourceForge puts behind names of files. */
function withoutDownload({ pathname }: URL): string {
  return pathname.replace(/\/download$/, "");
}

/** Parts of a query that are for git. */
const references: ReadonlySet<string> = new Set(["branch", "tag", "version"]);

/**
 * The name of the repository of which `url` is an archive that a forge makes, at addresses that end
 * in whatever the reference ends in; undefined for others. Source: GitHub, "Downloading source code
 * archives", "REST API endpoints for repository contents"; mirrors and GitHub Enterprise have the
 * same paths.
 */
function repositoryOfArchive({ hostname, pathname }: URL): string | undefined {
  const patterns = [
    /^\/[^/]+\/([^/]+)\/(?:legacy\.)?(?:tar\.gz|zip)\/refs\/(?:tags|heads|pull)\/./,
    /^(?:\/api\/v3)?\/repos\/[^/]+\/([^/]+)\/(?:tar|zip)ball(?:\/|$)/,
    /^\/[^/]+\/([^/]+)\/archive\/(?:.*\/)?[^/]+\.(?:tar\.gz|zip)$/,
    ...(hostname.startsWith("codeload.") ? [codeloadPath] : []),
    ...(/(^|\.)github\.com$/.test(hostname) ? [/^\/[^/]+\/([^/]+)\/(?:tar|zip)ball\/./] : []),
  ];
  return patterns.map((pattern) => pattern.exec(pathname)?.[1]).find((name) => name !== undefined);
}

const codeloadPath = /^\/[^/]+\/([^/]+)\/(?:legacy\.)?(?:tar\.gz|zip)\/./;

function urlSource(text: string): ComponentSource {
  const url = new URL(text);
  if (leadsToArchive(url)) return { kind: "archive", url: text };
  const [key] = [...references].filter((name) => url.searchParams.has(name));
  if (key === undefined) return gitSource(text, text.indexOf("://") + 3);
  const reference = url.searchParams.get(key) ?? "";
  for (const name of references) url.searchParams.delete(name);
  return { kind: "git", url: url.href, reference };
}

/** A repository, with what stands behind an `@` in its path, which begins after `host`. */
function gitSource(text: string, host: number): ComponentSource {
  const path = Math.max(text.indexOf("/", host), text.indexOf(":", host));
  const at = text.lastIndexOf("@");
  if (path === -1 || at < path) return { kind: "git", url: text };
  return { kind: "git", url: text.slice(0, at), reference: text.slice(at + 1) };
}
