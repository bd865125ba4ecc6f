// Container images as one tar, as `docker save` writes and `docker load` takes them.

import { createHash } from "node:crypto";

import { type ContainerImage, containerConfigOf } from "./container-image.ts";
import { writePieces } from "./file-content.ts";
import { FileTree, plainDirectory } from "./file-tree.ts";
import { packEntries } from "./layer-entries.ts";

/** An image with a name, and no base. */
export interface DockerImage extends Omit<ContainerImage, "base" | "archives"> {
  /** Without its tag. */
  readonly name: string;
}

/**
 * Writes `image` to the file `output`: the same bytes for the same files. Annotations are lost, as
 * the format has no manifest of OCI. Throws a FormatError, as {@link packEntries} does.
 *
 * Source: Docker, image specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
export async function writeDockerArchive(
  output: string,
  image: DockerImage,
  signal: AbortSignal,
): Promise<void> {
  const layers = image.layers.map((entries) => {
    const list = [...entries];
    return { ...measured(packEntries(list)), read: () => packEntries(list) };
  });
  const config = containerConfigOf(
    image,
    layers.map(({ hash }) => `sha256:${hash}`),
  );
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  const manifest = JSON.stringify([
    {
      Config: configName,
      RepoTags: [`${image.name}:${image.tag ?? "latest"}`],
      Layers: layers.map(({ hash }) => `${hash}/layer.tar`),
    },
  ]);
  const tree = new FileTree();
  const add = (path: string, sizeBytes: number, read: () => Iterable<Uint8Array>): void => {
    const content = { sizeBytes, read };
    tree.set(Buffer.from(path), { kind: "file", ...plainDirectory, mode: 0o644, content });
  };
  for (const { hash, sizeBytes, read } of layers) add(`${hash}/layer.tar`, sizeBytes, read);
  add(configName, Buffer.byteLength(config), () => [Buffer.from(config)]);
  add("manifest.json", Buffer.byteLength(manifest), () => [Buffer.from(manifest)]);
  await writePieces(output, packEntries(tree.walk()), signal);
}

function measured(pieces: Iterable<Uint8Array>): { hash: string; sizeBytes: number } {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for (const piece of pieces) {
    hash.update(piece);
    sizeBytes += piece.byteLength;
  }
  return { hash: hash.digest("hex"), sizeBytes };
}
