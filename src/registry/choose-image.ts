// Names of registries → the manifest for one platform.

import { formatWantedPlatform, type WantedPlatform } from "../action/remote-source.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import type { BlobDescriptor, Manifest, ManifestEntry } from "./manifest.ts";
import { formatOffered, offeredOf, type OfferedPlatform, suits } from "./platform-choice.ts";
import { readManifest, readSmallBlob } from "./read-manifest.ts";
import { formatReference, type RegistryReference } from "./reference.ts";
import type { Registries } from "./registries.ts";

/** The image that `reference` has for `platform`. Throws a FetchError when it has none. */
export async function chooseImage(
  reference: RegistryReference,
  platform: WantedPlatform,
  registries: Registries,
): Promise<Manifest> {
  let manifest = await readManifest(reference, registries);
  if (manifest.content.kind === "image") {
    const offered = await configPlatform(manifest.content.config, reference, registries);
    // Artifacts, and some images from scratch, are for nothing in particular.
    const isForAll = offered.os === undefined || offered.architecture === undefined;
    if (isForAll || suits(offered, platform)) return manifest;
    throw notOffered(reference, platform, [offered]);
  }
  for (let depth = 0; manifest.content.kind === "index"; depth++) {
    if (depth === maxDepth) {
      throw new FetchError("bad-manifest", `${formatReference(reference)} is an index of indexes`);
    }
    const { digest } = chosenEntry(manifest.content.manifests, reference, platform);
    const { registry, repository } = reference;
    manifest = await readManifest({ registry, repository, digest }, registries);
  }
  return manifest;
}

/** What the image or index `manifest` of `reference` is for. Throws a FetchError. */
export async function offeredPlatforms(
  { content }: Manifest,
  reference: RegistryReference,
  registries: Registries,
): Promise<readonly OfferedPlatform[]> {
  if (content.kind === "index") return content.manifests.flatMap((one) => one.platform ?? []);
  return [await configPlatform(content.config, reference, registries)];
}

const maxDepth = 3;

/** The first that suits; one alone of which nothing is said does, too. */
function chosenEntry(
  entries: readonly ManifestEntry[],
  reference: RegistryReference,
  platform: WantedPlatform,
): ManifestEntry {
  const suiting = entries.filter(
    (one) => one.platform !== undefined && suits(one.platform, platform),
  );
  const exact = suiting.find((one) => one.platform?.variant === platform.variant);
  const [only, ...others] = entries;
  const alone = others.length === 0 && only?.platform === undefined ? only : undefined;
  const chosen = exact ?? suiting[0] ?? alone;
  if (chosen !== undefined) return chosen;
  throw notOffered(
    reference,
    platform,
    entries.flatMap((one) => one.platform ?? []),
  );
}

async function configPlatform(
  config: BlobDescriptor,
  reference: RegistryReference,
  registries: Registries,
): Promise<OfferedPlatform> {
  if (!config.mediaType.includes("config") && !config.mediaType.includes("image")) {
    return { features: [] };
  }
  const bytes = await readSmallBlob(reference, config, registries);
  try {
    return offeredOf(JSON.parse(bytes.toString("utf8")));
  } catch {
    return { features: [] };
  }
}

function notOffered(
  reference: RegistryReference,
  platform: WantedPlatform,
  offered: readonly OfferedPlatform[],
): FetchError {
  const names = [...new Set(offered.map(formatOffered))].filter(
    (name) => !name.includes("unknown"),
  );
  const { features = [], ...bare } = platform;
  // With the features that are missing, when it is these alone that nothing has.
  const alike = offered.filter((one) => suits(one, bare));
  const missing = features.filter(
    (feature) => !alike.some((one) => one.features.includes(feature)),
  );
  const name = formatWantedPlatform(bare);
  const wanted =
    alike.length === 0
      ? name
      : `${name} with ${(missing.length > 0 ? missing : features).join(" ")}`;
  const has = names.length === 0 ? "none that says its platform" : names.sort().join(", ");
  const message = `${formatReference(reference)} has no image for ${wanted}`;
  return new FetchError("not-found", message, { help: `it has ${has}` });
}
