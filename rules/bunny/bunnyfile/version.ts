import type { Placed, Reading } from "./reading.ts";

/** The newest version of the format. Source: bunny 0.0.5, hops/validate.go. */
const newest: readonly number[] = [0, 1];

/** Reports a version that is none, or newer than the one that this reader knows. */
export function checkVersion({ text, at }: Placed, reading: Reading): void {
  const match = /^v?(\d+(?:\.\d+)*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (match === null) {
    const message = `"${text}" is no version of bunnyfiles`;
    reading.error({ code: "unsupported-version", message, at, help: "write v0.1" });
    return;
  }
  const parts = (match[1] ?? "").split(".").map(Number);
  const isNewer = comparedTo(newest, parts) > 0;
  if (!isNewer) return;
  const message = `the version ${text} of bunnyfiles is not known; the newest is v0.1`;
  reading.error({ code: "unsupported-version", message, at });
}

/** More than 0 when `parts` is later than `other`, whose missing parts are 0. */
function comparedTo(other: readonly number[], parts: readonly number[]): number {
  for (let i = 0; i < Math.max(parts.length, other.length); i++) {
    const difference = (parts[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
