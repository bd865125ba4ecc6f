import { type Entry, type Span, pointerTo } from "../../../src/index.ts";
import { type Reading, hasControlCharacters, stringOf } from "./reading.ts";

/** What a project is called, with its place. */
export interface ProjectName {
  readonly value: string;
  readonly at: Span;
}

/** `name`; not normalized, as kernels are called by it. Source: kraftkit.md §1.6. */
export function readName(entry: Entry | undefined, reading: Reading): ProjectName | undefined {
  const value = stringOf(entry, "wrong-type", reading);
  if (entry === undefined || value === undefined) return undefined;
  const at = pointerTo(entry);
  if (value.trim() !== "" && !value.includes("/") && !hasControlCharacters(value)) {
    return { value, at };
  }
  const message = `${JSON.stringify(value)} can be no project's name`;
  const help = "files are called by it, so it may not be empty, nor have a slash";
  return reading.error({ code: "bad-name", message, at, help });
}

/**
 * `name` as KraftKit has it where a project must have a plain name; may be empty.
 * Source: kraftkit.md §1.6.
 */
export function projectNameOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}
