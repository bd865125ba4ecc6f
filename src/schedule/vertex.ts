// A node while its plan is under way. Decides nothing.

/** One step of a plan. */
export interface PlanNode {
  readonly id: string;
  /** The ids of nodes that must succeed before it starts. */
  readonly needs: readonly string[];
  /** Units by pool that it takes while it runs. */
  readonly resources: Readonly<Record<string, number>>;
  /** How long it is thought to take by itself, in milliseconds. */
  readonly priorityMs: number;
}

/** What became of a node; `skipped` means that something it needs failed, or the plan stopped. */
export type PlanState = "waiting" | "ready" | "running" | "done" | "failed" | "skipped";

/** A node within the graph. */
export interface Vertex {
  readonly id: string;
  readonly order: number;
  /** What it takes while it runs; another one when it continues. */
  resources: Readonly<Record<string, number>>;
  readonly ownMs: number;
  readonly needs: Vertex[];
  /** Those of the wanted nodes that need it; a node that needs it twice is here twice. */
  readonly dependents: Vertex[];
  /** `ownMs` and the longest chain of wanted nodes that can only run after it. */
  pathMs: number;
  /** Whether a goal is or needs it; others never run. */
  isWanted: boolean;
  /** How many of `needs` are not done. */
  unmet: number;
  state: PlanState;
  /** The failed node for whose sake it was skipped. */
  cause: Vertex | undefined;
  /** The node that it waited for last. */
  releaser: Vertex | undefined;
}

/** `node`, as yet without what it needs. It is the `order`th to be added. */
export function vertexOf({ id, resources, priorityMs }: PlanNode, order: number): Vertex {
  return {
    id,
    order,
    resources,
    ownMs: priorityMs,
    needs: [],
    dependents: [],
    pathMs: priorityMs,
    isWanted: false,
    unmet: 0,
    state: "waiting",
    cause: undefined,
    releaser: undefined,
  };
}
