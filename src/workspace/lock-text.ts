// Pins → the text of a lock file, in which people's comments stay.

import { Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from "yaml";

import { withoutCredentials } from "../action/remote-source.ts";
import type { ComponentPin } from "./component-pin.ts";
import type { Pin } from "./lock-file.ts";

const head = ` Written by kraft-graph: which commit or file each source stands for. "kraft-graph lock" adds
 what is missing, "kraft-graph lock --update" moves pins. Keep it under version control.`;

/** All that a lock file says. */
export interface LockContent {
  readonly pins: Iterable<Pin>;
  readonly components: Iterable<ComponentPin>;
}

/**
 * The lock file with exactly `content`, sorted. Entries of `before`, the text that was there, keep
 * their comments. The same pins give the same text.
 */
export function lockText(content: LockContent, before: string | undefined): string {
  const document = before === undefined ? newDocument() : parseDocument(before);
  const root = document.contents;
  if (!isMap(root)) return lockText(content, undefined);
  const components = [...content.components].map(fieldsOfComponent);
  if (components.length > 0 || root.has("components")) {
    writeList(document, "components", { items: components, nameOf: nameOfComponent });
  }
  if (components.length === 0) root.delete("components");
  writeList(document, "sources", { items: [...content.pins].map(fieldsOf), nameOf });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

interface Entries {
  readonly items: readonly Fields[];
  /** What an entry is of; two entries of a list differ in it. */
  readonly nameOf: (fields: unknown) => string;
}

function writeList(document: Document.Parsed | Document, key: string, entries: Entries): void {
  const root = document.contents as YAMLMap;
  const { nameOf: nameOfEntry } = entries;
  const old = new Map<string, YAMLMap>();
  const list = root.get(key);
  const known = isSeq(list) ? list : undefined;
  if (known !== undefined) giveCommentToFirst(known);
  for (const item of known?.items ?? []) {
    if (isMap(item)) old.set(nameOfEntry(item.toJSON()), item);
  }
  const sorted = entries.items.toSorted((a, b) => (nameOfEntry(a) < nameOfEntry(b) ? -1 : 1));
  const written = known ?? new YAMLSeq();
  written.flow = false;
  written.items = sorted.map((fields) => {
    const node = document.createNode(fields) as YAMLMap;
    const earlier = old.get(nameOfEntry(fields));
    return earlier === undefined ? node : updated(earlier, fields);
  });
  const [first] = written.items;
  if (isMap(first)) first.spaceBefore = false;
  root.set(key, written);
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

function fieldsOfComponent(pin: ComponentPin): Fields {
  const { type, name, version, core, chosen, unikraft, source } = pin;
  const about = { type, name, ...(version && { version }), ...(core && { core }), chosen };
  const isFor = unikraft === undefined ? {} : { unikraft };
  if (source.kind === "git") {
    const { url, reference } = source;
    const git = withoutCredentials(url);
    return { ...about, ...isFor, git, ...(reference && { reference }) };
  }
  const { urls, sha256 } = source;
  return { ...about, ...isFor, archive: withoutCredentials(urls[0]), ...(sha256 && { sha256 }) };
}

function nameOfComponent(fields: unknown): string {
  const { type, name, version, core } = fields as Record<string, unknown>;
  return JSON.stringify([type ?? "", name ?? "", version ?? "", core ?? ""].map(String));
}

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
