// What running nodes take from pools, and which ready node may start. Knows no state.

import { type Ranked, ReadyQueue, isBefore } from "./ready-queue.ts";

/** A node that takes from pools while it runs: units by the name of the pool. */
export interface Consumer extends Ranked {
  readonly resources: Readonly<Record<string, number>>;
}

/** What sums of fractions may be off by: three times 0.1 fit into 0.3. */
const drift = 1e-9;

const nothing: ReadonlySet<string> = new Set();

/**
 * Ready nodes and pools. A node that does not fit keeps what it is short of from less urgent
 * ones, so that a large one is not passed over for ever; others go on meanwhile.
 */
export class Pools<Node extends Consumer> {
  readonly #capacities: ReadonlyMap<string, number>;
  readonly #used = new Map<string, number>();
  /** A queue for each set of pools: when its first node lacks a pool, so do all behind it. */
  readonly #queues = new Map<string, { readonly names: string[]; queue: ReadyQueue<Node> }>();
  readonly #isReady: (node: Node) => boolean;
  #running = 0;
  #isAlone = false;

  /** A pool without a capacity has no limit. `isReady` is false for nodes that were withdrawn. */
  constructor(capacities: Readonly<Record<string, number>>, isReady: (node: Node) => boolean) {
    this.#capacities = new Map(Object.entries(capacities));
    this.#isReady = isReady;
  }

  /** Puts `node` in line; to be called again when its rank changes. */
  add(node: Node): void {
    const names = Object.keys(node.resources)
      .filter((name) => (node.resources[name] ?? 0) > 0 && this.#capacities.has(name))
      .sort();
    const key = names.join("\0");
    const known = this.#queues.get(key) ?? { names, queue: new ReadyQueue(this.#isReady) };
    this.#queues.set(key, known);
    known.queue.push(node);
  }

  /** The node to start next, which has its resources from now on; undefined: none may start. */
  take(): Node | undefined {
    if (this.#isAlone) return undefined;
    const short = new Set<string>();
    const tried = new Set<string>();
    for (;;) {
      const best = this.#mostUrgent(tried, short);
      if (best === undefined) return undefined;
      const { key, node, names } = best;
      const isTooLarge = names.some((name) => this.#needOf(node, name) > this.#capacityOf(name));
      // It needs the machine to itself, so whatever is less urgent must not delay it.
      if (isTooLarge && this.#running > 0) return undefined;
      const lacking = isTooLarge ? [] : names.filter((name) => !this.#fits(node, name));
      if (lacking.length === 0) {
        this.#start(node, key, isTooLarge);
        return node;
      }
      for (const name of lacking) short.add(name);
      tried.add(key);
    }
  }

  /** The most urgent of those in line, whether or not it may start. */
  next(): Node | undefined {
    return this.#mostUrgent(nothing, nothing)?.node;
  }

  /** Whether one more that takes a unit of each would fit. */
  hasRoom(): boolean {
    const all = [...this.#capacities];
    return !this.#isAlone && all.every(([name, units]) => (this.#used.get(name) ?? 0) + 1 <= units);
  }

  /** Gives back what `node` took. */
  release(node: Node): void {
    this.#running--;
    this.#isAlone = false;
    for (const [name, need] of Object.entries(node.resources)) {
      this.#used.set(name, (this.#used.get(name) ?? 0) - need);
    }
    // From zero again when idle, as sums of fractions drift.
    if (this.#running === 0) this.#used.clear();
  }

  #start(node: Node, key: string, isAlone: boolean): void {
    this.#queues.get(key)?.queue.pop();
    this.#running++;
    this.#isAlone = isAlone;
    for (const [name, need] of Object.entries(node.resources)) {
      this.#used.set(name, (this.#used.get(name) ?? 0) + need);
    }
  }

  #mostUrgent(tried: ReadonlySet<string>, short: ReadonlySet<string>) {
    let best: { key: string; node: Node; names: string[] } | undefined;
    for (const [key, { names, queue }] of this.#queues) {
      if (tried.has(key) || names.some((name) => short.has(name))) continue;
      const node = queue.peek();
      if (node === undefined) continue;
      if (best === undefined || isBefore(node, best.node)) best = { key, node, names };
    }
    return best;
  }

  #fits(node: Node, name: string): boolean {
    const used = this.#used.get(name) ?? 0;
    return used + this.#needOf(node, name) <= this.#capacityOf(name) + drift;
  }

  #needOf(node: Node, name: string): number {
    return node.resources[name] ?? 0;
  }

  #capacityOf(name: string): number {
    return this.#capacities.get(name) ?? Infinity;
  }
}
