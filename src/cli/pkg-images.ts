// Verbs of `pkg` about images of this machine.

import { FetchError } from "../fetch/fetch-error.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { readImageConfig } from "../registry/image-config.ts";
import { partsOf } from "../registry/layout.ts";
import { listRepositories, listTags } from "../registry/listing.ts";
import type { exitCodes } from "./context.ts";
import { imagesIn } from "./boot-files.ts";
import {
  findImage,
  fullNameOf,
  type ImagePlace,
  imagesOfKraftkit,
  offlineError,
} from "./image-place.ts";
import type { ImageWords } from "./image-words.ts";
import { type ComponentRow, rowsText } from "./pkg-list.ts";

type ExitName = keyof typeof exitCodes;

/** `kraft-graph pkg ls --apps`: images of this machine, with `--update` those of the registries. */
export async function listImages(
  { words, update, output }: ImageWords,
  place: ImagePlace,
  registryNames: readonly string[],
): Promise<ExitName> {
  const { store, context } = place;
  const own = [...store.list(), ...imagesOfKraftkit(context)].map(rowOf);
  const isRefused = update && place.isOffline;
  const offered = update && !isRefused ? await offeredRows(registryNames, place) : [];
  const rows = [...own, ...offered].filter(
    ({ name }) => words.length === 0 || words.includes(name),
  );
  context.stdout.write(rowsText(rows, output));
  if (isRefused) throw offlineError("only images of this machine are listed");
  return "ok";
}

function rowOf(image: StoredImage): ComponentRow {
  const { reference, root } = image;
  const [, name = reference, version] = /^(.*?)(?::([^:/@]*))?(?:@.*)?$/s.exec(reference) ?? [];
  return {
    type: "app",
    name,
    ...(version !== undefined && { version }),
    format: "oci",
    digest: root.digest,
    plat: platformsOf(image),
    source: reference,
  };
}

function platformsOf(image: StoredImage): readonly string[] {
  const names = imagesIn(image).flatMap(({ content }) => {
    if (content.kind === "index") return [];
    const { os, architecture } = readImageConfig(image.blobs(content.config.digest)).platform;
    return [`${os}/${architecture}`];
  });
  return [...new Set(names)].sort();
}

async function offeredRows(
  registryNames: readonly string[],
  { registries }: ImagePlace,
): Promise<readonly ComponentRow[]> {
  const rows: ComponentRow[] = [];
  for (const registry of registryNames) {
    const catalog = await registries.placeOf({ registry, repository: "" });
    for (const repository of await listRepositories(catalog, registries)) {
      const place = await registries.placeOf({ registry, repository });
      const name = `${registry}/${repository}`;
      for (const version of await listTags(place, registries)) {
        rows.push({ type: "app", name, version, format: "oci", plat: [], source: name });
      }
    }
  }
  return rows;
}

/** `kraft-graph pkg info IMAGE`: manifests, sizes, commands. */
export function describeImages(words: readonly string[], place: ImagePlace): ExitName {
  for (const word of words) {
    const image = known(word, place);
    const { blobs } = partsOf(image.blobs, image.root);
    const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
    const lines = [
      `${image.reference}:`,
      `  digest   ${image.root.digest}`,
      `  size     ${bytes} bytes in ${blobs.length} blobs`,
    ];
    for (const { descriptor, content } of imagesIn(image)) {
      if (content.kind === "index") continue;
      const { platform, entrypoint, args, env } = readImageConfig(
        image.blobs(content.config.digest),
      );
      lines.push(`  ${platform.os}/${platform.architecture}:`, `    digest   ${descriptor.digest}`);
      const version = platform["os.version"];
      if (version !== undefined) lines.push(`    version  ${version}`);
      const command = [...entrypoint, ...args];
      if (command.length > 0) lines.push(`    command  ${JSON.stringify(command)}`);
      for (const one of env) lines.push(`    env      ${one}`);
      for (const { size, annotations } of content.layers) {
        lines.push(`    layer    ${size} bytes ${Object.values(annotations).join(" ")}`.trimEnd());
      }
    }
    place.context.stdout.write(`${lines.join("\n")}\n`);
  }
  return "ok";
}

/** `kraft-graph pkg rm IMAGE…` */
export async function removeImages(words: readonly string[], place: ImagePlace): Promise<ExitName> {
  const names = words.map(fullNameOf);
  const there = new Set(place.store.list().map(({ reference }) => reference));
  const missing = names.find((name) => !there.has(name));
  if (missing !== undefined) throw unknownImage(missing);
  await place.store.remove(names);
  for (const name of names) place.context.stdout.write(`removed  ${name}\n`);
  return "ok";
}

/** `kraft-graph pkg prune`: blobs that no image has. */
export async function pruneImages({ store, context }: ImagePlace): Promise<ExitName> {
  const { blobs, bytes } = await store.prune();
  context.stdout.write(`removed ${blobs} blobs, ${bytes} bytes\n`);
  return "ok";
}

/** The image called `word` on this machine. Throws a FetchError when there is none. */
export function known(word: string, place: ImagePlace): StoredImage {
  const found = findImage(word, place);
  if (found === undefined) throw unknownImage(word);
  return found;
}

function unknownImage(word: string): FetchError {
  return new FetchError("not-found", `there is no image ${word} on this machine`, {
    help: '"kraft-graph pkg ls --apps" lists those that there are',
  });
}
