// What the readers of all attributes share: ways to complain, and to look at values.

import {
  type Diagnostic,
  type Entry,
  type LoadContext,
  type MapValue,
  type Span,
  type Value,
  didYouMean,
  isNothing,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";

/** One Kraftfile being read. */
export interface Reading {
  /** True for v0.7, which has no interpolation, and never looks at the disk to read a string. */
  readonly isV07: boolean;
  /** Reports what makes the file unusable; gives undefined, so that readers can return it. */
  readonly error: (mistake: Mistake) => undefined;
  /** Reports what KraftKit would pass over in silence, but hardly anybody means. */
  readonly warn: (mistake: Mistake) => undefined;
  readonly kindOf: LoadContext["kindOf"];
}

/** The reading of a file in which `isV07`, whose mistakes go to `report`. */
export function readingOf(
  isV07: boolean,
  { report, kindOf }: Pick<LoadContext, "report" | "kindOf">,
): Reading {
  const complain = (severity: Diagnostic["severity"]) => (mistake: Mistake) => {
    const { message, help } = mistake;
    const oneLine = { message: inOneLine(message), ...(help && { help: inOneLine(help) }) };
    report({ severity, ...mistake, ...oneLine });
    return undefined;
  };
  return { isV07, kindOf, error: complain("error"), warn: complain("warning") };
}

/** Keys and values stand in messages, and may have line breaks. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/** A diagnostic whose severity the reading adds. */
export type Mistake = Omit<Diagnostic, "severity">;

/** The keys that a map may have. */
export interface Vocabulary {
  /** Whose keys they are, as in "`kconig` is no key of <owner>". */
  readonly owner: string;
  readonly keys: readonly string[];
  /** Keys that other versions had, with what to write in their place. */
  readonly retired?: Readonly<Record<string, string>>;
}

/**
 * What `map` says, by key: a key that is not of `vocabulary` gets a warning, one that says
 * nothing counts as absent, and `x-` keys are extensions, which mean nothing.
 */
export function fieldsOf(
  map: MapValue,
  { owner, keys, retired = {} }: Vocabulary,
  { warn }: Reading,
): ReadonlyMap<string, Entry> {
  const fields = new Map<string, Entry>();
  for (const entry of map.entries.values()) {
    const { key, keyAt } = entry;
    if (keys.includes(key)) {
      if (!isNothing(entry.value)) fields.set(key, entry);
    } else if (!key.startsWith("x-")) {
      const help = Object.hasOwn(retired, key) ? { help: retired[key]! } : didYouMean(key, keys);
      warn({
        code: "unknown-attribute",
        message: `\`${key}\` is no key of ${owner}, and has no effect`,
        at: keyAt,
        ...help,
      });
    }
  }
  return fields;
}

/** Text, or a number or boolean as it is written; undefined for all else. */
export function textOf(value: Value): string | undefined {
  return value.kind === "scalar" && !isNothing(value) ? value.text : undefined;
}

/** The text of the entry of a key; anything but text is an error, and undefined. */
export function stringOf(
  entry: Entry | undefined,
  code: Mistake["code"],
  { error }: Reading,
): string | undefined {
  if (entry === undefined) return undefined;
  const { key, value } = entry;
  if (value.kind === "scalar" && typeof value.value === "string") return value.value;
  const help = value.kind === "scalar" ? { help: `put quotes around it: "${value.text}"` } : {};
  return error({
    code,
    message: `\`${key}\` must be text, not ${kindNameOf(value)}`,
    at: pointerTo(entry),
    ...help,
  });
}

/** Where to point for an item of a list: a map is best shown by its first key. */
export function pointerToItem(value: Value): Span {
  if (value.kind !== "map") return value.at;
  return [...value.entries.values()][0]?.keyAt ?? value.at;
}

/** True for what cannot be in a path or a name on any system. */
export function hasControlCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return /[\u0000-\u001f\u007f]/.test(text);
}
