import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";

/**
 * The time that outputs give as theirs, in seconds since 1970: SOURCE_DATE_EPOCH, or 0.
 *
 * Source: reproducible-builds.org, SOURCE_DATE_EPOCH specification 1.1.
 */
export function sourceDateEpochOf(env: Host["env"], report: Report): number {
  const text = env["SOURCE_DATE_EPOCH"];
  if (text === undefined || text === "") return 0;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seconds)) return seconds;
  report({
    severity: "error",
    code: "bad-attribute",
    message: `SOURCE_DATE_EPOCH is "${text}", and not a number of seconds since 1970`,
  });
  return 0;
}
