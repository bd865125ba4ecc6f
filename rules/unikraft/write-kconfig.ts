// New values of options → the text of a Kraftfile, in which nothing else changes its meaning.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  YAMLMap,
  YAMLSeq,
} from "yaml";

import type { OptionChange, OptionPlace, Source, Span } from "../../src/index.ts";

/**
 * The text of `source` with `changes`: each where the option stands that counts now, else with the
 * options of the core, for all targets, or with those of the one target.
 */
export function writeKconfig(
  source: Source,
  changes: readonly OptionChange[],
  { target, isForTarget }: OptionPlace,
): string {
  const document = parseDocument(source.text);
  const holders = holdersIn(document, target);
  const standard = isForTarget ? holders.at(-1) : holders[0];
  for (const change of changes) {
    const holder = holders.findLast((one) => hasOption(one, change.name, document)) ?? standard;
    if (holder !== undefined) setOption(holder, change, document);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** A part of a Kraftfile that can have options; the later one counts more. */
interface Holder {
  readonly kind: "component" | "target";
  readonly get: () => unknown;
  readonly set: (value: Node) => void;
}

function holdersIn(document: Document, { start }: Span): Holder[] {
  const root = document.contents;
  if (!isMap(root)) return [];
  const holders: Holder[] = [];
  const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
    map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  const add = (kind: Holder["kind"], pair: Pair | undefined): void => {
    if (pair === undefined) return;
    holders.push({
      kind,
      get: () => resolved(pair.value, document),
      set: (to) => (pair.value = to),
    });
  };
  add("component", pairOf(root, "unikraft"));
  const libraries = resolved(pairOf(root, "libraries")?.value, document);
  if (isMap(libraries)) for (const pair of libraries.items) add("component", pair);
  if (isSeq(libraries)) {
    for (const index of libraries.items.keys()) {
      holders.push(itemHolder("component", { list: libraries, index }, document));
    }
  }
  const targets = resolved(pairOf(root, "targets")?.value, document);
  if (!isSeq(targets)) return holders;
  const index = targets.items.findIndex((item) => covers(item, start));
  if (index >= 0) holders.push(itemHolder("target", { list: targets, index }, document));
  return holders;
}

/** The item at `index` of `list`. In a list, a library may be a map of its name alone. */
function itemHolder(
  kind: Holder["kind"],
  { list, index }: { readonly list: YAMLSeq; readonly index: number },
  document: Document,
): Holder {
  const item = resolved(list.items[index], document);
  const [only, second] = isMap(item) ? item.items : [];
  if (kind === "component" && only !== undefined && second === undefined && isMap(only.value)) {
    return { kind, get: () => only.value, set: (to) => (only.value = to) };
  }
  const get = (): unknown => resolved(list.items[index], document);
  return { kind, get, set: (to) => (list.items[index] = to) };
}

function covers(item: unknown, offset: number): boolean {
  const range = (item as Partial<Node> | undefined)?.range;
  return range !== undefined && range !== null && range[0] <= offset && offset < range[1];
}

function resolved(value: unknown, document: Document): unknown {
  return isAlias(value) ? value.resolve(document) : value;
}

function kconfigOf({ get }: Holder, document: Document): YAMLMap | YAMLSeq | undefined {
  const value = get();
  const kconfig = isMap(value) ? resolved(value.get("kconfig", true), document) : undefined;
  return isMap(kconfig) || isSeq(kconfig) ? kconfig : undefined;
}

function hasOption(holder: Holder, name: string, document: Document): boolean {
  const kconfig = kconfigOf(holder, document);
  return isMap(kconfig) ? kconfig.has(name) : itemFor(kconfig, name) !== undefined;
}

/** The item `NAME=…` of a list of options. */
function itemFor(list: YAMLSeq | undefined, name: string): Scalar | undefined {
  return list?.items.findLast(
    (item): item is Scalar => isScalar(item) && String(item.value).startsWith(`${name}=`),
  );
}

function setOption(holder: Holder, { name, value }: OptionChange, document: Document): void {
  const kconfig = kconfigOf(holder, document) ?? newKconfig(holder, document);
  if (isSeq(kconfig)) {
    const item = itemFor(kconfig, name);
    if (item === undefined) kconfig.add(`${name}=${value}`);
    else item.value = `${name}=${value}`;
    return;
  }
  const old = kconfig.get(name, true);
  const written = scalarValue(value);
  if (isScalar(old)) {
    old.value = written;
    // How the old one was written may make another value of the new one.
    delete old.source;
    delete old.type;
    delete old.format;
  } else kconfig.set(name, written);
}

/** Whole numbers stand without quotes. */
function scalarValue(value: string): string | number {
  const isNumber = /^-?(0|[1-9]\d*)$/.test(value) && Number.isSafeInteger(Number(value));
  return isNumber ? Number(value) : value;
}

/** An empty `kconfig` in `holder`, which is made a map if it is in its short form. */
function newKconfig(holder: Holder, document: Document): YAMLMap {
  const kconfig = new YAMLMap();
  kconfig.flow = false;
  const value = holder.get();
  if (isMap(value)) {
    value.flow = false;
    value.set("kconfig", kconfig);
    return kconfig;
  }
  const text = isScalar(value) && typeof value.value === "string" ? value.value : undefined;
  const map = document.createNode({}) as YAMLMap;
  for (const [key, part] of longForm(holder.kind, text)) map.set(key, part);
  const [first] = map.items;
  if (isScalar(value)) {
    map.commentBefore = value.commentBefore ?? null;
    const comment = new Scalar(first?.value);
    comment.comment = value.comment ?? null;
    if (first !== undefined) first.value = comment;
  }
  map.set("kconfig", kconfig);
  holder.set(map);
  return kconfig;
}

/** What a component or target says in one word, as the keys of a map. */
function longForm(
  kind: Holder["kind"],
  text: string | undefined,
): readonly (readonly [string, string])[] {
  if (text === undefined) return [];
  if (kind === "target") {
    const [platform = "", ...rest] = text.split("/");
    return [
      ["platform", platform],
      ["architecture", rest.join("/")],
    ];
  }
  const isSource = /[/:]/.test(text) || text.startsWith(".");
  return [[isSource ? "source" : "version", text]];
}
