// JSON read with suspicion: every value is of the type asked for, every field is known.

/**
 * What `read` makes of the JSON `text`, or what is wrong with it: one line that begins with where,
 * as `actions[2].outputs: `.
 */
export function readStrictJson<T>(
  text: string,
  read: (value: StrictValue) => T,
): { readonly value: T } | { readonly problem: string } {
  try {
    return { value: read(new StrictValue(parse(text), "")) };
  } catch (cause) {
    if (cause instanceof Unfit) return { problem: cause.problem };
    throw cause;
  }
}

/** Never leaves this file. */
class Unfit {
  readonly problem: string;

  constructor(problem: string) {
    this.problem = problem;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unfit("it is not JSON");
  }
}

/** A value, and where it stands. Its methods give up the whole text when it is not as asked. */
export class StrictValue {
  readonly #value: unknown;
  readonly #at: string;

  constructor(value: unknown, at: string) {
    this.#value = value;
    this.#at = at;
  }

  /** Gives up, for a reason that continues "the value". */
  refuse(reason: string): never {
    throw new Unfit(`${this.#at === "" ? "it" : this.#at} ${reason}`);
  }

  text(): string {
    return typeof this.#value === "string" ? this.#value : this.refuse("is not a string");
  }

  /** Text that is not empty. */
  name(): string {
    return this.text() || this.refuse("is empty");
  }

  boolean(): boolean {
    return typeof this.#value === "boolean" ? this.#value : this.refuse("is not true or false");
  }

  /** A whole number, not negative. */
  count(): number {
    const value = this.#value;
    const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
    return isCount ? value : this.refuse("is not a whole number");
  }

  /** A number that is not negative. */
  amount(): number {
    const value = this.#value;
    const isAmount = typeof value === "number" && Number.isFinite(value) && value >= 0;
    return isAmount ? value : this.refuse("is not a number of at least 0");
  }

  list<T>(read: (item: StrictValue) => T): T[] {
    if (!Array.isArray(this.#value)) return this.refuse("is not a list");
    return this.#value.map((item: unknown, i) => read(new StrictValue(item, `${this.#at}[${i}]`)));
  }

  /** An object as its fields, whatever they are called. */
  fields(): (readonly [name: string, value: StrictValue])[] {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.refuse("is not an object");
    }
    const prefix = this.#at === "" ? "" : `${this.#at}.`;
    return Object.entries(value).map(([name, item]) => [
      name,
      new StrictValue(item, prefix + name),
    ]);
  }

  /** An object that has no fields but `names`. */
  object<Name extends string>(names: readonly Name[]): StrictObject<Name> {
    const fields = new Map(this.fields());
    const known = new Set<string>(names);
    for (const [name, value] of fields) if (!known.has(name)) value.refuse("is not a known field");
    return {
      required: (name) => fields.get(name) ?? this.refuse(`has no ${name}`),
      optional: (name) => fields.get(name),
    };
  }
}

/** The fields of an object. */
export interface StrictObject<Name extends string> {
  readonly required: (name: Name) => StrictValue;
  readonly optional: (name: Name) => StrictValue | undefined;
}
