// What an image of a registry is called. Knows no network.

import { FormatError } from "../format/format-error.ts";

/** The name of an image, with nothing left out. It has a tag, a digest or both. */
export interface RegistryReference {
  /** Host and, if need be, port: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** The name in the registry, such as `library/alpine`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string;
}

/** What names without a registry are completed with. */
export type NamingStyle =
  /** As Dockerfiles have it: `docker.io`, and `library/` before a name alone. */
  | "docker"
  /** As Kraftfiles have it: `unikraft.org`. */
  | "kraft";

/**
 * `text` as a reference: `NAME`, `NAME:TAG`, `HOST:PORT/NAME:TAG@sha256:…`, with `oci://` or
 * `docker://` before it or not; `latest` when it has neither tag nor digest. Throws a FormatError.
 *
 * Source: distribution/reference, "Grammar"; kraftkit.md §5.3.
 */
export function parseReference(text: string, style: NamingStyle): RegistryReference {
  const shown = JSON.stringify(text.slice(0, 300));
  const bare = text.slice(0, 2000).replace(/^(?:oci|docker):\/\//, "");
  const [, named = "", tag, digest] = /^([^@]*?)(?::([^:/@\]]*))?(?:@(.*))?$/s.exec(bare) ?? [];
  const { registry, repository } = completed(named, style);
  if (!registryForm.test(registry) || !nameForm.test(repository)) {
    const asName = `${shown} is no name of an image`;
    const hint = /[A-Z]/.test(repository) ? "names are in lower case" : "write HOST/NAME:TAG";
    throw new FormatError(asName, `(${hint})`);
  }
  if (tag !== undefined && !tagForm.test(tag)) {
    throw new FormatError(shown, "has a tag that no image can have");
  }
  if (digest !== undefined && !isDigest(digest)) {
    throw new FormatError(shown, "has a digest that is none: write sha256:, and 64 hex digits");
  }
  const isNamed = tag !== undefined || digest !== undefined;
  return {
    registry,
    repository,
    ...(isNamed ? tag !== undefined && { tag } : { tag: "latest" }),
    ...(digest !== undefined && { digest }),
  };
}

/** `localhost:5000/app:1.2@sha256:…`, which {@link parseReference} reads again in any style. */
export function formatReference({ registry, repository, tag, digest }: RegistryReference): string {
  const atTag = tag === undefined ? "" : `:${tag}`;
  return `${registry}/${repository}${atTag}${digest === undefined ? "" : `@${digest}`}`;
}

/** Whether `text` is a digest as registries have it, of SHA-256. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

function completed(named: string, style: NamingStyle) {
  const [first = "", ...rest] = named.split("/");
  const hasRegistry = rest.length > 0 && (/[.:[]/.test(first) || first === "localhost");
  const repository = hasRegistry ? rest.join("/") : named;
  if (!hasRegistry && style === "kraft") return { registry: "unikraft.org", repository };
  const isHub = !hasRegistry || hubNames.has(first);
  if (!isHub) return { registry: first, repository };
  const isAlone = !repository.includes("/");
  return { registry: "docker.io", repository: isAlone ? `library/${repository}` : repository };
}

const hubNames = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const registryForm =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const nameForm =
  /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;
