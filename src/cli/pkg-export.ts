// Images as files for other tools.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import type { WantedPlatform } from "../action/remote-source.ts";
import { FormatError } from "../format/format-error.ts";
import { treeOfDirectory } from "../format/directory-tree.ts";
import { writePieces } from "../format/file-content.ts";
import { indexJsonOf } from "../format/image-layout.ts";
import { packTar } from "../format/tar-writer.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { blobsIn, partsOf, tagAnnotation } from "../registry/layout.ts";
import { bringBlob } from "../registry/whole-blob.ts";
import type { exitCodes } from "./context.ts";
import { imageFor } from "./boot-files.ts";
import { type ImageOutput, imageOutputOf } from "./image-output.ts";
import type { ImagePlace } from "./image-place.ts";
import { type ImageWords, platformOf } from "./image-words.ts";
import { known } from "./pkg-images.ts";

/** `kraft-graph pkg export IMAGE PATH`, or with `--output` in place of the path. */
export async function exportWord(
  words: ImageWords,
  place: ImagePlace,
): Promise<keyof typeof exitCodes> {
  const [word, path, ...more] = words.words;
  const { stderr } = place.context;
  const isOne = (path === undefined) !== (words.saveTo === undefined);
  if (word === undefined || !isOne || more.length > 0) {
    stderr.write("error: pkg export: say which image, and the path it goes to\n");
    return "refused";
  }
  const saveTo = words.saveTo ?? imageOutputOf(path ?? "");
  await exportImage(known(word, place), { ...words, saveTo }, place);
  return "ok";
}

/** What of an image is written, and where. */
export type ExportRequest = Pick<ImageWords, "platform" | "architecture" | "kconfig" | "format"> & {
  readonly saveTo: ImageOutput;
};

/** Writes `image` to where `request` says: as an OCI image layout, or an archive. Throws a FormatError. */
export async function exportImage(
  image: StoredImage,
  request: ExportRequest,
  { context, temporaryPath }: ImagePlace,
): Promise<void> {
  const { saveTo } = request;
  const to = resolve(context.host.workingDirectory, saveTo.path);
  const format = request.format ?? saveTo.format;
  if (existsSync(to)) throw new FormatError(to, "is there already");
  const isArchive = format !== "oci";
  const directory = isArchive ? temporaryPath() : to;
  mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
  // Who gets a layout may change it, and the store must not change with it.
  const isOwn = isArchive && image.isForeign !== true;
  if (format === "docker-archive") {
    await layDocker(image, platformOf(request, context.host), { directory, isOwn });
  } else await layOut(image, { directory, isOwn });
  if (!isArchive) return;
  const tree = treeOfDirectory(directory);
  const pieces = packTar(tree, { mtime: 0, owners: "root" });
  await writePieces(to, pieces, context.signal);
}

/** Where an image is laid out. */
export interface LayoutPlace {
  /** Its own directory of blobs is there. */
  readonly directory: string;
  /** Whether nobody but the engine has it. */
  readonly isOwn: boolean;
  /** Annotations of the image in it. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Writes `image` into an OCI image layout. Throws a FetchError for one that is damaged. */
export async function layOut(
  image: StoredImage,
  { directory, isOwn, names = {} }: LayoutPlace,
): Promise<void> {
  const { root, blobs, reference } = image;
  const parts = partsOf(blobs, root);
  for (const { digest } of [...parts.blobs, ...parts.manifests.map((one) => one.descriptor)]) {
    await bringBlob(blobs, digest, { to: blobsIn(directory)(digest), isOwn });
  }
  writeFileSync(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const { mediaType, digest, size } = root;
  // By the tag, as tools that read layouts want it.
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(reference)?.[1] ?? "latest";
  const named = { mediaType, digest, size, annotations: { ...names, [tagAnnotation]: tag } };
  writeFileSync(join(directory, "index.json"), indexJsonOf([named], {}));
}

/** Source: moby, image/tarexport; of one platform, as Docker loads no more. */
async function layDocker(
  image: StoredImage,
  platform: WantedPlatform,
  { directory, isOwn }: LayoutPlace,
): Promise<void> {
  const { content } = imageFor(image, platform);
  if (content.kind === "index") throw new Error("bug: an index is no image");
  const nameOf = (digest: string) => `blobs/sha256/${digest.replace("sha256:", "")}`;
  for (const { digest } of [content.config, ...content.layers]) {
    await bringBlob(image.blobs, digest, { to: join(directory, nameOf(digest)), isOwn });
  }
  const entry = {
    Config: nameOf(content.config.digest),
    RepoTags: [image.reference],
    Layers: content.layers.map(({ digest }) => nameOf(digest)),
  };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify([entry]));
}
