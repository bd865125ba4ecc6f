// The nodes that could start, most urgent first. Knows no pool and no state.

/** What decides the order in which ready nodes start. */
export interface Ranked {
  /** How long the longest chain of work is that begins with it, in milliseconds. */
  readonly pathMs: number;
  /** The how-manieth it was to be added. */
  readonly order: number;
}

/** True when `a` is to start before `b`: longer chains first, then in order of addition. */
export function isBefore(a: Ranked, b: Ranked): boolean {
  return a.pathMs === b.pathMs ? a.order < b.order : a.pathMs > b.pathMs;
}

/** A binary heap. An item may change its rank while inside when it is pushed again. */
export class ReadyQueue<Item extends Ranked> {
  readonly #heap: { readonly pathMs: number; readonly order: number; readonly item: Item }[] = [];
  readonly #isCurrent: (item: Item) => boolean;

  /** Items for which `isCurrent` is false by the time they would come out are dropped. */
  constructor(isCurrent: (item: Item) => boolean) {
    this.#isCurrent = isCurrent;
  }

  push(item: Item): void {
    const entry = { pathMs: item.pathMs, order: item.order, item };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(entry, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = entry;
  }

  /** The most urgent item, which stays; undefined when there is none. */
  peek(): Item | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      // One that was pushed again stands here twice: the entry with its old rank is dropped.
      if (top.pathMs === top.item.pathMs && this.#isCurrent(top.item)) return top.item;
      this.pop();
    }
    return undefined;
  }

  /** Takes away what `peek` gave. */
  pop(): void {
    const heap = this.#heap;
    const entry = heap.pop();
    if (entry === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child]!)) child++;
      if (!isBefore(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}
