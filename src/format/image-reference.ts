import { FormatError } from "./format-error.ts";

/** What an image is called, such as `unikraft.org/nginx:1.25`, with nothing left out. */
export interface ImageReference {
  /** Registry and name, such as `unikraft.org/nginx`. */
  readonly repository: string;
  readonly tag: string;
}

/**
 * `text` as the name of an image, completed as KraftKit does: by the registry `unikraft.org` and
 * the tag `latest`. Throws a FormatError for what no registry takes.
 *
 * Source: OCI distribution specification, "Pulling manifests"; KraftKit, oci/oci.go.
 */
export function parseImageReference(text: string): ImageReference {
  const [, named = "", tag = "latest"] = /^(.*?)(?::([^:/]*))?$/s.exec(text) ?? [];
  const [first = ""] = named.split("/");
  const hasRegistry = named.includes("/") && /[.:]|^localhost$/.test(first);
  const registry = hasRegistry ? first : "unikraft.org";
  const name = hasRegistry ? named.slice(first.length + 1) : named;
  if (!registryForm.test(registry) || !nameForm.test(name)) {
    throw new FormatError(
      JSON.stringify(text),
      "is no name of an image: use a-z, 0-9, . _ - and /",
    );
  }
  if (!isTag(tag)) throw new FormatError(JSON.stringify(text), "has a tag that no image can have");
  return { repository: `${registry}/${name}`, tag };
}

/** `<repository>:<tag>`. */
export function formatImageReference({ repository, tag }: ImageReference): string {
  return `${repository}:${tag}`;
}

/** Whether `text` may be a tag. */
export function isTag(text: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(text);
}

const registryForm = /^[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?$/;
const nameForm = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
