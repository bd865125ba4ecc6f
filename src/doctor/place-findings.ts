// The places that builds write to: whether they can, and how much room there is.

import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

import type { Label } from "../label/label.ts";
import { errorCode } from "../store/store-error.ts";
import type { Finding } from "./finding.ts";

/** Where a build writes. Both absolute, and need not be there. */
export interface Places {
  readonly cache: string;
  /** Absent: there is no workspace. */
  readonly state: string | undefined;
  readonly labels: readonly Label[];
}

/** With less, a build of many images may not come to its end. */
const enoughBytes = 2 * 2 ** 30;

/** What is known of the cache and of the workspace's own directory. */
export function placeFindings({ cache, state, labels }: Places): Finding[] {
  const findings = [placeFinding("cache", cache, labels)];
  if (state === undefined) return findings;
  findings.push(placeFinding("workspace", state, labels));
  if (deviceOf(cache) !== deviceOf(state)) {
    findings.push({
      subject: "links",
      verdict: "limited",
      detail: "the cache is on another file system than the workspace: outputs are copied",
      affects: [],
      help: "set cache.dir to a directory of the same file system",
    });
  }
  return findings;
}

function placeFinding(subject: string, path: string, labels: readonly Label[]): Finding {
  const at = nearestThere(path);
  try {
    accessSync(at, constants.W_OK | constants.X_OK);
    if (!statSync(at).isDirectory()) return bad(`${at} is no directory`);
  } catch (cause) {
    return bad(`${path} cannot be written to (${errorCode(cause) ?? "unknown"})`);
  }
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  const detail = `${path}: ${(free / 2 ** 30).toFixed(1)} GiB free`;
  if (free >= enoughBytes) return { subject, verdict: "good", detail, affects: labels };
  const help = "kraft-graph cache gc";
  return { subject, verdict: "limited", detail, affects: labels, help };

  function bad(reason: string): Finding {
    return { subject, verdict: "bad", detail: reason, affects: labels };
  }
}

function deviceOf(path: string): number | undefined {
  return statSync(nearestThere(path), { throwIfNoEntry: false })?.dev;
}

/** `path`, or the nearest directory above that is there. */
function nearestThere(path: string): string {
  let at = path;
  while (at !== "/" && !isThere(at)) at = dirname(at);
  return at;
}

/** A directory that may not be looked into is taken for absent, and the one above is blamed. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
