// The verbs of `pkg`, and what carries out those that are about components.

import type { exitCodes } from "./context.ts";
import type { PkgPlace, PkgWords } from "./pkg-place.ts";

/** All verbs of `pkg`, of components and of images. */
export const pkgVerbs: readonly string[] = [
  "export",
  "info",
  "ls",
  "prune",
  "pull",
  "push",
  "rm",
  "source",
  "unsource",
  "update",
  "verify",
];

/** Verbs that are about what build files name. */
export const readingVerbs: ReadonlySet<string> = new Set(["ls", "info", "pull", "rm"]);

/** What `--output` is about: lists that a verb prints, or images that it, or packaging, makes. */
export function outputUseOf(verb: string): "lists" | "images" | "neither" {
  if (verb === "ls" || verb === "info") return "lists";
  return verb === "export" || !pkgVerbs.includes(verb) ? "images" : "neither";
}

/** Each is loaded when it is used; undefined for a word that is none. */
export async function verbOf(
  verb: string,
): Promise<((words: PkgWords, place: PkgPlace) => Promise<keyof typeof exitCodes>) | undefined> {
  switch (verb) {
    case "ls":
      return (await import("./pkg-list.ts")).listComponents;
    case "info":
      return (await import("./pkg-info.ts")).describeComponents;
    case "update":
      return (await import("./pkg-update.ts")).updateIndexes;
    case "source":
      return (await import("./pkg-source.ts")).addSource;
    case "unsource":
      return (await import("./pkg-source.ts")).removeSource;
    case "pull":
      return (await import("./pkg-pull.ts")).pullComponents;
    case "rm":
      return (await import("./pkg-remove.ts")).removeComponents;
    default:
      return undefined;
  }
}
