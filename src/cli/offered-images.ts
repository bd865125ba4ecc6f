// Images of registries, as `pkg ls --apps -u` lists them.

import { FetchError } from "../fetch/fetch-error.ts";
import { offeredPlatforms } from "../registry/choose-image.ts";
import { inTurns } from "../registry/in-turns.ts";
import { listRepositories, listTags } from "../registry/listing.ts";
import { formatOffered } from "../registry/platform-choice.ts";
import { readManifest } from "../registry/read-manifest.ts";
import type { Registries } from "../registry/registries.ts";
import type { ComponentRow } from "./pkg-list.ts";

/** A line for each tag of all repositories of `registryNames`. Throws a FetchError. */
export async function offeredRows(
  registryNames: readonly string[],
  registries: Registries,
): Promise<readonly ComponentRow[]> {
  const named: { registry: string; repository: string; tag: string }[] = [];
  for (const registry of registryNames) {
    const catalog = await registries.placeOf({ registry, repository: "" });
    for (const repository of await listRepositories(catalog, registries)) {
      const place = await registries.placeOf({ registry, repository });
      const tags = await listTags(place, registries);
      // What stands for a list of referrers is no app.
      const apps = tags.filter((tag) => !/^sha256-[0-9a-f]{64}/.test(tag));
      named.push(...apps.map((tag) => ({ registry, repository, tag })));
    }
  }
  const rows = new Map<object, ComponentRow>();
  await inTurns(named, parallel, async (one) => void rows.set(one, await rowOf(one, registries)));
  return named.flatMap((one) => rows.get(one) ?? []);
}

/** Each asks for a manifest or two. */
const parallel = 8;

async function rowOf(
  reference: { readonly registry: string; readonly repository: string; readonly tag: string },
  registries: Registries,
): Promise<ComponentRow> {
  const { registry, repository, tag: version } = reference;
  const name = `${registry}/${repository}`;
  const row = { type: "app", name, version, format: "oci", source: `${name}:${version}` } as const;
  try {
    const manifest = await readManifest(reference, registries);
    const offered = await offeredPlatforms(manifest, reference, registries);
    const known = offered.filter(({ os, architecture }) => os !== undefined && architecture);
    const plat = [...new Set(known.map(formatOffered))].sort();
    return { ...row, digest: manifest.digest, plat };
  } catch (error) {
    // A tag that is gone by now, or stands for what is no image, hides none of the others.
    const isOfOne =
      error instanceof FetchError && ["not-found", "bad-manifest"].includes(error.code);
    if (isOfOne) return { ...row, plat: [] };
    throw error;
  }
}
