import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { unpackLayers } from "../fetch/unpack-layers.ts";
import { FormatError } from "../format/format-error.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { wholeBlob } from "../registry/whole-blob.ts";
import type { exitCodes } from "./context.ts";
import { imageFor } from "./boot-files.ts";
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
    const image = await pullIntoStore(name, words.all ? undefined : platform, place);
    stdout.write(`${image.reference} ${image.root.digest}\n`);
    if (words.workdir === undefined) continue;
    const into = resolve(host.workingDirectory, words.workdir);
    await unpackImage(image, { into, words }, place);
  }
  return "ok";
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

function isThereFor(image: StoredImage, platform: ReturnType<typeof platformOf>): boolean {
  try {
    const { content } = imageFor(image, platform);
    const blobs = content.kind === "index" ? [] : [content.config, ...content.layers];
    return blobs.every(({ digest }) => existsSync(image.blobs(digest)));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
