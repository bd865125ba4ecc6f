// Numbers → three small numbers each, in a few blocks of memory: as objects in a map, a hundred
// thousand of them would take five times as much.

/** Where a text is: in which chunk, and where within. */
export interface Placed {
  readonly chunk: number;
  readonly start: number;
  readonly length: number;
}

/** A table that only grows. Its keys are positive and whole. */
export class PlaceTable {
  #size = 0;
  /** A power of two, at least half of which are free. */
  #slots = 1024;
  /** Zero: the slot is free. */
  #keys = new Float64Array(this.#slots);
  /** Of each slot: chunk, start, length. */
  #places = new Uint32Array(3 * this.#slots);

  has(key: number): boolean {
    return this.#keys[this.#slotOf(key)] === key;
  }

  get(key: number): Placed | undefined {
    const slot = this.#slotOf(key);
    if (this.#keys[slot] !== key) return undefined;
    const [chunk = 0, start = 0, length = 0] = this.#places.subarray(3 * slot, 3 * slot + 3);
    return { chunk, start, length };
  }

  /** In place of what `key` had. */
  set(key: number, { chunk, start, length }: Placed): void {
    let slot = this.#slotOf(key);
    if (this.#keys[slot] === 0) {
      if (2 * (this.#size + 1) > this.#slots) {
        this.#grow();
        slot = this.#slotOf(key);
      }
      this.#size += 1;
      this.#keys[slot] = key;
    }
    this.#places.set([chunk, start, length], 3 * slot);
  }

  /** The slot that has `key`, or the free one in which it would be. */
  #slotOf(key: number): number {
    // The keys begin digests, so that their last bits are as good as any.
    let slot = key % this.#slots;
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) % this.#slots;
    return slot;
  }

  #grow(): void {
    const [keys, places] = [this.#keys, this.#places];
    this.#slots *= 2;
    this.#keys = new Float64Array(this.#slots);
    this.#places = new Uint32Array(3 * this.#slots);
    for (const [old, key] of keys.entries()) {
      if (key === 0) continue;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#places.set(places.subarray(3 * old, 3 * old + 3), 3 * slot);
    }
  }
}
