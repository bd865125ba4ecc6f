// What diagnostics say of a value, and where they point. Knows no schema.

import type { Span } from "../diagnostic/diagnostic.ts";
import type { Entry, Value } from "./document.ts";

/** True where a value could stand and none does. */
export function isNothing(value: Value): boolean {
  return value.kind === "scalar" && value.value === null && !value.isQuoted;
}

/** What `value` is, as diagnostics call it. */
export function kindNameOf(value: Value): string {
  if (value.kind !== "scalar") return `a ${value.kind}`;
  if (typeof value.value === "string") return "text";
  return isNothing(value) ? "an empty value" : `a ${typeof value.value}`;
}

/** Where to point for `entry`: a block of several lines is best shown by its key. */
export function pointerTo({ keyAt, value }: Entry): Span {
  return value.kind === "scalar" && value.at.start < value.at.end ? value.at : keyAt;
}
