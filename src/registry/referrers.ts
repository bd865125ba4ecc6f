// Manifests that are about another one: signatures, lists of parts, statements.

import { FetchError } from "../fetch/fetch-error.ts";
import {
  type Manifest,
  type ManifestContent,
  type ManifestEntry,
  readManifestContent,
} from "./manifest.ts";
import { pagesOf } from "./pages.ts";
import { putManifest, type StoredManifest } from "./put-manifest.ts";
import { pullScope, readManifest } from "./read-manifest.ts";
import { registryDigestOf } from "./registry-digest.ts";
import type { Registries, RegistryPlace } from "./registries.ts";

interface Where {
  readonly place: RegistryPlace;
  readonly registries: Registries;
}

/**
 * What is about the manifest `digest`, with `artifactType` only what is of that type: by the
 * registry's own list, or where it has none by the tag that stands for it. Throws a FetchError.
 *
 * Source: distribution-spec, "Listing Referrers" and "Referrers Tag Schema".
 */
export async function listReferrers(
  digest: string,
  { place, registries, artifactType }: Where & { readonly artifactType?: string },
): Promise<readonly ManifestEntry[]> {
  const all =
    (await statedReferrers(digest, { place, registries, artifactType })) ??
    entriesIn((await taggedReferrers(digest, { place, registries }))?.content);
  // Registries need not choose, and a page may be of one that does not.
  return all.filter((one) => artifactType === undefined || one.artifactType === artifactType);
}

/** What the registry lists; undefined when it keeps no list. */
async function statedReferrers(
  digest: string,
  { place, registries, artifactType }: Where & { readonly artifactType: string | undefined },
): Promise<readonly ManifestEntry[] | undefined> {
  const { host, repository } = place;
  const choice =
    artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  const path = `/v2/${repository}/referrers/${digest}${choice}`;
  const shown = `${host.name}/${repository}@${digest}`;
  const found: ManifestEntry[] = [];
  try {
    const request = { path, shown, scope: pullScope(repository), place, registries };
    for await (const { bytes, header } of pagesOf(request)) {
      // Who does not know the question may answer it with a page for people.
      if (!(header("content-type") ?? "").includes("json")) return undefined;
      found.push(...entriesIn(readManifestContent(bytes, shown)));
    }
    return found;
  } catch (error) {
    if (error instanceof FetchError && error.code === "not-found") return undefined;
    throw error;
  }
}

function entriesIn(content: ManifestContent | undefined): readonly ManifestEntry[] {
  return content?.kind === "index" ? content.manifests : [];
}

/** Adds `manifest` to what is known to be about `subject`, for registries without a list of their own. */
export async function announceReferrer(
  { descriptor, bytes, content }: StoredManifest,
  subject: string,
  where: Where,
): Promise<void> {
  const tagged = await taggedReferrers(subject, where);
  const usual = content.kind === "image" ? content.config.mediaType : undefined;
  const artifactType = content.artifactType ?? usual;
  const { annotations } = content;
  const own = {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: bytes.byteLength,
    ...(artifactType !== undefined && { artifactType }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  // As they are there, as others may have written what is not known here.
  const all: unknown[] = tagged === undefined ? [] : manifestsIn(tagged.bytes);
  if (all.some((one) => (one as Partial<typeof own>).digest === own.digest)) return;
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const index = { schemaVersion: 2, mediaType, manifests: [...all, own] };
  const text = Buffer.from(JSON.stringify(index));
  const digest = registryDigestOf(text);
  const stored = {
    descriptor: { digest, mediaType },
    bytes: text,
    content: readManifestContent(text, digest),
  };
  await putManifest(stored, { ...where, name: tagFor(subject) });
}

function manifestsIn(bytes: Buffer): unknown[] {
  const { manifests } = JSON.parse(bytes.toString("utf8")) as { manifests?: unknown };
  return Array.isArray(manifests) ? manifests : [];
}

async function taggedReferrers(
  digest: string,
  { place, registries }: Where,
): Promise<Manifest | undefined> {
  const { host, repository } = place;
  try {
    const reference = { registry: host.name, repository, tag: tagFor(digest) };
    return await readManifest(reference, registries);
  } catch (error) {
    if (error instanceof FetchError && error.code === "not-found") return undefined;
    throw error;
  }
}

function tagFor(digest: string): string {
  return digest.replace(":", "-");
}
