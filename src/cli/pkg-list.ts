import { commitOf, describeSource, isPinned, type RemoteSource } from "../action/remote-source.ts";
import { type LockBook, openLockBook } from "../engine/lock-book.ts";
import { knownManifests } from "../engine/manifests.ts";
import type { UsedComponent } from "../engine/named-components.ts";
import type { Manifest } from "../fetch/manifest.ts";
import type { exitCodes } from "./context.ts";
import { componentsIn, type PkgPlace, type PkgWords, tableOf, tellProblems } from "./pkg-place.ts";

/** A line of `pkg ls`, in the columns that KraftKit has; absent: not known. */
export interface ComponentRow {
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly format: "directory" | "archive" | "git" | "oci";
  /** In full: the commit, or the SHA-256 of the archive. */
  readonly digest?: string;
  readonly plat: readonly string[];
  /** Where it comes from, without credentials. */
  readonly source?: string;
  /** Labels of the packages that name it; absent: it is only offered. */
  readonly packages?: readonly string[];
}

/** `kraft-graph pkg ls` */
export async function listComponents(
  { words, all, output }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { repository, context } = place;
  const rows = all ? undefined : usedRows(place);
  if (!all && rows === undefined) return "refused";
  const known = all ? knownManifests(repository) : undefined;
  const found = rows ?? (known?.manifests ?? []).flatMap(offersOf);
  const wanted = found.filter(({ name }) => words.length === 0 || words.includes(name));
  context.stdout.write(rowsText(wanted, output));
  if (known === undefined) return "ok";
  tellProblems(known, context);
  return known.problems.length === 0 ? "ok" : "failed";
}

function usedRows(place: PkgPlace): readonly ComponentRow[] | undefined {
  const book = openLockBook(place.repository.lockFile, () => undefined);
  return componentsIn(place)?.map((one) => rowOf(one, book));
}

/** `component`, with what `book` pins it to. */
export function rowOf(component: UsedComponent, book: Pick<LockBook, "pinned">): ComponentRow {
  const { type, name, version, origin, platforms } = component;
  const packages = component.packages.map((path) => `//${path}`);
  const about = {
    type,
    name,
    ...(version !== undefined && { version }),
    plat: platforms,
    packages,
  };
  switch (origin.kind) {
    case "directory":
    case "archive":
      return { ...about, format: origin.kind, source: origin.path };
    case "image": {
      const [, digest] = origin.reference.split("@");
      const source = origin.reference;
      return { ...about, format: "oci", source, ...(digest !== undefined && { digest }) };
    }
    case "remote": {
      const pinned = book.pinned(origin.source);
      const digest = isPinned(pinned) ? digestOf(pinned) : undefined;
      const format = pinned.kind === "image" ? "oci" : pinned.kind === "git" ? "git" : "archive";
      const source = describeSource(origin.source);
      return { ...about, format, source, ...(digest !== undefined && { digest }) };
    }
  }
}

function digestOf(source: RemoteSource): string | undefined {
  switch (source.kind) {
    case "git":
      return commitOf(source);
    case "archive":
      return source.sha256;
    case "image":
      return source.digest;
    case "file":
      return undefined;
  }
}

/** Each channel and each version of `manifest`. */
export function offersOf({ type, name, channels, versions, origin }: Manifest): ComponentRow[] {
  const all = [
    ...channels.map((one) => ({ version: one.name, resource: one.resource })),
    ...versions.map((one) => ({ version: one.version, resource: one.resource })),
  ];
  return all.map(({ version, resource }) => {
    const source = resource?.url ?? origin;
    const digest = resource?.sha256;
    return {
      type,
      name,
      version,
      format: resource === undefined ? "git" : "archive",
      plat: [],
      ...(digest !== undefined && { digest }),
      ...(source !== undefined && { source }),
    };
  });
}

/** `rows` as `output` says. */
export function rowsText(rows: readonly ComponentRow[], output: PkgWords["output"]): string {
  switch (output) {
    case "json":
      return `${JSON.stringify(rows, undefined, 2)}\n`;
    case "ndjson":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    case "table": {
      const head = ["TYPE", "NAME", "VERSION", "FORMAT", "DIGEST", "PLAT"];
      const lines = rows.map(({ type, name, version = "", format, digest = "", plat }) => {
        const short = digest.replace(/^sha\d+:/, "").slice(0, 12);
        return [type, name, version, format, short, plat.join(",")];
      });
      return tableOf([head, ...lines]);
    }
  }
}
