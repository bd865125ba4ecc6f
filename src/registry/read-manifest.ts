// Names of registries → manifests, verified.

import { FetchError } from "../fetch/fetch-error.ts";
import { bodyBytes } from "./answer-body.ts";
import { type Manifest, manifestTypes, readManifestContent, statedType } from "./manifest.ts";
import { formatReference, isDigest, type RegistryReference } from "./reference.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { registryDigestOf } from "./registry-digest.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** What `reference` names, an index or an image. Throws a FetchError. */
export async function readManifest(
  reference: RegistryReference,
  registries: Registries,
): Promise<Manifest> {
  const places = await registries.sourcesOf(reference);
  return registries.firstOf(places, (place) => manifestAt(place, reference, registries));
}

/** A small blob of the repository of `reference`, such as a config. Throws a FetchError. */
export async function readSmallBlob(
  reference: RegistryReference,
  { digest, size }: { readonly digest: string; readonly size: number },
  registries: Registries,
): Promise<Buffer> {
  const places = await registries.sourcesOf(reference);
  return registries.firstOf(places, async ({ host, repository }) => {
    const url = `/v2/${repository}/blobs/${digest}`;
    const shown = `${host.name}/${repository}@${digest}`;
    const answer = await host.ask({ method: "GET", url, scope: pullScope(repository) });
    if (answer.status !== 200) throw await failureOfAnswer(answer, shown, registries.context);
    const bytes = await bodyBytes(answer, Math.min(size, maxManifestBytes));
    checkDigest(bytes, digest, shown);
    return bytes;
  });
}

/** What a token must allow to read from `repository`. */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

async function manifestAt(
  { host, repository }: RegistryPlace,
  reference: RegistryReference,
  { context }: Registries,
): Promise<Manifest> {
  const { tag, digest: wanted } = reference;
  const url = `/v2/${repository}/manifests/${wanted ?? tag}`;
  const { registry: _, ...named } = reference;
  const shown = formatReference({ ...named, registry: host.name, repository });
  const headers = { accept: manifestTypes.join(", ") };
  const answer = await host.ask({ method: "GET", url, headers, scope: pullScope(repository) });
  if (answer.status !== 200) throw await failureOfAnswer(answer, shown, context);
  const bytes = await bodyBytes(answer, maxManifestBytes);
  const said = answer.header("docker-content-digest");
  const digest = wanted ?? (said !== undefined && isDigest(said) ? said : undefined);
  if (digest !== undefined) checkDigest(bytes, digest, shown);
  const type = answer.header("content-type")?.split(";")[0]?.trim();
  const content = readManifestContent(bytes, shown);
  const usual = manifestTypes[content.kind === "index" ? 0 : 1];
  const mediaType = statedType(bytes) ?? (type?.includes("+json") ? type : usual);
  return { bytes, mediaType, digest: registryDigestOf(bytes), content };
}

/** A registry, or who sits in between, may send anything. */
function checkDigest(bytes: Buffer, digest: string, shown: string): void {
  const found = registryDigestOf(bytes);
  if (found === digest) return;
  throw new FetchError("digest-mismatch", `${shown} is ${found}, and not ${digest} as promised`);
}

/** Registries take 4 MiB at most. Source: distribution-spec, "Pushing Manifests". */
const maxManifestBytes = 16 * 1024 * 1024;
