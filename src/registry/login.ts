// Who to be at a registry from now on: tried first, then written down as Docker and Podman have it.

import { FetchError } from "../fetch/fetch-error.ts";
import { readAuthFile, writableAuthFile, writeAuthEntry } from "./auth-file.ts";
import { tellHelper } from "./credential-helper.ts";
import { helperFor, serverNameOf } from "./credentials.ts";
import type { Registries } from "./registries.ts";

/** Who to be, and where. */
export interface Login {
  readonly registry: string;
  readonly user: string;
  readonly password: string;
}

/** Where it was written: the path of a file, or the name of a helper program. */
export type KeptAt = string;

/** Writes `login` down, once the registry takes it. Throws a FetchError when it does not. */
export async function logIn(login: Login, registries: Registries): Promise<KeptAt> {
  const { registry, user, password } = login;
  const { context } = registries;
  const given = { kind: "password", user, password } as const;
  const host = await registries.hostAs(registry, given);
  await registries.firstOf([{ host, repository: "" }], async () => {
    const answer = await host.ask({ method: "GET", url: "/v2/", scope: "" });
    await answer.body.dump();
    if (answer.status === 200) return;
    const message = `${registry} answers ${answer.status} where a registry would answer 200`;
    throw new FetchError("server-error", message);
  });
  const path = placeToKeep(context.environment);
  const file = readAuthFile(path);
  const server = serverNameOf(registry);
  const helper = file && helperFor(file, registry);
  if (helper !== undefined) {
    const kept = { user, secret: password };
    await tellHelper(helper, server, { kept, context });
    return `docker-credential-${helper}`;
  }
  writeAuthEntry(path, server, { auth: Buffer.from(`${user}:${password}`).toString("base64") });
  return path;
}

/** Forgets who to be at `registry`; undefined when nothing was known. Throws a FetchError. */
export async function logOut(
  registry: string,
  context: Registries["context"],
): Promise<KeptAt | undefined> {
  const path = placeToKeep(context.environment);
  const file = readAuthFile(path);
  if (file === undefined) return undefined;
  const server = serverNameOf(registry);
  const helper = helperFor(file, registry);
  if (helper !== undefined) {
    await tellHelper(helper, server, { kept: undefined, context });
    return `docker-credential-${helper}`;
  }
  if (file.auths[server] === undefined) return undefined;
  writeAuthEntry(path, server, undefined);
  return path;
}

function placeToKeep(environment: Registries["context"]["environment"]): string {
  const path = writableAuthFile(environment);
  if (path !== undefined) return path;
  throw new FetchError("refused", "there is no home directory to keep credentials in", {
    help: "REGISTRY_AUTH_FILE or DOCKER_CONFIG can name another place",
  });
}
