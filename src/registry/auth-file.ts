// Files with credentials of registries: Docker's config.json, and auth.json of Podman and skopeo.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { FetchError } from "../fetch/fetch-error.ts";

/** What one of these files says. Source: containers-auth.json(5); docker login, "Credential stores". */
export interface AuthFile {
  readonly path: string;
  /** By host, or host and the beginning of a name. */
  readonly auths: Readonly<Record<string, AuthEntry>>;
  /** The helper of a host. */
  readonly helpers: Readonly<Record<string, string>>;
  /** The helper of all others. */
  readonly store: string | undefined;
}

/** What is known of one host. */
export interface AuthEntry {
  /** Base64 of `user:password`. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  /** Gives tokens, as a password does. */
  readonly identitytoken?: string;
  /** Is the token. */
  readonly registrytoken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The paths of these files, the one that counts most first. */
export function authFilePaths(environment: Environment): readonly string[] {
  const { REGISTRY_AUTH_FILE: only, XDG_RUNTIME_DIR: runtime, HOME: home } = environment;
  if (only) return [only];
  const config = environment["XDG_CONFIG_HOME"] || (home && join(home, ".config"));
  const docker = dockerConfigPath(environment);
  return [
    ...(runtime ? [join(runtime, "containers/auth.json")] : []),
    ...(config ? [join(config, "containers/auth.json")] : []),
    ...(docker === undefined ? [] : [docker]),
  ];
}

/** Where `login` writes to; undefined when there is no home directory. */
export function writableAuthFile(environment: Environment): string | undefined {
  return environment["REGISTRY_AUTH_FILE"] || dockerConfigPath(environment);
}

/** The file at `path`; undefined when there is none. Throws a FetchError when it is not JSON. */
export function readAuthFile(path: string): AuthFile | undefined {
  const value = readJson(path);
  if (value === undefined) return undefined;
  const { auths, credHelpers, credsStore } = value;
  return {
    path,
    auths: recordOf<AuthEntry>(auths, (one) => typeof one === "object" && one !== null),
    helpers: recordOf<string>(credHelpers, (one) => typeof one === "string"),
    store: typeof credsStore === "string" && credsStore !== "" ? credsStore : undefined,
  };
}

/** Writes what is known of `host` into the file at `path`, and leaves all else in it. */
export function writeAuthEntry(path: string, host: string, entry: AuthEntry | undefined): void {
  const value = readJson(path) ?? {};
  const auths = recordOf<unknown>(value["auths"], () => true);
  const others = Object.entries(auths).filter(([key]) => key !== host);
  const entries = entry === undefined ? others : [...others, [host, entry] as const];
  const text = JSON.stringify({ ...value, auths: Object.fromEntries(entries) }, undefined, "\t");
  const draft = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${text}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

function dockerConfigPath({ DOCKER_CONFIG: directory, HOME: home }: Environment) {
  if (directory) return join(directory, "config.json");
  return home ? join(home, ".docker/config.json") : undefined;
}

function readJson(path: string): Record<string, unknown> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const text = readFileSync(path, "utf8").trim();
    const value: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

function unreadable(path: string, cause?: unknown): FetchError {
  return new FetchError("refused", `${path}, with credentials of registries, cannot be read`, {
    help: "it must be JSON",
    cause,
  });
}

function recordOf<T>(value: unknown, isOne: (one: unknown) => boolean): Record<string, T> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, one]) => isOne(one)));
}
