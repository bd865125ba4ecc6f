// Which words of a command line are images, and not targets.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** What a word names. */
export type ImageWord =
  /** An image of a registry, or of this machine. */
  | { readonly kind: "name"; readonly name: string }
  /** The absolute path of an OCI image layout. */
  | { readonly kind: "layout"; readonly path: string };

/**
 * `word` as an image: `oci://…` and `docker://…`, a host with a dot or a port before a slash, or a
 * directory that is an OCI image layout. Undefined for what can be a target.
 */
export function imageWordOf(word: string, workingDirectory: string): ImageWord | undefined {
  if (/^(?:oci|docker):\/\//.test(word)) return { kind: "name", name: word };
  const path = resolve(workingDirectory, word.replace(/^oci:/, ""));
  if (existsSync(join(path, "oci-layout"))) return { kind: "layout", path };
  if (/^(?:[./@:]|-|\/\/)/.test(word) || existsSync(path)) return undefined;
  const [first = "", ...rest] = word.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost ? { kind: "name", name: word } : undefined;
}
