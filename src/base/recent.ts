// The last few values of many, by name. Knows not what they are.

/** Keeps so many values; the one that was kept longest makes room. */
export class Recent<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** Keeps `value`; one that has the name already stays as old as it is. */
  keep(name: string, value: Value): void {
    this.#values.set(name, value);
    if (this.#values.size <= this.#limit) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }
}
