import { FetchError } from "../fetch/fetch-error.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { blobsIn, readLayoutRoots, readStored, tagAnnotation } from "../registry/layout.ts";

/** What the OCI image layout in `path` names first. Throws a FetchError when it is empty. */
export function imageOfLayout(path: string): StoredImage {
  const [root] = readLayoutRoots(path);
  if (root === undefined) throw new FetchError("not-found", `${path} has no image in it`);
  return { reference: root.annotations[tagAnnotation] ?? path, root, blobs: blobsIn(path) };
}

/** The name in full that a layout, which knows the tag alone at its top, has inside. */
export function nameIn({ root, blobs, reference }: StoredImage): string {
  const { content } = readStored(blobs, root);
  const [first] = content.kind === "index" ? content.manifests : [];
  const annotations = { ...first?.annotations, ...root.annotations };
  return annotations["io.containerd.image.name"] ?? reference;
}
