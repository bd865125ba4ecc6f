// What was asked of a served cache, counted. Knows no protocol.

/** The two halves of a cache. */
export type CachePart = "action-cache" | "cas";

/** What came of a request to one of them. */
export type CacheEvent = "hits" | "misses" | "writes";

/** Counts since the server began. */
export class Traffic {
  readonly #events = new Map<string, number>();
  readonly #requests = new Map<string, number>();
  receivedBytes = 0;
  sentBytes = 0;

  count(part: CachePart, event: CacheEvent): void {
    add(this.#events, `${part} ${event}`);
  }

  /** Notes a request that `method` served, and how it ended, such as `OK` or `404`. */
  served(method: string, status: string): void {
    add(this.#requests, `${method} ${status}`);
  }

  countOf(part: CachePart, event: CacheEvent): number {
    return this.#events.get(`${part} ${event}`) ?? 0;
  }

  /** By method and status, sorted. */
  requests(): { readonly method: string; readonly status: string; readonly count: number }[] {
    return [...this.#requests.keys()].sort().map((name) => {
      const [method = "", status = ""] = name.split(" ");
      return { method, status, count: this.#requests.get(name) ?? 0 };
    });
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
