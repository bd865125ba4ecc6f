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

/** The last part of where `source` is, without what marks its format; as `lwip` of `lib-lwip.git`. */
export function nameOfSource(source: ComponentSource): string {
  const place = source.kind === "directory" ? source.path : source.url;
  const last =
    place
      .replace(/[?#].*$/s, "")
      .replace(/\/+$/, "")
      .split(/[/:]/)
      .at(-1) ?? "";
  return last.replace(/\.git$|\.tar(?:\.\w+)?$|\.tgz$|\.zip$/, "").replace(/^(?:app|lib)-/, "");
}

function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/./.test(text) && URL.canParse(text);
}

function isArchive(path: string): boolean {
  return /\.(?:tar|tar\.\w{1,4}|tgz|tbz2|txz|zip)$/i.test(path);
}

function urlSource(text: string): ComponentSource {
  const url = new URL(text);
  if (isArchive(url.pathname)) return { kind: "archive", url: text };
  const [key] = ["branch", "tag", "version"].filter((name) => url.searchParams.has(name));
  if (key === undefined) return gitSource(text, text.indexOf("://") + 3);
  const reference = url.searchParams.get(key) ?? "";
  for (const name of ["branch", "tag", "version"]) url.searchParams.delete(name);
  return { kind: "git", url: url.href, reference };
}

/** A repository, with what stands behind an `@` in its path, which begins after `host`. */
function gitSource(text: string, host: number): ComponentSource {
  const path = Math.max(text.indexOf("/", host), text.indexOf(":", host));
  const at = text.lastIndexOf("@");
  if (path === -1 || at < path) return { kind: "git", url: text };
  return { kind: "git", url: text.slice(0, at), reference: text.slice(at + 1) };
}
