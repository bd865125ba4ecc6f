// What the page knows: the data it began with, and what the server tells since. Draws nothing.

import type {
  PageBuild,
  PageChange,
  PageData,
  PageMode,
  PageRun,
  PageState,
} from "../page-data.ts";
import { type GraphIndex, indexGraph } from "./graph-index.ts";

/** The build that runs, or ran while the page was open. */
export interface LiveBuild {
  readonly patterns: readonly string[];
  /** 0 until it is planned. */
  readonly actions: number;
  /** Absent while it runs. */
  readonly end?: Extract<PageChange, { kind: "build-finished" }>;
}

/** A line for the user. */
export type Note = Extract<PageChange, { kind: "note" }>;

/** Guards what is known; whoever shows it is told when it is another. */
export class PageStore {
  #data: PageData;
  #graph: GraphIndex;
  #runs = new Map<string, PageRun>();
  #build: LiveBuild | undefined;
  #mode: PageMode = "idle";
  #notes: readonly Note[] = [];
  #isConnected = true;
  readonly #listeners = new Set<() => void>();

  constructor(data: PageData) {
    this.#data = data;
    for (const run of data.lastActions) this.#runs.set(run.id, run);
    this.#graph = indexGraph(data.graph, this.#runs.values());
  }

  get data(): PageData {
    return this.#data;
  }
  get graph(): GraphIndex {
    return this.#graph;
  }
  get runs(): ReadonlyMap<string, PageRun> {
    return this.#runs;
  }
  get build(): LiveBuild | undefined {
    return this.#build;
  }
  get mode(): PageMode {
    return this.#mode;
  }
  get notes(): readonly Note[] {
    return this.#notes;
  }
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether a build runs just now. */
  get isBuilding(): boolean {
    return this.#build !== undefined && this.#build.end === undefined;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in what the server tells. */
  take(changes: readonly PageChange[]): void {
    const before = this.#runs.size;
    for (const change of changes) this.#apply(change);
    const isGrown = this.#runs.size !== before;
    const { graph } = this;
    if (isGrown && [...this.#runs.keys()].some((id) => !graph.placeOf.has(id))) this.#index();
    this.#tell();
  }

  /** Takes in the graph and the builds anew. */
  replace(data: PageData): void {
    this.#data = data;
    if (this.#build === undefined) {
      this.#runs = new Map(data.lastActions.map((run) => [run.id, run]));
    }
    this.#index();
    this.#tell();
  }

  connect(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.#tell();
  }

  dismissNotes(): void {
    this.#notes = [];
    this.#tell();
  }

  /** Of a node at `place`; of a target, what its actions come to. */
  stateAt(place: number): PageState {
    const node = this.#graph.nodes[place]!;
    if (node.group === "file") return "idle";
    if (node.group === "action") return this.#stateOf(node.id);
    const own = this.#graph.actionsOf.get(node.id);
    if (own !== undefined) return worstOf(own.map((one) => this.stateAt(one)));
    // One that only stands for others, as an alias does; they cannot lead back here.
    return worstOf(this.#graph.needs[place]!.map((one) => this.stateAt(one)));
  }

  #stateOf(id: string): PageState {
    const run = this.#runs.get(id);
    if (run !== undefined) return run.state;
    if (this.#build === undefined) return "idle";
    if (this.#build.end === undefined) return "waiting";
    return this.#build.end.ok ? "upToDate" : "idle";
  }

  #apply(change: PageChange): void {
    switch (change.kind) {
      case "build-started":
        this.#runs = new Map();
        this.#notes = [];
        this.#build = { patterns: change.patterns, actions: 0 };
        break;
      case "build-planned":
        if (this.#build) this.#build = { ...this.#build, actions: change.actions };
        break;
      case "run":
        this.#runs.set(change.run.id, change.run);
        break;
      case "note":
        // The graph and the build both tell of a mistake in a file.
        if (!this.#notes.some(({ text }) => text === change.text)) {
          this.#notes = [...this.#notes, change].slice(-maxNotes);
        }
        break;
      case "build-finished":
        if (this.#build) this.#build = { ...this.#build, end: change };
        break;
      case "mode":
        this.#mode = change.mode;
        break;
      case "changed": // The page asks for it.
    }
  }

  #index(): void {
    this.#graph = indexGraph(this.#data.graph, this.#runs.values());
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const maxNotes = 20;

/** What says most about several: a failure, then what is going on, then what was done. */
export function worstOf(states: Iterable<PageState>): PageState {
  let worst: PageState = "idle";
  for (const state of states) if (weights[state] > weights[worst]) worst = state;
  return worst;
}

const weights: Readonly<Record<PageState, number>> = {
  idle: 0,
  upToDate: 1,
  localHit: 2,
  remoteHit: 3,
  executed: 4,
  waiting: 5,
  skipped: 6,
  running: 7,
  failed: 8,
};

/** How many actions a build had, and of how many of them the result did not have to be made. */
export function reuseOf({ counts }: Pick<PageBuild, "counts">) {
  const of = (state: PageState): number => counts[state] ?? 0;
  const reused = of("upToDate") + of("localHit") + of("remoteHit");
  return { reused, all: reused + of("executed") + of("failed") + of("skipped") };
}
