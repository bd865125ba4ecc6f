// Targets → images: those that they are, and those that their kernels are packed into.

import { existsSync } from "node:fs";
import { join, posix } from "node:path";

import type { BuildResult } from "../engine/build.ts";
import { loadGraph } from "../engine/repository.ts";
import { partsOf } from "../label/label.ts";
import { parsePattern } from "../label/pattern.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { writeMachineImage } from "../registry/machine-image.ts";
import { completed } from "./boot-image.ts";
import type { ImageWords } from "./image-words.ts";
import { imageOfLayout } from "./layout-image.ts";
import type { PkgPlace } from "./pkg-place.ts";

type Built = Extract<BuildResult, { kind: "built" }>;

/** What to build so that `targets` can be packaged: their packages, or for urunc themselves. */
export function packagePatterns(
  targets: readonly string[],
  words: Pick<ImageWords, "as" | "target">,
  { repository, request }: PkgPlace,
): readonly string[] {
  if (words.as === "kraft") return targets.map((word) => packageLabel(word, words));
  // Building tells of mistakes.
  const graph = loadGraph(repository, request, () => undefined);
  return targets.map((word) => {
    const label = packageLabel(word, words);
    const parsed = parsePattern(label, repository.patterns);
    const isThere = parsed.kind === "one" && graph.targets.has(parsed.label);
    return isThere ? label : ownLabel(word, words);
  });
}

/** An image, and what it is of. */
export interface BuiltImage extends StoredImage {
  readonly label: string;
  readonly packagePath: string;
}

/** Where images are made that targets do not give themselves. */
export interface ImagesPlace {
  /** A path that nobody else has. */
  readonly temporaryPath: () => string;
  readonly created?: number;
  readonly signal: AbortSignal;
}

/** The images of what was built; kernels that are in none are packed for urunc if `as` wants it. */
export async function builtImages(
  { root, results }: Built,
  { as }: Pick<ImageWords, "as">,
  { temporaryPath, created, signal }: ImagesPlace,
): Promise<readonly BuiltImage[]> {
  const images: BuiltImage[] = [];
  for (const [label, { outputs, machine }] of results) {
    const layouts = outputs.map((path) => join(root, path)).filter(isLayout);
    const { packagePath, name } = partsOf(label);
    const own = { reference: posix.basename(packagePath) || name, label, packagePath };
    images.push(...layouts.map((path) => ({ ...imageOfLayout(path), ...own })));
    if (layouts.length > 0 || machine === undefined || as === "kraft") continue;
    const directory = temporaryPath();
    const request = {
      machine: completed(machine, root),
      locate: (path: string) => join(root, path),
      ...(created !== undefined && { created }),
    };
    await writeMachineImage(request, directory, signal);
    images.push({ ...imageOfLayout(directory), ...own });
  }
  return images;
}

function isLayout(path: string): boolean {
  return existsSync(join(path, "oci-layout"));
}

/** The label of the package of `word`: a target's own, or one of all targets of its directory. */
function packageLabel(word: string, { target }: Pick<ImageWords, "target">): string {
  const name = /:([^:/]*)$/.exec(word)?.[1] ?? target;
  const directory = word.replace(/:[^:/]*$/, "");
  if (name === undefined) return `${directory}:oci`;
  return name === "oci" || name.endsWith(".oci")
    ? `${directory}:${name}`
    : `${directory}:${name}.oci`;
}

function ownLabel(word: string, { target }: Pick<ImageWords, "target">): string {
  return target === undefined || /:[^:/]*$/.test(word) ? word : `${word}:${target}`;
}
