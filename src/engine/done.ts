import type { DiagnosticCode } from "../diagnostic/codes.ts";
import type { Node } from "../action/result.ts";
import type { ExecPath } from "../action/action.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cause } from "../why/cause.ts";
import { describeCause } from "../why/words.ts";
import type { ActionFailure, ActionFinished, ActionOutcome } from "./event.ts";
import type { Ran } from "./runner.ts";

/** What led to it that a known result was not up to date. */
export interface Why {
  /** Never empty. */
  readonly causes: readonly Cause[];
  /** What its last success here gave; absent when there was none. */
  readonly before?: readonly (readonly [ExecPath, Node])[] | undefined;
  /** The action key by which its result is kept; absent when that was not to be known. */
  readonly key?: Digest;
}

/** How an action ended. */
export type Done =
  | {
      readonly kind: "succeeded";
      readonly outcome: Exclude<ActionOutcome, "failed" | "skipped">;
      readonly wallMs: number;
      /** See `ActionFinished`. */
      readonly savedMs?: number;
      readonly ranElsewhere?: true;
      /** See `Ran`; as it was when its result was made, but empty when up to date. */
      readonly printed: string;
      /** Absent when it was up to date. */
      readonly why?: Why;
    }
  | {
      readonly kind: "failed";
      readonly failure: ActionFailure;
      readonly wallMs: number;
      readonly ranElsewhere?: true;
      /** Absent when it could not begin. */
      readonly why?: Why;
    }
  | { readonly kind: "cancelled" };

/** What became of an action so far: its end, or that no known result is of use. */
export type Carried = Ended | MustRun;

/** What became of an action that was carried out: its end, or that it could not begin. */
export type Ended = Done | Lacks | Awaits;

/** An action that another one is doing at this moment: their keys are equal. */
export interface Awaits {
  readonly kind: "awaits";
  readonly other: ExecPath;
}

/** An action some of whose inputs have to be made again first. */
export interface Lacks {
  readonly kind: "lacks";
  /** Outputs of other actions. */
  readonly paths: readonly ExecPath[];
  /** What to tell when nobody can make them. */
  readonly message: string;
}

/** An action that has to run, which takes more than looking for its result did. */
export interface MustRun {
  readonly kind: "must-run";
  readonly run: (signal: AbortSignal) => Promise<Ended>;
}

/** A failure before anything ran. */
export function failed(message: string, code?: DiagnosticCode): Done {
  return { kind: "failed", wallMs: 0, failure: { ...failureOf(message), ...(code && { code }) } };
}

/** Why an action failed of which nothing was printed. */
export function failureOf(message: string): ActionFailure {
  return { message, lastLines: "", reasons: [] };
}

/** A failure of an action that ran, with the reasons for that. */
export function failedRun(ran: Extract<Ran, { kind: "failed" }>, why: Why): Done {
  const reasons = why.causes.map(describeCause);
  return { ...ran, failure: { ...ran.failure, reasons }, why };
}

/** What a result spared that was made in `wallMs`, if it is from another machine. */
export function savedBy(outcome: ActionOutcome, wallMs: number): Pick<ActionFinished, "savedMs"> {
  return outcome === "remoteHit" && wallMs > 0 ? { savedMs: wallMs } : {};
}

/** How an action ended, as far as events have it in one form. */
export type EndFacts = Pick<ActionFinished, "wallMs" | "savedMs" | "ranElsewhere"> & {
  readonly why?: Why;
};

/** What an event says of an end besides its outcome. */
export function factsIn({ wallMs, savedMs, ranElsewhere, why }: EndFacts): EventFacts {
  return {
    wallMs,
    ...(savedMs !== undefined && { savedMs }),
    ...(ranElsewhere && { ranElsewhere }),
    ...(why && { causes: why.causes }),
  };
}

type EventFacts = Pick<ActionFinished, "wallMs" | "savedMs" | "ranElsewhere" | "causes">;
