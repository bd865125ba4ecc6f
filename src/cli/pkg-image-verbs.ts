import type { exitCodes } from "./context.ts";
import { withImages } from "./image-place.ts";
import type { ImageWords } from "./image-words.ts";
import type { PkgPlace } from "./pkg-place.ts";

/** Carries out a verb of `pkg` that is about images; a name in its place is repackaged. */
export function carryOutOnImages(
  verb: string,
  words: ImageWords,
  { repository, context }: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { settings } = repository;
  const request = { settings, context, insecure: words.insecure, isQuiet: words.isQuiet };
  return withImages(request, async (place) => {
    switch (verb) {
      case "ls": {
        const { listImages } = await import("./pkg-images.ts");
        return listImages(words, place, settings.values["sources.registries"].value);
      }
      case "info":
        return (await import("./pkg-images.ts")).describeImages(words, place);
      case "rm":
        return (await import("./pkg-images.ts")).removeImages(words.words, place);
      case "prune":
        return (await import("./pkg-images.ts")).pruneImages(place);
      case "pull":
        return (await import("./pkg-pull-image.ts")).pullImages(words, words.words, place);
      case "push":
        return (await import("./pkg-push.ts")).pushWord(words, place);
      case "verify":
        return (await import("./pkg-verify.ts")).verifyImages(words, place);
      case "export":
        return (await import("./pkg-export.ts")).exportWord(words, place);
      default: {
        const { repackage } = await import("./pkg-package.ts");
        return repackage([verb, ...words.words], words, place);
      }
    }
  });
}
