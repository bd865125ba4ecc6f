// A Dockerfile as builders get it: they build on the images that they are given, whatever these are
// called, and with what they know of Dockerfiles themselves.

import { formatReference, parseReference } from "../registry/reference.ts";
import { imageNameOf } from "./platform.ts";
import type { Resolved } from "./resolve.ts";

/**
 * `text`, less the line that names a program to read it, which would be fetched from wherever; and with
 * other names for images that have variables in theirs, or that of a stage, as builders take it for
 * both.
 */
export function textForBuilders(text: string, resolved: Resolved): string {
  const { dockerfile, bases } = resolved;
  let result = text;
  for (const [number, { at, base }] of [...dockerfile.stages.entries()].reverse()) {
    const tree = bases[number]?.tree;
    if (tree?.kind !== "image") continue;
    // Not all builders look for an image by the name that variables give.
    if (base === tree.image && !isAmbiguous(tree.image, resolved)) continue;
    result = result.slice(0, at.start) + otherName(tree.image, resolved) + result.slice(at.end);
  }
  return result.replace(directives, (lines) =>
    // One that nobody knows, as a comment would end the directives.
    lines.replaceAll(/^(\uFEFF?)#[ \t]*syntax[ \t]*=.*$/gim, "$1# reader=builtin"),
  );
}

/** The lines that may be directives. */
const directives = /^\uFEFF?(?:#[ \t]*[a-z][a-z0-9]*[ \t]*=.*\r?\n)+/i;

/** All names under which builders may look for `image`: as it is written, and in its short form. */
export function namesForBuilders(image: string, resolved: Resolved): string[] {
  if (isAmbiguous(image, resolved)) return [otherName(image, resolved)];
  return [...new Set([image, shortNameOf(image), otherName(image, resolved)])];
}

function isAmbiguous(image: string, { dockerfile }: Resolved): boolean {
  // Of one that is wanted for several platforms, each is another image to builders.
  if (imageNameOf(image) !== image) return true;
  const names = [image.toLowerCase(), shortNameOf(image)];
  return dockerfile.stages.some(({ name }) => name !== undefined && names.includes(name));
}

function otherName(image: string, { images }: Resolved): string {
  return `kraft-graph.invalid/image${[...images.keys()].indexOf(image)}`;
}

/** Source: distribution/reference, FamiliarString; BuildKit, frontend/dockerui: named contexts. */
function shortNameOf(image: string): string {
  const full = formatReference(parseReference(image, "docker"));
  return full
    .replace(/^(?:docker\.io|index\.docker\.io)\/(?:library\/)?/, "")
    .replace(/:latest$/, "");
}
