// What /proc says about processes. Starts none, and ends none.

import { readFileSync, readdirSync } from "node:fs";

/** A process that has not ended. */
interface ProcessState {
  readonly group: number;
  /** Clock ticks between boot and its start. */
  readonly start: string;
}

/**
 * The process with this id; undefined when it is gone, even if nobody has asked for its status
 * yet, and where there is no /proc. Source: proc_pid_stat(5), fields 3, 5 and 22.
 */
export function readProcessState(processId: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
    // The name of the program, field 2, may hold spaces and parentheses.
    const [state, , group, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X" || group === undefined) return undefined;
    return { group: Number(group), start: rest[16] ?? "" };
  } catch {
    return undefined;
  }
}

/**
 * Whether a process of the group has not ended. A signal cannot tell: where the first process of
 * a container reaps nothing, those that ended stay in their group. True where there is no /proc.
 */
export function isGroupAlive(group: number): boolean {
  const ids = processIds();
  return ids === undefined || ids.some((id) => readProcessState(id)?.group === group);
}

function processIds(): number[] | undefined {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return undefined;
  }
}
