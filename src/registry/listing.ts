// What registries have: repositories, tags; and taking manifests from them.

import type { Answer } from "../fetch/http-exchange.ts";
import { bodyText } from "./answer-body.ts";
import { pullScope } from "./read-manifest.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** All tags of a repository, sorted. Throws a FetchError. */
export function listTags(place: RegistryPlace, registries: Registries): Promise<readonly string[]> {
  const { repository } = place;
  const path = `/v2/${repository}/tags/list?n=1000`;
  return listAll(path, { field: "tags", scope: pullScope(repository), place, registries });
}

/** All repositories of the registry of `place`, sorted. Throws a FetchError. */
export function listRepositories(
  place: RegistryPlace,
  registries: Registries,
): Promise<readonly string[]> {
  const path = "/v2/_catalog?n=1000";
  return listAll(path, { field: "repositories", scope: "registry:catalog:*", place, registries });
}

/** Removes the manifest `digest` and all its tags from the registry. Throws a FetchError. */
export async function deleteManifest(
  digest: string,
  place: RegistryPlace,
  registries: Registries,
): Promise<void> {
  const { host, repository } = place;
  const url = `/v2/${repository}/manifests/${digest}`;
  const scope = `repository:${repository}:delete,pull`;
  await registries.firstOf([place], async () => {
    const answer = await host.ask({ method: "DELETE", url, scope });
    if (answer.status === 202 || answer.status === 200 || answer.status === 204) {
      await answer.body.dump();
      return;
    }
    const shown = `${host.name}/${repository}@${digest}`;
    throw await failureOfAnswer(answer, shown, registries.context);
  });
}

interface Listing {
  readonly field: string;
  readonly scope: string;
  readonly place: RegistryPlace;
  readonly registries: Registries;
}

/** Goes on from page to page, as far as the registry leads. Source: RFC 8288. */
async function listAll(
  path: string,
  { field, scope, place, registries }: Listing,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const seen = new Set<string>();
  let next: string | undefined = path;
  while (next !== undefined && !seen.has(next)) {
    const url: string = next;
    seen.add(url);
    next = await registries.firstOf([place], async () => {
      const answer = await place.host.ask({ method: "GET", url, scope });
      const shown = `${place.host.name}${url}`;
      if (answer.status !== 200) throw await failureOfAnswer(answer, shown, registries.context);
      const link = nextOf(answer);
      for (const name of namesIn(await bodyText(answer, maxPageBytes), field)) found.add(name);
      return link;
    });
  }
  return [...found].sort();
}

const maxPageBytes = 16 * 1024 * 1024;

function nextOf(answer: Answer): string | undefined {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(answer.header("link") ?? "")?.[1];
}

function namesIn(text: string, field: string): readonly string[] {
  try {
    const names: unknown = (JSON.parse(text) as Record<string, unknown> | null)?.[field];
    const all = Array.isArray(names) ? (names as unknown[]) : [];
    return all.filter((name) => typeof name === "string");
  } catch {
    return [];
  }
}
