// Work that can wait until there is nothing better to do. Knows not what it is.

/** Works in the order they came, each of small pieces. */
export class LaterWork {
  #open: Iterator<unknown>[] = [];

  /** Each step of `work` is a piece. */
  add(work: Iterator<unknown>): void {
    this.#open.push(work);
  }

  /** Does what it can in a few milliseconds by the clock `now`; false when nothing is left. */
  some(now: () => number): boolean {
    if (this.#open.length === 0) return false;
    const endMs = now() + sliceMs;
    while (this.#step()) if (now() >= endMs) return true;
    return false;
  }

  /** Does all that is left. */
  finish(): void {
    while (this.#step());
  }

  #step(): boolean {
    while (this.#open[0]?.next().done === true) this.#open.shift();
    return this.#open.length > 0;
  }
}

const sliceMs = 5;
