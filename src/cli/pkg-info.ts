import { nearestName } from "../diagnostic/suggest.ts";
import { openLockBook } from "../engine/lock-book.ts";
import { knownManifests } from "../engine/manifests.ts";
import { parseComponentName } from "../fetch/component-name.ts";
import type { Manifest } from "../fetch/manifest.ts";
import type { exitCodes } from "./context.ts";
import { type ComponentRow, rowOf } from "./pkg-list.ts";
import { componentsIn, type PkgPlace, type PkgWords } from "./pkg-place.ts";

/** All that is known of a component. */
interface Found {
  readonly name: string;
  readonly uses: readonly ComponentRow[];
  readonly manifests: readonly Manifest[];
}

/** `kraft-graph pkg info COMPONENT…` */
export async function describeComponents(
  { words, output }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { repository, context } = place;
  const { stdout, stderr } = context;
  if (words.length === 0) {
    stderr.write("error: pkg info: say which component\n");
    return "refused";
  }
  const components = componentsIn(place);
  if (components === undefined) return "refused";
  const book = openLockBook(repository.lockFile, () => undefined);
  const rows = components.map((one) => rowOf(one, book));
  // Whatever could not be read of them is for `pkg update` to tell.
  const { manifests } = knownManifests(repository);
  const found = words.map((word) => findIn(word, rows, manifests));
  const strange = found.filter(({ uses, manifests: told }) => uses.length + told.length === 0);
  const names = [...rows, ...manifests].map(({ name }) => name);
  for (const { name } of strange) {
    const nearest = nearestName(name, names);
    const help = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
    stderr.write(`error: no package names ${name}, and no manifest that is known${help}\n`);
  }
  const known = found.filter((one) => !strange.includes(one));
  if (output === "json") stdout.write(`${JSON.stringify(known, undefined, 2)}\n`);
  else if (output === "ndjson") for (const one of known) stdout.write(`${JSON.stringify(one)}\n`);
  else
    stdout.write(
      known.map((one) => linesOf(one).join("\n")).join("\n\n") + (known.length > 0 ? "\n" : ""),
    );
  return strange.length === 0 ? "ok" : "refused";
}

function findIn(
  word: string,
  rows: readonly ComponentRow[],
  manifests: readonly Manifest[],
): Found {
  const { name = word, type } = parseComponentName(word) ?? {};
  const isMeant = (one: { readonly name: string; readonly type: string }): boolean =>
    one.name === word || (one.name === name && (type === undefined || one.type === type));
  return { name: word, uses: rows.filter(isMeant), manifests: manifests.filter(isMeant) };
}

function linesOf({ name, uses, manifests }: Found): string[] {
  return [
    `${name}:`,
    ...uses.flatMap(({ version, format, source, digest, plat, packages = [] }) => [
      `  from     ${source ?? ""} (${format}${version === undefined ? "" : `, ${version}`})`,
      ...(format === "git" || format === "archive" ? [`  pinned   ${digest ?? "not yet"}`] : []),
      ...(plat.length > 0 ? [`  for      ${plat.join(", ")}`] : []),
      `  used by  ${packages.join(", ")}`,
    ]),
    ...manifests.flatMap(({ description, origin, channels, versions }) => [
      ...(description === undefined ? [] : [`  about    ${description.trim().split("\n", 1)[0]}`]),
      ...(origin === undefined ? [] : [`  origin   ${origin}`]),
      ...channels.map(
        (one) =>
          `  channel  ${one.name}${one.isDefault ? " (default)" : ""}${one.latest === undefined ? "" : `: ${one.latest}`}`,
      ),
      ...versions.map(
        (one) =>
          `  version  ${one.version}${one.unikraft === undefined ? "" : ` for unikraft ${one.unikraft}`}`,
      ),
    ]),
  ];
}
