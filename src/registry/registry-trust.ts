// Certificates for one registry, from the directories that Docker and Podman read.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { HttpTrust } from "../fetch/http-client.ts";

/**
 * Whom to trust at `registry`, and who to be there: of the directory of its name in `certs.d`, each
 * `*.crt` is an authority, and `*.cert` with the `*.key` beside it is ours.
 *
 * Source: containers-certs.d(5).
 */
export function trustOf(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): HttpTrust {
  for (const directory of directoriesFor(registry, environment)) {
    const names = namesIn(directory);
    if (names.length === 0) continue;
    const read = (name: string) => readFileSync(join(directory, name), "utf8");
    const authorities = names.filter((name) => name.endsWith(".crt")).map(read);
    const own = names.find((name) => {
      return name.endsWith(".cert") && names.includes(name.replace(/cert$/, "key"));
    });
    const identity = own && { certificate: read(own), key: read(own.replace(/cert$/, "key")) };
    return { authorities, ...identity };
  }
  return {};
}

function directoriesFor(
  registry: string,
  { HOME: home, XDG_CONFIG_HOME: given }: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const config = given || (home && join(home, ".config"));
  const places = [
    ...(config ? [join(config, "containers/certs.d")] : []),
    ...(home ? [join(home, ".docker/certs.d")] : []),
    "/etc/containers/certs.d",
    "/etc/docker/certs.d",
  ];
  return places.map((place) => join(place, registry));
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
