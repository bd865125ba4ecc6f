// What a plan and its outside say to each other. Decides nothing.

import type { Refusal } from "./plan-graph.ts";
import type { PlanNode } from "./vertex.ts";

/** What the outside tells the plan. */
export type PlanEvent =
  | { readonly kind: "begin" }
  | ({ readonly kind: "finished"; readonly id: string } & Finish)
  /** Someone gave up, as with Ctrl-C. */
  | { readonly kind: "stop" };

/** How a node ended, and what it turned out to be needed next. */
export interface Finish {
  /**
   * `cancelled`: it came to no result, for no fault of its own. `continues`: it gives back what it
   * took, and is to start once more when there is what it needs to go on. `lacks`: likewise, when
   * `lacking` were carried out again. `awaits`: likewise, when `awaited`, which runs, has come to
   * its end, as it does the same.
   */
  readonly outcome: "succeeded" | "failed" | "cancelled" | "continues" | "lacks" | "awaits";
  /** Of a node that awaits. */
  readonly awaited?: string;
  /** Of a node that lacks: nodes that it needs of which the result went away. */
  readonly lacking?: readonly string[];
  /** Of a node that continues: units by pool that it takes from then on. */
  readonly resources?: Readonly<Record<string, number>>;
  /**
   * Nodes that join the plan; they run when an edge from a wanted node or a goal leads there, or
   * they are lacking.
   */
  readonly adds?: readonly PlanNode[];
  /** `[from, needs]`: `from`, which waits for this node, needs `needs` as well. */
  readonly edges?: readonly (readonly [from: string, needs: string])[];
  /** Ids that are goals as well from now on. */
  readonly goals?: readonly string[];
}

/** What the plan asks of the outside. */
export type PlanEffect =
  | { readonly kind: "start"; readonly id: string }
  /** Is to make the node, which runs, finish soon. */
  | { readonly kind: "cancel"; readonly id: string }
  /** `id` succeeded, but what it added cannot be: it has failed, for this reason. */
  | { readonly kind: "refuse"; readonly id: string; readonly refusal: Refusal }
  /** Comes once, last. `ok` when every goal was reached. */
  | { readonly kind: "end"; readonly ok: boolean };

/** How a plan is to be carried out. */
export interface PlanOptions {
  /** Only these nodes, and what they need, run. */
  readonly goals: readonly string[];
  /**
   * Units of each pool that are there; a pool that is not named here has no limit. A node that
   * needs more than all of a pool runs alone.
   */
  readonly capacities: Readonly<Record<string, number>>;
  /** After a failure, whether to start what does not need the failed node. */
  readonly keepGoing: boolean;
}
