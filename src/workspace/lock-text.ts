// Pins → the text of a lock file, in which people's comments stay.

import { Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from "yaml";

import { withoutCredentials } from "../action/remote-source.ts";
import type { Pin } from "./lock-file.ts";

const head = ` Written by kraft-graph: which commit or file each source stands for. "kraft-graph lock" adds
 what is missing, "kraft-graph lock --update" moves pins. Keep it under version control.`;

/**
 * The lock file with exactly `pins`, sorted. Entries of `before`, the text that was there, keep
 * their comments. The same pins give the same text.
 */
export function lockText(pins: Iterable<Pin>, before: string | undefined): string {
  const document = before === undefined ? newDocument() : parseDocument(before);
  const root = document.contents;
  if (!isMap(root)) return lockText(pins, undefined);
  const old = new Map<string, YAMLMap>();
  const list = root.get("sources");
  const known = isSeq(list) ? list : undefined;
  if (known !== undefined) giveCommentToFirst(known);
  for (const item of known?.items ?? []) if (isMap(item)) old.set(nameOf(item.toJSON()), item);
  const written = [...pins].map((pin) => fieldsOf(pin));
  written.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const sources = known ?? new YAMLSeq();
  sources.flow = false;
  sources.items = written.map((fields) => {
    const node = document.createNode(fields) as YAMLMap;
    const earlier = old.get(nameOf(fields));
    return earlier === undefined ? node : updated(earlier, fields);
  });
  const [first] = sources.items;
  if (isMap(first)) first.spaceBefore = false;
  root.set("sources", sources);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** What stands before the first entry is about that one, which may come to stand elsewhere. */
function giveCommentToFirst(list: YAMLSeq): void {
  const [first] = list.items;
  if (!isMap(first) || list.commentBefore == null) return;
  first.commentBefore = list.commentBefore;
  list.commentBefore = null;
}

type Fields = Readonly<Record<string, string | number>>;

function newDocument(): Document {
  const document = new Document({ version: 1, sources: [] });
  document.commentBefore = head;
  return document;
}

function fieldsOf(pin: Pin): Fields {
  const url = withoutCredentials(pin.url);
  if (pin.kind === "image") return { image: url, platform: pin.reference, digest: pin.digest };
  if (pin.kind !== "git") return { [pin.kind]: url, sha256: pin.sha256, size: pin.sizeBytes };
  const { reference, ref, commit } = pin;
  return { git: url, ...(reference && { reference }), ...(ref && { ref }), commit };
}

/** What an entry is of; two entries of a lock file differ in it. */
function nameOf(fields: unknown): string {
  const { git, archive, file, image, reference, platform } = fields as Record<string, unknown>;
  const names = [git ?? archive ?? file ?? image ?? "", reference ?? platform ?? ""];
  return JSON.stringify(names.map(String));
}

/** `entry` with other values, in the places of the old ones. */
function updated(entry: YAMLMap, fields: Fields): YAMLMap {
  for (const { key } of entry.items.slice()) {
    const name = String(key);
    if (!(name in fields)) entry.delete(key);
  }
  for (const [key, value] of Object.entries(fields)) {
    if (entry.get(key) !== value) entry.set(key, value);
  }
  return entry;
}
