import { readFileSync } from "node:fs";
import { join } from "node:path";

import { FetchError } from "../fetch/fetch-error.ts";
import { type ManifestEntry, readManifestContent } from "./manifest.ts";

/** What a layout has under this annotation is the tag. Source: image-spec, "index.json file". */
export const tagAnnotation = "org.opencontainers.image.ref.name";

/** What the OCI image layout in `directory` names, in its order. Throws a FetchError. */
export function readLayoutRoots(directory: string): readonly ManifestEntry[] {
  const content = readManifestContent(indexOf(directory), directory);
  if (content.kind === "index") return content.manifests;
  throw new FetchError("bad-manifest", `${directory}/index.json is no index`);
}

function indexOf(directory: string): Buffer {
  try {
    return readFileSync(join(directory, "index.json"));
  } catch (cause) {
    throw new FetchError("not-found", `${directory} is no OCI image layout`, { cause });
  }
}
