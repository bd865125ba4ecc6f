import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import { isMap, isScalar, isSeq, parseDocument } from "yaml";

import { manifestSources } from "../engine/kept-manifests.ts";
import { writeError } from "../store/store-error.ts";
import { workspaceFileName } from "../workspace/root.ts";
import type { exitCodes } from "./context.ts";
import type { PkgPlace, PkgWords } from "./pkg-place.ts";

/** `kraft-graph pkg source [ADDRESS…]`: without one, lists what there is. */
export async function addSource(
  { words }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { repository, context } = place;
  const { stdout, stderr } = context;
  if (words.length === 0) {
    for (const source of manifestSources(repository)) stdout.write(`${source}\n`);
    return "ok";
  }
  const known = stated(place);
  const added = [...new Set(words.map((word) => writtenAs(word, place)))];
  const absent = added.filter((one) => !one.includes("://") && !isThere(one, place));
  for (const one of absent) stderr.write(`error: there is no file ${one}\n`);
  if (absent.length > 0) return "refused";
  const fresh = added.filter((one) => !known.includes(one));
  for (const one of added.filter((word) => !fresh.includes(word))) {
    stderr.write(`note: ${one} is a source already\n`);
  }
  if (fresh.length > 0) writeSources([...known, ...fresh], place);
  for (const one of fresh) stdout.write(`added    ${one}\n`);
  return "ok";
}

/** `kraft-graph pkg unsource ADDRESS…` */
export async function removeSource(
  { words }: PkgWords,
  place: PkgPlace,
): Promise<keyof typeof exitCodes> {
  const { stdout, stderr } = place.context;
  const known = stated(place);
  const gone = words.map((word) => (known.includes(word) ? word : writtenAs(word, place)));
  const strange = gone.filter((one) => !known.includes(one));
  for (const one of strange) {
    stderr.write(`error: ${one} is no source; "kraft-graph pkg source" lists them\n`);
  }
  if (words.length === 0) stderr.write("error: pkg unsource: say which source\n");
  if (strange.length > 0 || words.length === 0) return "refused";
  writeSources(
    known.filter((one) => !gone.includes(one)),
    place,
  );
  for (const one of gone) stdout.write(`removed  ${one}\n`);
  return "ok";
}

/** The sources as they are written. */
function stated({ repository }: PkgPlace): readonly string[] {
  return repository.settings.values["sources.manifests"].value;
}

/** A path as the workspace file has it, from its own directory when it is below. */
function writtenAs(word: string, { repository: { root }, context: { host } }: PkgPlace): string {
  if (word.includes("://")) return word;
  const absolute = posix.resolve(host.workingDirectory, word);
  const relative = posix.relative(root, absolute);
  return relative.startsWith("../") ? absolute : relative;
}

function isThere(path: string, { repository: { root } }: PkgPlace): boolean {
  return existsSync(posix.resolve(root, path));
}

/** Comments, and all else that the file says, stay. */
function writeSources(
  sources: readonly string[],
  { repository, context: { host } }: PkgPlace,
): void {
  const path = posix.join(repository.root, workspaceFileName);
  const document = parseDocument(existsSync(path) ? readFileSync(path, "utf8") : "version: 1\n");
  if (!isMap(document.get("sources"))) document.set("sources", document.createNode({}));
  const list = document.getIn(["sources", "manifests"], true);
  if (isSeq(list)) {
    // Those that stay keep their comments.
    list.items = sources.map(
      (one) =>
        list.items.find((item) => isScalar(item) && item.value === one) ?? document.createNode(one),
    );
  } else document.setIn(["sources", "manifests"], document.createNode(sources));
  const draft = `${path}.${host.processId}`;
  try {
    writeFileSync(draft, document.toString({ lineWidth: 0 }));
    renameSync(draft, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}
