// What an image says for urunc, the runtime that boots unikernels as containers. Knows no image.

import { sortedRecord } from "./image-config.ts";

/** What an image tells urunc, by the keys without their prefix, such as `hypervisor`. */
export type UruncFacts = Readonly<Record<string, string>>;

/** What stands before each key of urunc. */
export const uruncPrefix = "com.urunc.unikernel.";

/** Where an image holds its annotations for runtimes that are given none. */
export const uruncJsonPath = "/urunc.json";

/** `facts` as annotations of a manifest and labels of a config: plain, by their full keys. */
export function uruncAnnotationsOf(facts: UruncFacts): Record<string, string> {
  const entries = Object.entries(facts).map(([key, value]) => [`${uruncPrefix}${key}`, value]);
  return sortedRecord(Object.fromEntries(entries) as Record<string, string>);
}

/**
 * The text of `/urunc.json` for `annotations`, byte for byte as bunny writes it: one line, keys
 * sorted, values in base64. Source: bunny, hops/package.go; encoding/json of Go.
 */
export function uruncJsonOf(annotations: Readonly<Record<string, string>>): string {
  const members = Object.keys(annotations)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((key) => {
      const value = Buffer.from(annotations[key]!).toString("base64");
      return `${goString(key)}:${JSON.stringify(value)}`;
    });
  return `{${members.join(",")}}`;
}

/** As Go writes strings, which escapes what means something in HTML. */
function goString(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
