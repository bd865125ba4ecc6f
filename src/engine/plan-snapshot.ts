// What the build files came to when they were last read, so that they need not be read again when
// only sources changed. Knows no result of an action: each action is looked at all the same.

import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Action, ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import { digestStream } from "../digest/digest.ts";
import type { Label } from "../label/label.ts";
import { readLines, writeLines } from "../store/line-file.ts";
import { removeFile } from "../store/whole-file.ts";
import { type Consulted, renewed } from "../workspace/consulted.ts";
import { type Disk, nodeDisk } from "../workspace/disk.ts";
import type { MemoResult } from "./memo.ts";

/** A build before anything of it is carried out. */
export interface BuildPlan {
  readonly packages: number;
  readonly targets: number;
  /** See `Analysis`. */
  readonly actions: readonly Action[];
  readonly components: readonly (readonly [ExecPath, string])[];
  /** Of the targets that were chosen, sorted by label. */
  readonly results: readonly (readonly [Label, MemoResult])[];
  /** All that was read of the workspace to know the above. */
  readonly consulted: readonly Consulted[];
}

type PlanHost = Pick<Host, "epochMs" | "processId">;

/** How to tell whether a plan still holds. */
export interface PlanCheck {
  /** `content` reads all files again; absent: `stamp`. */
  readonly check?: "stamp" | "content";
  /** Absent: the machine's. */
  readonly disk?: Disk | undefined;
}

/**
 * The plan in the file `path`, if reading the workspace again would give the same; undefined when
 * it would not, or nobody can tell. It is only right for the request that it was made for.
 */
export function readPlan(
  path: string,
  host: PlanHost,
  { check = "stamp", disk = nodeDisk }: PlanCheck = {},
): BuildPlan | undefined {
  const plan = storedPlan(path);
  const from = { disk, epochMs: host.epochMs, check };
  const consulted = plan && renewed(plan.consulted, from);
  if (plan === undefined || consulted === undefined) return undefined;
  if (consulted === plan.consulted) return plan;
  const current = { ...plan, consulted };
  // Files that were read by content, as they had just been touched, are then known by their times.
  writePlan(path, current, host);
  return current;
}

/**
 * `plan` as it is read from a file: for who keeps it long. Texts that rules put together hold what
 * they were put together from, and take twice the memory.
 */
export function compacted(plan: BuildPlan): BuildPlan {
  const { actions, consulted, ...rest } = plan;
  return { ...copyOf(rest), actions: actions.map(copyOf), consulted: consulted.map(copyOf) };
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T; // It is what a file of it would hold.
}

/** Writes `plan` to `path`, if it can be: it only saves work. */
export function writePlan(path: string, plan: BuildPlan, { processId }: PlanHost): void {
  const draft = `${path}.${processId}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeLines(draft, linesOf(plan));
    renameSync(draft, path);
    prune(dirname(path));
  } catch {
    // What is wrong with the disk is told by the store, without which nothing can be built.
    removeFile(draft);
  }
}

/** How many plans are kept: each is of another request, and some kilobytes for each action. */
const keptPlans = 8;

/** Removes the plans that were written longest ago. */
function prune(directory: string): void {
  const files = readdirSync(directory).map((name) => join(directory, name));
  if (files.length <= keptPlans) return;
  const writtenMs = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const dated = files.map((file) => [writtenMs(file), file] as const).sort(([a], [b]) => b - a);
  for (const [, file] of dated.slice(keptPlans)) rmSync(file, { force: true });
}

/** The small parts, a line for each action and for each path that was consulted, and a checksum. */
function* linesOf({ actions, consulted, ...rest }: BuildPlan): Generator<string> {
  const checksum = digestStream();
  const head = { ...rest, actions: actions.length, consulted: consulted.length };
  for (const part of [head, ...actions, ...consulted]) {
    const line = JSON.stringify(part);
    checksum.update(Buffer.from(line));
    yield line;
  }
  yield checksum.digest();
}

function storedPlan(path: string): BuildPlan | undefined {
  try {
    const checksum = digestStream();
    const parts: unknown[] = [];
    let last: string | undefined;
    readLines(path, (line) => {
      if (last !== undefined) {
        checksum.update(Buffer.from(last));
        parts.push(JSON.parse(last));
      }
      last = line;
    });
    if (last !== checksum.digest()) return undefined;
    return planOf(parts);
  } catch {
    return undefined; // Absent: it only saves work.
  }
}

/** What {@link linesOf} has made of a plan: as the checksum tells, it is ours. */
function planOf([head, ...parts]: readonly unknown[]): BuildPlan {
  const { actions, ...rest } = head as Omit<BuildPlan, "actions" | "consulted"> & {
    readonly actions: number;
  };
  return {
    ...rest,
    actions: parts.slice(0, actions) as Action[],
    consulted: parts.slice(actions) as Consulted[],
  };
}
