import { existsSync } from "node:fs";
import { resolve } from "node:path";

import type { WantedPlatform } from "../action/remote-source.ts";
import { unpackLayers } from "../fetch/unpack-layers.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { FormatError } from "../format/format-error.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { wholeBlob } from "../registry/whole-blob.ts";
import type { exitCodes } from "./context.ts";
import { imageFor, imagesIn } from "./boot-files.ts";
import { findImage, type ImagePlace } from "./image-place.ts";
import { type ImageWords, platformOf } from "./image-words.ts";
import { pullIntoStore } from "./pull-image.ts";

/** `kraft-graph pkg pull IMAGE…`: brings images to this machine, and with `-w` unpacks them. */
export async function pullImages(
  words: ImageWords,
  names: readonly string[],
  place: ImagePlace,
): Promise<keyof typeof exitCodes> {
  const { host, stdout } = place.context;
  const platform = platformOf(words, host);
  for (const name of names) {
    const wanted = words.all ? undefined : platform;
    const image = await pulledImage(name, wanted, place);
    stdout.write(`${image.reference} ${image.root.digest}\n`);
    if (words.workdir === undefined) continue;
    const into = resolve(host.workingDirectory, words.workdir);
    await unpackImage(image, { into, words }, place);
  }
  return "ok";
}

/** What the registry has by now; when it may not be asked, what this machine has. */
function pulledImage(
  name: string,
  platform: WantedPlatform | undefined,
  place: ImagePlace,
): StoredImage | Promise<StoredImage> {
  const known = place.isOffline ? findImage(name, place) : undefined;
  if (known !== undefined && isThereFor(known, platform)) return known;
  return pullIntoStore(name, platform, place);
}

/** Lays the files of `image` down in a directory, as KraftKit does: `unikraft/bin/kernel`, …. */
async function unpackImage(
  image: StoredImage,
  { into, words }: { readonly into: string; readonly words: ImageWords },
  { context, temporaryPath }: ImagePlace,
): Promise<void> {
  const { content } = imageFor(image, platformOf(words, context.host));
  if (content.kind === "index") throw new Error("bug: an index has no files");
  const { signal, stderr } = context;
  const layers: string[] = [];
  for (const { digest } of content.layers) layers.push(await wholeBlob(image.blobs, digest));
  const how = { name: image.reference, spool: temporaryPath(), signal };
  const leftOut = await unpackLayers(layers, into, how);
  if (leftOut.length === 0) return;
  const [names, more] = [leftOut.slice(0, 3).join(", "), leftOut.length > 3 ? ", …" : ""];
  stderr.write(`left out, as only files and links are unpacked: ${names}${more}\n`);
}

/** The image that `word` names: of this machine, else of its registry. */
export async function obtainImage(
  word: string,
  words: Pick<ImageWords, "platform" | "architecture" | "kconfig">,
  place: ImagePlace,
): Promise<StoredImage> {
  const found = findImage(word, place);
  const platform = platformOf(words, place.context.host);
  if (found !== undefined && isThereFor(found, platform)) return found;
  return pullIntoStore(word, platform, place);
}

/** Whether nothing of `image` is missing that `platform` takes, or without one, any that it has. */
function isThereFor(image: StoredImage, platform: WantedPlatform | undefined): boolean {
  try {
    const all = platform === undefined ? imagesIn(image) : [imageFor(image, platform)];
    const blobs = all.flatMap(({ content }) =>
      content.kind === "index" ? [] : [content.config, ...content.layers],
    );
    return blobs.every(({ digest }) => existsSync(image.blobs(digest)));
  } catch (error) {
    // A config or a manifest that is damaged or missing comes anew.
    if (error instanceof FormatError || error instanceof FetchError) return false;
    throw error;
  }
}
