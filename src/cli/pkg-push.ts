import { FetchError } from "../fetch/fetch-error.ts";
import { FormatError } from "../format/format-error.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { pushImage } from "../registry/push-image.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import type { exitCodes } from "./context.ts";
import { findImage, type ImagePlace, offlineError } from "./image-place.ts";
import { imageWordOf } from "./image-word.ts";
import { imageOfLayout } from "./layout-image.ts";
import type { ImageWords } from "./image-words.ts";

/** `kraft-graph pkg push IMAGE|LAYOUT [NAME]` */
export async function pushWord(
  { words, name }: ImageWords,
  place: ImagePlace,
): Promise<keyof typeof exitCodes> {
  const [word, second, ...more] = words;
  if (word === undefined || more.length > 0) {
    place.context.stderr.write("error: pkg push: say which image, and if need be its new name\n");
    return "refused";
  }
  const found = imageWordOf(word, place.context.host.workingDirectory);
  const image = found?.kind === "layout" ? imageOfLayout(found.path) : findImage(word, place);
  if (image === undefined) {
    throw new FetchError("not-found", `there is no image ${word} on this machine`, {
      help: '"kraft-graph pkg ls --apps" lists those that there are',
    });
  }
  const to = second ?? name ?? (found?.kind === "layout" ? undefined : word);
  if (to === undefined) throw new FormatError(word, "says not where it goes: give a name, too");
  await pushStored(image, to, place);
  return "ok";
}

/** Pushes `image` as `name`, and says what it took. */
export async function pushStored(
  { root, blobs, reference: from }: StoredImage,
  name: string,
  { registries, context, uploadNotes: notes, transfer, isOffline }: ImagePlace,
): Promise<void> {
  const reference = parseReference(name, "kraft");
  if (isOffline) throw offlineError(`${formatReference(reference)} is not pushed`);
  const mountFrom = sourceRepository(from, reference.registry);
  const isOther = mountFrom !== undefined && mountFrom !== reference.repository;
  const request = { blobs, root, reference, notes, ...(isOther && { mountFrom }) };
  const { digest, sent, mounted, present } = await transfer(
    `pushing ${formatReference(reference)}`,
    () => pushImage(request, registries),
  );
  context.stdout.write(`${formatReference(reference)} ${digest}\n`);
  const counts = [`${sent} sent`, `${mounted} mounted`, `${present} there already`];
  context.stderr.write(`pushed: ${counts.join(", ")}\n`);
}

/** The repository of the same registry that an image was called by, which then may have its blobs. */
function sourceRepository(from: string, registry: string): string | undefined {
  try {
    const source = parseReference(from, "kraft");
    return source.registry === registry ? source.repository : undefined;
  } catch {
    return undefined; // A path.
  }
}
