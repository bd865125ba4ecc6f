import { type Label, parseLabel } from "../label/label.ts";

/** How one attribute in a build file is read; `T` is what the rule gets. */
export interface Attribute<T> {
  /** As diagnostics name it: "expected <type>". */
  readonly type: string;
  /** What stands for an attribute that is not given; absent: it must be given. */
  readonly fallback?: { readonly value: T };
  /** Undefined when `value` is not of this type. `packagePath` is what labels are relative to. */
  readonly read: (value: unknown, packagePath: string) => T | undefined;
  /** The targets that a value of this attribute makes its target depend on. */
  // oxlint-disable-next-line typescript/method-signature-style -- a method, so that any attribute is an Attribute<unknown>
  labels?(value: T): readonly Label[];
}

/** The attributes of a rule, by name. */
export type Attributes = Readonly<Record<string, Attribute<unknown>>>;

/** What a rule with the attributes `A` gets. */
export type Values<A extends Attributes> = {
  readonly [Name in keyof A]: A[Name] extends Attribute<infer T> ? T : never;
};

/** `attribute`, with `value` standing for one that is not given. */
export function optional<T, D>(attribute: Attribute<T>, value: D): Attribute<T | D> {
  return { ...(attribute as Attribute<T | D>), fallback: { value } };
}

const isString = (value: unknown): value is string => typeof value === "string";

/** The attribute types that rules can use. */
export const attribute = {
  string: {
    type: "a string",
    read: (value) => (isString(value) ? value : undefined),
  } satisfies Attribute<string>,

  strings: {
    type: "a list of strings",
    read: (value) => (Array.isArray(value) && value.every(isString) ? value : undefined),
  } satisfies Attribute<readonly string[]>,

  /** `K: V` pairs; numbers and booleans count as their text. */
  stringMap: {
    type: "a map of strings",
    read: (value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      const entries = Object.entries(value);
      if (entries.some(([, one]) => typeof one === "object")) return undefined;
      return Object.fromEntries(entries.map(([name, one]) => [name, String(one)]));
    },
  } satisfies Attribute<Readonly<Record<string, string>>>,

  boolean: {
    type: "true or false",
    read: (value) => (typeof value === "boolean" ? value : undefined),
  } satisfies Attribute<boolean>,

  oneOf: <const T extends string>(...allowed: readonly T[]): Attribute<T> => ({
    type: `one of ${allowed.join(", ")}`,
    read: (value) => allowed.find((one) => one === value),
  }),

  /** A target or a source file. */
  label: {
    type: "a label",
    read: (value, from) => (isString(value) ? parseLabel(value, from) : undefined),
    labels: (value) => [value],
  } satisfies Attribute<Label>,

  /** Targets and source files. */
  labels: {
    type: "a list of labels",
    read: (value, from) => {
      if (!Array.isArray(value) || !value.every(isString)) return undefined;
      const labels = value.map((text) => parseLabel(text, from));
      return labels.every((label) => label !== undefined) ? labels : undefined;
    },
    labels: (value) => value,
  } satisfies Attribute<readonly Label[]>,

  /** What the rule set's own reader has made, and has checked; `labels` tells its dependencies. */
  checked: <T>(type: string, labels?: (value: T) => readonly Label[]): Attribute<T> => ({
    type,
    read: (value) => value as T,
    ...(labels === undefined ? {} : { labels }),
  }),
};
