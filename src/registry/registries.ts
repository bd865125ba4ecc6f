// All registries that one command talks to. Knows no images.

import type { FetchContext } from "../fetch/fetch-context.ts";
import { type HttpClient, openHttpClient } from "../fetch/http-client.ts";
import { failureOfConnection } from "../fetch/http-failure.ts";
import { firstThatWorks } from "../fetch/retry.ts";
import { type RegistryCredentials, registryCredentials } from "./credentials.ts";
import type { RegistryReference } from "./reference.ts";
import { RegistryHost } from "./registry-host.ts";
import { trustOf } from "./registry-trust.ts";

/** What users say of registries. */
export interface RegistrySettings {
  /** Hosts, with their ports, that need no certificate, or have one that nobody knows. */
  readonly insecure: readonly string[];
  /**
   * By host: where to pull from first, `mirror.example.com` or `host:5000/prefix`, with blanks between.
   * What has `://` in its name is about files.
   */
  readonly mirrors: Readonly<Record<string, string>>;
}

/** A repository at one host. */
export interface RegistryPlace {
  readonly host: RegistryHost;
  /** Its name there. */
  readonly repository: string;
}

/** The part of a reference that says where, and not which image. */
export type RepositoryName = Pick<RegistryReference, "registry" | "repository">;

/** Holds connections, and what is known of who we are, until it is closed. */
export class Registries {
  readonly context: FetchContext;
  readonly #settings: RegistrySettings;
  readonly #hosts = new Map<string, Promise<RegistryHost>>();
  readonly #clients: HttpClient[] = [];

  constructor(settings: RegistrySettings, context: FetchContext) {
    this.#settings = settings;
    this.context = context;
  }

  /** The repository itself, at its registry. */
  async placeOf({ registry, repository }: RepositoryName): Promise<RegistryPlace> {
    return { host: await this.#host(registry, repository), repository };
  }

  /** Where to read from: mirrors, and at last the repository itself. */
  async sourcesOf(name: RepositoryName): Promise<readonly RegistryPlace[]> {
    const mirrors = this.#settings.mirrors[name.registry]?.split(/\s+/) ?? [];
    const places = mirrors.filter(Boolean).map(async (mirror) => {
      const [host = "", ...prefix] = mirror.split("/");
      const repository = [...prefix, name.repository].join("/");
      return { host: await this.#host(host, repository), repository };
    });
    return [...(await Promise.all(places)), await this.placeOf(name)];
  }

  /** The registry `name`, as who `credentials` say, whatever files say. */
  hostAs(name: string, credentials: RegistryCredentials): Promise<RegistryHost> {
    return this.#open(name, "", credentials);
  }

  /** What `attempt` gives at the first place that works, each tried several times. */
  async firstOf<Result>(
    places: readonly RegistryPlace[],
    attempt: (place: RegistryPlace) => Promise<Result>,
  ): Promise<Result> {
    return firstThatWorks(
      places,
      attempt,
      (cause, { host, repository }) => failureOfConnection(cause, `${host.name}/${repository}`),
      this.context,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #host(name: string, repository: string): Promise<RegistryHost> {
    // By repository, too, as files may have other credentials for another one.
    const key = `${name} ${repository}`;
    let host = this.#hosts.get(key);
    if (host === undefined) {
      host = this.#open(name, repository);
      this.#hosts.set(key, host);
    }
    return host;
  }

  async #open(
    name: string,
    repository: string,
    credentials?: RegistryCredentials,
  ): Promise<RegistryHost> {
    const { environment } = this.context;
    const isInsecure = this.#settings.insecure.includes(name);
    const trust = trustOf(name, environment);
    const client = await openHttpClient(environment, { ...trust, verifies: !isInsecure });
    this.#clients.push(client);
    const own = { name, client, isInsecure, context: this.context };
    return new RegistryHost({
      ...own,
      credentials: () =>
        credentials === undefined
          ? registryCredentials(name, repository, this.context)
          : Promise.resolve(credentials),
    });
  }
}
