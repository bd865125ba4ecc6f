// At most so many pieces of work at once, in the order in which they came.

/** A queue in front of a few lanes. */
export class Lanes {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #next = 0;

  constructor(lanes: number) {
    this.#free = lanes;
  }

  /** Runs `work` when a lane is free. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Hands the lane on, or leaves it free. */
  #leave(): void {
    const next = this.#waiting[this.#next++];
    if (next !== undefined) return next();
    this.#waiting.length = 0;
    this.#next = 0;
    this.#free += 1;
  }
}
