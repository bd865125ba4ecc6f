// The directory in which one build has its sandboxes, and what dead builds left. Starts nothing.

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

import type { Host } from "../base/host.ts";
import { readIfThere } from "../store/process-identity.ts";
import { errorCode, writeError } from "../store/store-error.ts";
import { readProcessState } from "./process-state.ts";
import { removeTree } from "./remove-tree.ts";

type BuildHost = Pick<Host, "processId" | "epochMs" | "kill">;

/**
 * Makes a directory below `parent` that is this build's alone, and gives its path. Its name, the
 * text form `<prefix><process id>-<start>-<system>-<random>`, tells whether the build is still
 * alive; a prefix tells it from what others have in `parent`.
 */
export function makeBuildDirectory(
  parent: string,
  { processId }: BuildHost,
  prefix: string = "",
): string {
  const start = startOf(processId) ?? "0";
  try {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, `${prefix}${processId}-${start}-${system()}-`));
  } catch (cause) {
    throw writeError(cause, parent);
  }
}

/** Removes the directories below `parent` of builds that are not alive any more. */
export function removeDeadBuilds(parent: string, host: BuildHost, prefix: string = ""): void {
  for (const name of namesIn(parent)) {
    const own = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!buildName.test(own) || isAlive(join(parent, name), own, host)) continue;
    try {
      removeTree(join(parent, name));
    } catch {
      // Another build is at it as well, or it is not ours to remove; neither harms this one.
    }
  }
}

const buildName = /^\d+-\d+-[0-9a-z]+-\w+$/;

/** How long a build is believed to go on whose process cannot be asked after. */
const doubtMs = 86_400_000;

function isAlive(path: string, name: string, host: BuildHost): boolean {
  const [processId = "", start, where] = name.split("-");
  if (where !== system()) {
    // Another machine, container or boot shares the workspace.
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && host.epochMs() - stats.mtimeMs < doubtMs;
  }
  if (start !== "0") return startOf(Number(processId)) === start;
  try {
    host.kill(Number(processId), 0);
    return true;
  } catch (cause) {
    return errorCode(cause) === "EPERM"; // It is another user's.
  }
}

/** When the process began; undefined when it is gone, or without /proc. */
function startOf(processId: number): string | undefined {
  return readProcessState(processId)?.start;
}

/** This boot of this machine, and the process namespace, in which process ids mean something. */
function system(): string {
  const boot = readIfThere("/proc/sys/kernel/random/boot_id") ?? "";
  return `${boot.slice(0, 8)}${namespace().replace(/\D/g, "")}` || "unknown";
}

function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
