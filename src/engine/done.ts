import type { DiagnosticCode } from "../diagnostic/codes.ts";
import type { ActionFailure, ActionOutcome } from "./event.ts";

/** How an action ended. */
export type Done =
  | {
      readonly kind: "succeeded";
      readonly outcome: Exclude<ActionOutcome, "failed" | "skipped">;
      readonly wallMs: number;
      /** See `Ran`; as it was when its result was made, but empty when up to date. */
      readonly printed: string;
    }
  | { readonly kind: "failed"; readonly failure: ActionFailure; readonly wallMs: number }
  | { readonly kind: "cancelled" };

/** A failure before anything ran. */
export function failed(message: string, code?: DiagnosticCode): Done {
  const failure = { message, ...(code && { code }), lastLines: "", reasons: [] };
  return { kind: "failed", wallMs: 0, failure };
}
