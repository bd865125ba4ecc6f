// Manifests that are about another one: signatures, lists of parts, statements.

import { FetchError } from "../fetch/fetch-error.ts";
import { bodyBytes } from "./answer-body.ts";
import { type Manifest, type ManifestEntry, readManifestContent } from "./manifest.ts";
import { putManifest, type StoredManifest } from "./put-manifest.ts";
import { pullScope, readManifest } from "./read-manifest.ts";
import { registryDigestOf } from "./registry-digest.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

interface Where {
  readonly place: RegistryPlace;
  readonly registries: Registries;
}

/**
 * What is about the manifest `digest`: by the registry's own list, or where it has none by the tag
 * that stands for it. Throws a FetchError.
 *
 * Source: distribution-spec, "Listing Referrers" and "Referrers Tag Schema".
 */
export async function listReferrers(
  digest: string,
  { place, registries }: Where,
): Promise<readonly ManifestEntry[]> {
  const { host, repository } = place;
  const url = `/v2/${repository}/referrers/${digest}`;
  const shown = `${host.name}/${repository}@${digest}`;
  return registries.firstOf([place], async () => {
    const answer = await host.ask({ method: "GET", url, scope: pullScope(repository) });
    if (answer.status === 200) {
      const bytes = await bodyBytes(answer, maxListBytes);
      const content = readManifestContent(bytes, shown);
      return content.kind === "index" ? content.manifests : [];
    }
    if (answer.status !== 404) throw await failureOfAnswer(answer, shown, registries.context);
    await answer.body.dump();
    const tagged = await taggedReferrers(digest, { place, registries });
    return tagged?.content.kind === "index" ? tagged.content.manifests : [];
  });
}

/** Adds `manifest` to what is known to be about `subject`, for registries without a list of their own. */
export async function announceReferrer(
  { descriptor, bytes, content }: StoredManifest,
  subject: string,
  where: Where,
): Promise<void> {
  const tagged = await taggedReferrers(subject, where);
  const type = content.kind === "image" ? (content.artifactType ?? content.config.mediaType) : "";
  const own = {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: bytes.byteLength,
    artifactType: type,
  };
  // As they are there, as others may have written what is not known here.
  const all: unknown[] = tagged === undefined ? [] : manifestsIn(tagged.bytes);
  const known = all.filter((one) => (one as Partial<typeof own>).digest !== own.digest);
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const index = { schemaVersion: 2, mediaType, manifests: [...known, own] };
  const text = Buffer.from(JSON.stringify(index));
  const stored = {
    descriptor: { digest: registryDigestOf(text), mediaType },
    bytes: text,
    content: { kind: "index", manifests: [] },
  } as const;
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

const maxListBytes = 16 * 1024 * 1024;
