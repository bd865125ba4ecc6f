import { nearestName } from "../diagnostic/suggest.ts";
import { forgetSources } from "../engine/forget-sources.ts";
import { changeLockFile, openLockBook } from "../engine/lock-book.ts";
import { namesOf } from "../engine/locking.ts";
import { pinName, pinNameOf } from "../workspace/lock-file.ts";
import type { exitCodes } from "./context.ts";
import { tellMistake } from "./mistakes.ts";
import type { PkgPlace, PkgWords } from "./pkg-place.ts";
import { sourcesOf } from "./pkg-pull.ts";

/** `kraft-graph pkg rm COMPONENT…` */
export async function removeComponents(
  { words }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { repository, context } = place;
  const { stdout, stderr, host } = context;
  if (words.length === 0) {
    stderr.write("error: pkg rm: say which component\n");
    return "refused";
  }
  const wanted = sourcesOf(["//..."], place);
  if (wanted === undefined) return "refused";
  const known = new Set(wanted.fetches.flatMap(namesOf));
  const strange = words.filter((word) => !known.has(word));
  for (const word of strange) {
    const nearest = nearestName(word, known);
    const help = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
    stderr.write(`error: no component from elsewhere is called ${word}${help}\n`);
  }
  if (strange.length > 0) return "refused";
  let isSound = true;
  const book = openLockBook(repository.lockFile, (diagnostic) => {
    isSound &&= diagnostic.severity !== "error";
    tellMistake(diagnostic, { stderr, host });
  });
  const pins = book.inFile();
  if (!isSound) return "refused";
  const fetches = wanted.fetches.filter((one) => namesOf(one).some((name) => words.includes(name)));
  const forgotten = new Set(forgetSources(repository, { fetches, book, host }));
  const gone = new Set(fetches.map(({ source }) => pinNameOf(source)));
  await changeLockFile(repository.root, host, (known) => ({
    pins: [...known.pins].filter((pin) => !gone.has(pinName(pin))),
    components: [...known.components].filter(({ name }) => !words.includes(name)),
  }));
  for (const fetch of fetches) {
    const isPinned = pins.has(pinNameOf(fetch.source) ?? "");
    const parts = [
      ...(isPinned ? ["its pin"] : []),
      ...(forgotten.has(fetch) ? ["what was fetched"] : []),
    ];
    const [name = ""] = namesOf(fetch);
    const what = parts.length === 0 ? "nothing was there" : parts.join(", and ");
    stdout.write(`removed  ${name}: ${what}\n`);
  }
  return "ok";
}
