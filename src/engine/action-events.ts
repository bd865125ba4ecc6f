// Actions as events tell of them. Knows no plan.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { commandOf } from "../query/commands.ts";
import type { Cause } from "../why/cause.ts";
import { describeCause } from "../why/words.ts";
import type { AboutAction, ActionFinished, ActionStarted } from "./event.ts";
import { subjectOf } from "./executor.ts";

/** The words for `action` that every event about it has. */
export function aboutOf(action: Action): AboutAction {
  const { mnemonic, owner } = action;
  return { id: actionId(action), mnemonic, subject: subjectOf(action), owner };
}

/** What is to be told when `action` starts. */
export function startOf(
  action: Action,
  about: {
    readonly causes: readonly Cause[];
    readonly recordedMs: number | undefined;
    readonly tellsCommands: boolean;
  },
): ActionStarted {
  const { causes, recordedMs, tellsCommands } = about;
  const command = tellsCommands ? commandOf(action) : undefined;
  return {
    kind: "action-started",
    ...aboutOf(action),
    reasons: causes.map(describeCause),
    causes,
    ...(recordedMs !== undefined && { recordedMs }),
    ...(command !== undefined && { command }),
  };
}

/** What is known when an action is over. */
export type ActionEnd = Omit<
  ActionFinished,
  keyof AboutAction | "kind" | "recordedMs" | "isUnrecorded" | "after"
>;

/** What is to be told when `action` is over; `end` is what is known of that alone. */
export function endOf(
  action: Action,
  about: {
    readonly recordedMs: number | undefined;
    readonly after: ExecPath | undefined;
    readonly end: ActionEnd;
  },
): ActionFinished {
  const { recordedMs, after, end } = about;
  return {
    kind: "action-finished",
    ...aboutOf(action),
    recordedMs: recordedMs ?? 0,
    ...(recordedMs === undefined && { isUnrecorded: true }),
    ...(after !== undefined && { after }),
    ...end,
  };
}
