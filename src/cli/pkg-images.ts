// Verbs of `pkg` about images of this machine.

import { FetchError } from "../fetch/fetch-error.ts";
import { FormatError } from "../format/format-error.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { readImageConfig } from "../registry/image-config.ts";
import { partsOf } from "../registry/layout.ts";
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
import { offeredRows } from "./offered-images.ts";
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
  const offered = update && !isRefused ? await offeredRows(registryNames, place.registries) : [];
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

/** None of what is damaged: it is listed all the same, and told by whoever uses it. */
function platformsOf(image: StoredImage): readonly string[] {
  try {
    const names = imagesIn(image).flatMap(({ content }) => {
      if (content.kind === "index") return [];
      const { os, architecture } = readImageConfig(image.blobs, content.config.digest).platform;
      return [`${os}/${architecture}`];
    });
    return [...new Set(names)].sort();
  } catch (error) {
    if (error instanceof FetchError || error instanceof FormatError) return [];
    throw error;
  }
}

/** What `pkg info` says of an image. */
interface ImageFacts {
  readonly name: string;
  readonly digest: string;
  /** Of all blobs together. */
  readonly sizeBytes: number;
  readonly blobs: number;
  readonly images: readonly {
    /** `os/architecture`. */
    readonly platform: string;
    readonly digest: string;
    readonly version?: string;
    readonly command: readonly string[];
    readonly env: readonly string[];
    readonly layers: readonly {
      readonly digest: string;
      readonly sizeBytes: number;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** `kraft-graph pkg info IMAGE`: manifests, sizes, commands. */
export function describeImages(
  { words, output }: Pick<ImageWords, "words" | "output">,
  place: ImagePlace,
): ExitName {
  const { stdout } = place.context;
  const facts = words.map((word) => factsOf(known(word, place)));
  if (output === "json") stdout.write(`${JSON.stringify(facts, undefined, 2)}\n`);
  else if (output === "ndjson") for (const one of facts) stdout.write(`${JSON.stringify(one)}\n`);
  else for (const one of facts) stdout.write(`${linesOf(one).join("\n")}\n`);
  return "ok";
}

function factsOf(image: StoredImage): ImageFacts {
  const { blobs } = partsOf(image.blobs, image.root);
  const images = imagesIn(image).flatMap(({ descriptor, content }) => {
    if (content.kind === "index") return [];
    const config = readImageConfig(image.blobs, content.config.digest);
    const { platform, entrypoint, args, env } = config;
    const version = platform["os.version"];
    return {
      platform: `${platform.os}/${platform.architecture}`,
      digest: descriptor.digest,
      ...(version !== undefined && { version }),
      command: [...entrypoint, ...args],
      env,
      layers: content.layers.map(({ digest, size, annotations }) => {
        return { digest, sizeBytes: size, annotations };
      }),
    };
  });
  const sizeBytes = blobs.reduce((sum, { size }) => sum + size, 0);
  const { reference: name, root } = image;
  return { name, digest: root.digest, sizeBytes, blobs: blobs.length, images };
}

function linesOf({ name, digest, sizeBytes, blobs, images }: ImageFacts): readonly string[] {
  return [
    `${name}:`,
    `  digest   ${digest}`,
    `  size     ${sizeBytes} bytes in ${blobs} blobs`,
    ...images.flatMap((one) => [
      `  ${one.platform}:`,
      `    digest   ${one.digest}`,
      ...(one.version === undefined ? [] : [`    version  ${one.version}`]),
      ...(one.command.length > 0 ? [`    command  ${JSON.stringify(one.command)}`] : []),
      ...one.env.map((text) => `    env      ${text}`),
      ...one.layers.map((layer) => {
        const paths = Object.values(layer.annotations).join(" ");
        return `    layer    ${layer.sizeBytes} bytes ${paths}`.trimEnd();
      }),
    ]),
  ];
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
