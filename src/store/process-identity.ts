// Tells a process from a later one with the same id. Starts none, and ends none.

import { readFileSync, readlinkSync } from "node:fs";

/**
 * What tells the process from a later one with the same id.
 * Text form: `<boot id> <process id namespace> <start of the process>`; the last is `gone` when
 * there is no such process, and each is `?` where the system does not tell, as on macOS.
 */
export function identityOf(processId: number): string {
  const boot = readIfThere("/proc/sys/kernel/random/boot_id")?.trim() ?? "?";
  return `${boot} ${namespaceOf()} ${startOf(processId)}`;
}

/** Whether the process behind `identity` can be looked up from the place that `here` tells. */
export function isComparable(identity: string, here: string): boolean {
  const [boot, namespace] = identity.split(" ");
  const [ownBoot, ownNamespace] = here.split(" ");
  return boot === ownBoot && namespace === ownNamespace && boot !== "?" && namespace !== "?";
}

function namespaceOf(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "?";
  }
}

/** Clock ticks between boot and the start of the process. Source: proc_pid_stat(5), field 22. */
function startOf(processId: number): string {
  const stat = readIfThere(`/proc/${processId}/stat`);
  if (stat === undefined) return "gone";
  // The name of the program, field 2, may hold spaces and parentheses.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" ? "gone" : (rest[18] ?? "?");
}

/** The text of the file at `path`; undefined when it cannot be read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
