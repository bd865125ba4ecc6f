// What the page is told, as plain data that JSON can carry. Knows no engine and no browser.

/** What became of an action, or is about to; `idle`: the last build was not about it. */
export type PageState =
  | "idle"
  | "waiting"
  | "running"
  | "upToDate"
  | "localHit"
  | "remoteHit"
  | "executed"
  | "failed"
  | "skipped";

/** All that the page begins with. */
export interface PageData {
  readonly version: 1;
  /** What the graph is of: patterns, or the text of a query. */
  readonly title: string;
  /** The name of the workspace's directory. */
  readonly workspace: string;
  /** Whether a server stands behind the page, which builds and tells what happens. */
  readonly isLive: boolean;
  readonly graph: PageGraph;
  /** The latest first. */
  readonly builds: readonly PageBuild[];
  /** What actions did in the latest of `builds`, in the order in which they ended. */
  readonly lastActions: readonly PageRun[];
  /** Of all nodes, by id; absent when the server is to be asked. */
  readonly details?: Readonly<Record<string, PageDetail>>;
}

/** Nodes, and which depends on which. */
export interface PageGraph {
  readonly nodes: readonly PageNode[];
  /** Pairs of places in `nodes`, one after the other: the first of each depends on the second. */
  readonly edges: readonly number[];
  /** Targets of which not all actions are known before they are built. */
  readonly unknownOf: readonly string[];
}

/** A target, an action or a file. */
export interface PageNode {
  /** A label, or the first output of an action. */
  readonly id: string;
  readonly group: "target" | "action" | "file";
  /** `exec rule`, `CC action`, `source file`. */
  readonly kind: string;
  /** In few words. */
  readonly name: string;
  /** As Bazel prints it. */
  readonly package: string;
  /** Of an action: the target that asked for it. */
  readonly owner?: string;
  /** How long it took when it last ran; absent when that is not known. */
  readonly lastMs?: number;
}

/** What is looked at one node at a time. */
export interface PageDetail {
  /** `file:line:column`, or what else says where it is stated. */
  readonly location?: string;
  /** A line of shell. */
  readonly command?: string;
  readonly tools?: readonly string[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** When an action was last not up to date, and why; absent: not in the builds kept. */
  readonly why?: PageWhy;
}

/** Why an action ran, or where its result was from. */
export interface PageWhy {
  /** Of the build, in milliseconds since 1970. */
  readonly startedMs: number;
  readonly outcome: PageState;
  readonly wallMs: number;
  /** A line each. */
  readonly reasons: readonly string[];
  /** The action key. */
  readonly key?: string;
}

/** A build that is over, or was cut off. */
export interface PageBuild {
  /** In milliseconds since 1970. */
  readonly startedMs: number;
  readonly patterns: readonly string[];
  /** Absent when it was cut off. */
  readonly ok?: boolean;
  /** How many actions had each outcome. */
  readonly counts: Readonly<Partial<Record<PageState, number>>>;
}

/** One action in a build. */
export interface PageRun {
  readonly id: string;
  readonly mnemonic: string;
  readonly subject: string;
  readonly owner: string;
  readonly state: PageState;
  /** Since the build began, in milliseconds; absent until it starts, or where nobody knows. */
  readonly startMs?: number;
  /** Absent while it runs. */
  readonly wallMs?: number;
  /** Why it ran. */
  readonly reasons: readonly string[];
  /** The action that listed it; absent: its target did, or nobody knows. */
  readonly yieldedBy?: string;
  /** Of one that failed: what it said. */
  readonly failure?: string;
}

/** What the server tells while the page is open. */
export type PageChange =
  /** A build begins; what is known of another one is of the past. */
  | { readonly kind: "build-started"; readonly patterns: readonly string[] }
  | { readonly kind: "build-planned"; readonly actions: number; readonly recordedMs: number }
  | { readonly kind: "run"; readonly run: PageRun }
  /** Something worth a line, such as a mistake in a file. */
  | { readonly kind: "note"; readonly severity: "error" | "note"; readonly text: string }
  | {
      readonly kind: "build-finished";
      readonly ok: boolean;
      /** Whether it was stopped. */
      readonly isStopped: boolean;
      readonly counts: PageBuild["counts"];
      readonly wallMs: number;
    }
  /** What runs just now: nothing, one build, or one after each change of a file. */
  | { readonly kind: "mode"; readonly mode: PageMode }
  /** The graph or the builds that are kept are others: they are to be asked for again. */
  | { readonly kind: "changed" };

/** See {@link PageChange}. */
export type PageMode = "idle" | "building" | "watching";
