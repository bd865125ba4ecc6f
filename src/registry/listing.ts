// What registries have: repositories, tags; and taking manifests from them.

import { FetchError } from "../fetch/fetch-error.ts";
import { type Page, pagesOf } from "./pages.ts";
import { pullScope } from "./read-manifest.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** All tags of a repository, sorted. Throws a FetchError. */
export function listTags(place: RegistryPlace, registries: Registries): Promise<readonly string[]> {
  const { repository } = place;
  const path = `/v2/${repository}/tags/list`;
  return listAll(path, { field: "tags", scope: pullScope(repository), place, registries });
}

/** All repositories of the registry of `place`, sorted. Throws a FetchError. */
export function listRepositories(
  place: RegistryPlace,
  registries: Registries,
): Promise<readonly string[]> {
  const path = "/v2/_catalog";
  return listAll(path, { field: "repositories", scope: "registry:catalog:*", place, registries });
}

/**
 * Removes from the registry the manifest `name`: a digest, with all its tags; or a tag, which many
 * registries do not take. Throws a FetchError.
 */
export async function deleteManifest(
  name: string,
  place: RegistryPlace,
  registries: Registries,
): Promise<void> {
  const { host, repository } = place;
  const url = `/v2/${repository}/manifests/${name}`;
  const scope = `repository:${repository}:delete,pull`;
  await registries.firstOf([place], async () => {
    const answer = await host.ask({ method: "DELETE", url, scope });
    if (answer.status === 202 || answer.status === 200 || answer.status === 204) {
      await answer.body.dump();
      return;
    }
    const shown = `${host.name}/${repository}${name.includes(":") ? "@" : ":"}${name}`;
    throw await failureOfAnswer(answer, shown, registries.context);
  });
}

interface Listing {
  readonly field: string;
  readonly scope: string;
  readonly place: RegistryPlace;
  readonly registries: Registries;
}

async function listAll(path: string, { field, ...listing }: Listing): Promise<readonly string[]> {
  const shown = `${listing.place.host.name}${path}`;
  const found = new Set<string>();
  let grown = 0;
  const goOn = ({ bytes }: Page) => {
    const names = namesIn(bytes, { field, shown });
    // A full page may not be the last, and registries need not say so.
    const isFull = names.length >= pageNames && found.size > grown;
    grown = found.size;
    return isFull ? `${path}?n=${pageNames}&last=${names.at(-1)}` : undefined;
  };
  const pages = pagesOf({ ...listing, path: `${path}?n=${pageNames}`, shown, goOn });
  for await (const { bytes } of pages) {
    for (const name of namesIn(bytes, { field, shown })) found.add(name);
  }
  return [...found].sort();
}

const pageNames = 1000;

/** Of what has none, registries say `null`. */
function namesIn(
  bytes: Buffer,
  { field, shown }: { readonly field: string; readonly shown: string },
): readonly string[] {
  const names = fieldOf(bytes, field);
  if (names === null) return [];
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new FetchError("server-error", `${shown}: what the server answers is no list`);
}

function fieldOf(bytes: Buffer, field: string): unknown {
  try {
    return (JSON.parse(bytes.toString("utf8")) as Record<string, unknown> | null)?.[field];
  } catch {
    return undefined;
  }
}
