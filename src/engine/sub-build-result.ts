// What a sub-build came to, as an entry of the action cache: the outputs of all of its actions.

import type { ExecPath } from "../action/action.ts";
import type { ActionResult, Node } from "../action/result.ts";
import type { Cas } from "../store/cas.ts";

/** Results of the actions of a sub-build. */
export interface SubBuildResult {
  readonly outputs: ReadonlyMap<ExecPath, Node>;
  /** What actions printed that printed anything. */
  readonly printed: ReadonlyMap<ExecPath, string>;
  /** How long actions ran that took any time, in milliseconds. */
  readonly wallMs: ReadonlyMap<ExecPath, number>;
  /** What stood at the paths of the machine that mattered; see `machineFact`. */
  readonly machine: ReadonlyMap<string, string>;
}

/** Says in statistics what an entry is. */
export const subBuildMnemonic = "SubBuild";

/** `result` as it is kept. Throws a StoreError. */
export function encodeSubBuild(
  { outputs, printed, wallMs, machine }: SubBuildResult,
  cas: Cas,
): ActionResult {
  const lists = { printed: [...printed], wallMs: [...wallMs], machine: [...machine] };
  const more = JSON.stringify(lists);
  return {
    exitCode: 0,
    outputs: new Map(outputs),
    stdout: cas.put(Buffer.from(more)),
    stderr: cas.put(Buffer.alloc(0)),
    wallMs: 0,
    mnemonic: subBuildMnemonic,
  };
}

/** The sub-build that `result`, which may be anyone's, stands for; undefined when it is none. */
export function decodeSubBuild(
  { outputs, stdout }: Pick<ActionResult, "outputs" | "stdout">,
  cas: Pick<Cas, "read">,
): SubBuildResult | undefined {
  try {
    const text = cas.read(stdout)?.toString();
    if (text === undefined) return undefined;
    const { printed, wallMs = [], machine } = JSON.parse(text) as Record<string, unknown>;
    if (!isPairs(printed, isText) || !isPairs(machine, isText)) return undefined;
    if (!isPairs(wallMs, isDuration)) return undefined;
    return {
      outputs,
      printed: new Map(printed),
      wallMs: new Map(wallMs),
      machine: new Map(machine),
    };
  } catch {
    return undefined; // Of another version: it only saves work.
  }
}

function isPairs<T>(value: unknown, isSecond: (one: unknown) => one is T): value is [string, T][] {
  const isPair = (one: unknown): boolean =>
    Array.isArray(one) && one.length === 2 && isText(one[0]) && isSecond(one[1]);
  return Array.isArray(value) && value.every(isPair);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
