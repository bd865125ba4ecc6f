// What the readers of all fields share: ways to complain, and to look at values.

import {
  type Diagnostic,
  type Entry,
  type MapValue,
  type Report,
  type Span,
  didYouMean,
  isNothing,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";

/** Text of a file, with its place. */
export interface Placed {
  readonly text: string;
  readonly at: Span;
}

/** A diagnostic whose severity the reading adds. */
export type Mistake = Omit<Diagnostic, "severity">;

/** One file being read. */
export class Reading {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Gives undefined, so that readers can return it. */
  error(mistake: Mistake): undefined {
    this.#report({ severity: "error", ...mistake, message: inOneLine(mistake.message) });
  }

  /** For what bunny would pass over in silence, but hardly anybody means. */
  warn(mistake: Mistake): undefined {
    this.#report({ severity: "warning", ...mistake, message: inOneLine(mistake.message) });
  }

  /** The entries of `map` by key, less those that say nothing; unknown ones get a warning. */
  fieldsOf(map: MapValue, owner: string, keys: readonly string[]): ReadonlyMap<string, Entry> {
    const fields = new Map<string, Entry>();
    for (const entry of map.entries.values()) {
      if (keys.includes(entry.key)) {
        if (!isNothing(entry.value)) fields.set(entry.key, entry);
      } else if (!entry.key.startsWith("x-")) {
        const message = `\`${entry.key}\` is no key of ${owner}, and has no effect`;
        const help = didYouMean(entry.key, keys);
        this.warn({ code: "unknown-attribute", message, at: entry.keyAt, ...help });
      }
    }
    return fields;
  }

  /** The map of `entry`; anything else is an error, and undefined. */
  mapOf(entry: Entry): MapValue | undefined {
    if (entry.value.kind === "map") return entry.value;
    const message = `\`${entry.key}\` must be a map, not ${kindNameOf(entry.value)}`;
    return this.error({ code: "wrong-type", message, at: pointerTo(entry) });
  }

  /** The text of `entry`, as it is written; a list or a map is an error, and undefined. */
  textOf(entry: Entry | undefined): Placed | undefined {
    if (entry === undefined) return undefined;
    const { key, value } = entry;
    if (value.kind === "scalar") return { text: value.text, at: value.at };
    const message = `\`${key}\` must be text, not ${kindNameOf(value)}`;
    return this.error({ code: "wrong-type", message, at: pointerTo(entry) });
  }

  /** Like {@link textOf}; undefined, too, when it says nothing. */
  saidText(entry: Entry | undefined): Placed | undefined {
    return saysSomething(entry) ? this.textOf(entry) : undefined;
  }

  /** Like {@link textOf}, of a key that must be there and say something. */
  needed(entry: Entry | undefined, missing: string, at: Span, help?: string): Placed | undefined {
    const placed = this.textOf(entry);
    if (placed !== undefined && placed.text !== "") return placed;
    if (entry !== undefined && placed === undefined) return undefined;
    const mistake = { code: "missing-attribute", message: missing } as const;
    return this.error({
      ...mistake,
      at: placed?.at ?? at,
      ...(help === undefined ? {} : { help }),
    });
  }

  /** A list of text, each with its place; what else it is, is an error, and left out. */
  textsOf(entry: Entry | undefined): readonly Placed[] | undefined {
    if (entry === undefined) return undefined;
    const { key, value } = entry;
    if (value.kind !== "list") {
      const help = value.kind === "scalar" ? { help: `write [${quoted(value.text)}]` } : {};
      const message = `\`${key}\` must be a list, not ${kindNameOf(value)}`;
      return this.error({ code: "wrong-type", message, at: pointerTo(entry), ...help });
    }
    return value.items.flatMap((item) => {
      if (item.kind === "scalar") return { text: item.text, at: item.at };
      const message = `\`${key}\` must be a list of text, and this is ${kindNameOf(item)}`;
      return this.error({ code: "wrong-type", message, at: item.at }) ?? [];
    });
  }
}

/** Whether `entry` is there, and no empty text, which Go has for what is absent. */
export function saysSomething(entry: Entry | undefined): boolean {
  return entry !== undefined && !(entry.value.kind === "scalar" && entry.value.text === "");
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Keys and values stand in messages, and may have line breaks. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
