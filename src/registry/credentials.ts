// Who to be at which registry. Knows no connection.

import { loadNetrc, credentialsFor } from "../fetch/netrc.ts";
import { type AuthEntry, type AuthFile, authFilePaths, readAuthFile } from "./auth-file.ts";
import { askHelper, type HelperContext } from "./credential-helper.ts";

/** What a registry is told of who asks. */
export type RegistryCredentials =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  /** Gives tokens for a while. Source: distribution, "OAuth2 Token Authentication". */
  | { readonly kind: "identity"; readonly token: string }
  | { readonly kind: "token"; readonly token: string };

/**
 * Who to be at `registry` for `repository`, by the files of Docker, Podman and skopeo, by their
 * helpers, and by `~/.netrc`; undefined: nobody. Throws a FetchError for files that are broken.
 */
export async function registryCredentials(
  registry: string,
  repository: string,
  context: HelperContext,
): Promise<RegistryCredentials | undefined> {
  const server = serverNameOf(registry);
  for (const path of authFilePaths(context.environment)) {
    const file = readAuthFile(path);
    const found = file && (await credentialsIn(file, { registry, repository, server }, context));
    if (found !== undefined) return found;
  }
  const host = registry.replace(/:\d+$/, "");
  const named = credentialsFor(loadNetrc(context.environment), host);
  return named && { kind: "password", user: named.user, password: named.password };
}

/** What files and helpers call `registry`: Docker's own has the name it had at first. */
export function serverNameOf(registry: string): string {
  return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}

/** The helper that `file` has for `registry`; undefined: it keeps credentials itself. */
export function helperFor({ helpers, store }: AuthFile, registry: string): string | undefined {
  return helpers[registry] ?? helpers[serverNameOf(registry)] ?? store;
}

interface Wanted {
  readonly registry: string;
  readonly repository: string;
  readonly server: string;
}

async function credentialsIn(
  file: AuthFile,
  { registry, repository, server }: Wanted,
  context: HelperContext,
): Promise<RegistryCredentials | undefined> {
  const helper = file.helpers[registry] ?? file.helpers[server];
  if (helper !== undefined) return fromHelper(helper, server, context);
  for (const key of keysOf(registry, repository, server)) {
    const entry = file.auths[key] ?? file.auths[`https://${key}`];
    const found = entry && credentialsOfEntry(entry);
    if (found !== undefined) return found;
  }
  return file.store === undefined ? undefined : fromHelper(file.store, server, context);
}

/** The longest first: `host/a/b`, `host/a`, `host`. Source: containers-auth.json(5), "FORMAT". */
function keysOf(registry: string, repository: string, server: string): readonly string[] {
  const parts = repository === "" ? [] : repository.split("/");
  const paths = parts.map((_, i) => `${registry}/${parts.slice(0, parts.length - i).join("/")}`);
  const old = [`${registry}/v1/`, `${registry}/v2/`, `${registry}/`, "index.docker.io"];
  return [...paths, registry, server, ...(registry === "docker.io" ? old : old.slice(0, 3))];
}

async function fromHelper(
  name: string,
  server: string,
  context: HelperContext,
): Promise<RegistryCredentials | undefined> {
  const kept = await askHelper(name, server, context);
  if (kept === undefined) return undefined;
  // By this name helpers say that the secret is no password.
  if (kept.user === "<token>") return { kind: "identity", token: kept.secret };
  return { kind: "password", user: kept.user, password: kept.secret };
}

function credentialsOfEntry(entry: AuthEntry): RegistryCredentials | undefined {
  const { auth, username, password, identitytoken, registrytoken } = entry;
  if (registrytoken) return { kind: "token", token: registrytoken };
  if (identitytoken) return { kind: "identity", token: identitytoken };
  if (username && password) return { kind: "password", user: username, password };
  const text = Buffer.from(auth ?? "", "base64")
    .toString("utf8")
    .replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon === -1) return undefined;
  return { kind: "password", user: text.slice(0, colon), password: text.slice(colon + 1) };
}
