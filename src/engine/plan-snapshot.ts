// What the build files came to when they were last read, so that they need not be read again when
// only sources changed. Knows no result of an action: each action is looked at all the same.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { Action, ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import { digestOf } from "../digest/digest.ts";
import type { Label } from "../label/label.ts";
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

/** Writes `plan` to `path`, if it can be: it only saves work. */
export function writePlan(path: string, plan: BuildPlan, { processId }: PlanHost): void {
  const body = JSON.stringify(plan);
  const draft = `${path}.${processId}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${digestOf(body)}\n${body}`);
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

function storedPlan(path: string): BuildPlan | undefined {
  try {
    const text = readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== digestOf(body)) return undefined;
    return JSON.parse(body) as BuildPlan; // Ours, as the checksum tells.
  } catch {
    return undefined; // Absent: it only saves work.
  }
}
