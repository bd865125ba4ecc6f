// Images as files for other tools.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { FormatError } from "../format/format-error.ts";
import { treeOfDirectory } from "../format/directory-tree.ts";
import { writePieces } from "../format/file-content.ts";
import { indexJsonOf } from "../format/image-layout.ts";
import { packTar } from "../format/tar-writer.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { blobsIn, partsOf, tagAnnotation } from "../registry/layout.ts";
import { linkOrCopy } from "../registry/link-or-copy.ts";
import type { exitCodes } from "./context.ts";
import { imageFor } from "./boot-files.ts";
import type { ImagePlace } from "./image-place.ts";
import { type ImageWords, platformOf } from "./image-words.ts";
import { known } from "./pkg-images.ts";

/** `kraft-graph pkg export IMAGE PATH` */
export async function exportWord(
  words: ImageWords,
  place: ImagePlace,
): Promise<keyof typeof exitCodes> {
  const [word, path, ...more] = words.words;
  const { host, stderr } = place.context;
  if (word === undefined || path === undefined || more.length > 0) {
    stderr.write("error: pkg export: say which image, and the path it goes to\n");
    return "refused";
  }
  const to = resolve(host.workingDirectory, path);
  await exportImage(known(word, place), { words, to }, place);
  return "ok";
}

/** Writes `image` to the path `to`: as an OCI image layout, or an archive. Throws a FormatError. */
export async function exportImage(
  image: StoredImage,
  { words, to }: { readonly words: ImageWords; readonly to: string },
  { context, temporaryPath }: ImagePlace,
): Promise<void> {
  const format = words.format ?? (to.endsWith(".tar") ? "oci-archive" : "oci");
  if (existsSync(to)) throw new FormatError(to, "is there already");
  const directory = format === "oci" ? to : temporaryPath();
  mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
  if (format === "docker-archive") {
    layDocker(image, platformOf(words, context.host), directory);
  } else layOut(image, directory);
  if (format === "oci") return;
  const tree = treeOfDirectory(directory);
  const pieces = packTar(tree, { mtime: 0, owners: "root" });
  await writePieces(to, pieces, context.signal);
}

/** Writes `image` into the OCI image layout `directory`, whose directory of blobs is there. */
export function layOut(
  image: StoredImage,
  directory: string,
  names: Readonly<Record<string, string>> = {},
): void {
  const { root, blobs, reference } = image;
  const parts = partsOf(blobs, root);
  for (const { digest } of [...parts.blobs, ...parts.manifests.map((one) => one.descriptor)]) {
    linkOrCopy(blobs(digest), blobsIn(directory)(digest));
  }
  writeFileSync(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const { mediaType, digest, size } = root;
  // By the tag, as tools that read layouts want it.
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(reference)?.[1] ?? "latest";
  const named = { mediaType, digest, size, annotations: { ...names, [tagAnnotation]: tag } };
  writeFileSync(join(directory, "index.json"), indexJsonOf([named], {}));
}

/** Source: moby, image/tarexport; of one platform, as Docker loads no more. */
function layDocker(
  image: StoredImage,
  platform: ReturnType<typeof platformOf>,
  directory: string,
): void {
  const { content } = imageFor(image, platform);
  if (content.kind === "index") throw new Error("bug: an index is no image");
  const nameOf = (digest: string) => `blobs/sha256/${digest.replace("sha256:", "")}`;
  for (const { digest } of [content.config, ...content.layers]) {
    linkOrCopy(image.blobs(digest), join(directory, nameOf(digest)));
  }
  const entry = {
    Config: nameOf(content.config.digest),
    RepoTags: [image.reference],
    Layers: content.layers.map(({ digest }) => nameOf(digest)),
  };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify([entry]));
}
