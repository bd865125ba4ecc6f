import {
  type Entry,
  type MapValue,
  type Value,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";
import { type Component, isComponentName, readComponent } from "./component.ts";
import { type Reading, pointerToItem } from "./reading.ts";

/**
 * `libraries`: a map from names to components; or a list, of names, of maps with a `name`, and of
 * maps with one key, the name. Source: kraftkit.md §1.4.
 */
export function readLibraries(entry: Entry | undefined, reading: Reading): readonly Component[] {
  if (entry === undefined) return [];
  const libraries = new Map<string, Component>();
  for (const library of librariesIn(entry, reading)) {
    const earlier = libraries.get(library.name);
    libraries.set(library.name, library);
    if (earlier === undefined) continue;
    reading.warn({
      code: "duplicate-key",
      message: `the library ${library.name} stands here again; the last one counts`,
      at: library.at,
      related: [{ message: "first here", at: earlier.at }],
    });
  }
  return [...libraries.values()];
}

function librariesIn(entry: Entry, reading: Reading): Component[] {
  const { value } = entry;
  if (value.kind === "map") {
    return [...value.entries.values()].flatMap((one) => namedLibrary(one, reading) ?? []);
  }
  if (value.kind === "list") {
    return value.items.flatMap((item) => listedLibrary(item, reading) ?? []);
  }
  reading.error({
    code: "wrong-type",
    message: `\`libraries\` must be a map, not ${kindNameOf(value)}`,
    at: pointerTo(entry),
    help: "write `lwip: stable` on a line of its own below it",
  });
  return [];
}

function namedLibrary(entry: Entry, reading: Reading): Component | undefined {
  return isUsable(entry, reading) ? readComponent(entry, entry.key, reading) : undefined;
}

function listedLibrary(item: Value, reading: Reading): Component | undefined {
  if (item.kind === "scalar" && typeof item.value === "string") {
    const name = item.value;
    const isName = isUsable({ key: name, keyAt: item.at, value: item }, reading);
    return isName ? { name, kconfig: [], at: item.at } : undefined;
  }
  const entry = item.kind === "map" ? entryOf(item) : undefined;
  if (entry !== undefined) return namedLibrary(entry, reading);
  return reading.error({
    code: "bad-component",
    message: "a library in a list must be a name, or a map with `name`",
    at: pointerToItem(item),
  });
}

/** The one entry that `item` would be in a map of libraries. */
function entryOf(item: MapValue): Entry | undefined {
  const name = item.entries.get("name")?.value;
  if (name?.kind === "scalar" && typeof name.value === "string") {
    const entries = new Map([...item.entries].filter(([key]) => key !== "name"));
    return { key: name.value, keyAt: name.at, value: { ...item, entries } };
  }
  const [only, second] = item.entries.values();
  const isNamed =
    only !== undefined && !["name", "version", "source", "kconfig"].includes(only.key);
  return isNamed && second === undefined ? only : undefined;
}

function isUsable({ key, keyAt }: Entry, { error }: Reading): boolean {
  if (isComponentName(key)) return true;
  const message = `${JSON.stringify(key)} can be no library's name`;
  const help = "a name has letters, digits, `-`, `_`, `.` and `+`";
  error({ code: "bad-name", message, at: keyAt, help });
  return false;
}
