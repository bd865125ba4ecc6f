import type { RuleTarget } from "../graph/target.ts";
import { type Label, partsOf } from "../label/label.ts";

/** The label in full of what a label names; undefined when that is nothing in the graph. */
export type Resolve = (label: Label) => Label | undefined;

/**
 * The texts that `attr` matches for the attribute `name` of `target`; none when it has no such
 * attribute, or that has no value. A list is `[a, b]`, a map `{k=v}`; labels are in full; true is
 * `1` as Bazel has it, and `true` as it is written.
 *
 * Source: the Bazel query reference, "attr".
 */
export function attributeTexts(target: RuleTarget, name: string, resolve: Resolve): string[] {
  if (name === "name") return [partsOf(target.label).name];
  const value = attributeValue(target, name, resolve);
  if (value === undefined || value === null) return [];
  if (typeof value === "boolean") return [value ? "1" : "0", String(value)];
  return [textOf(value)];
}

/** The targets and files that the attribute `name` of `target` names, in full. */
export function labelsInAttribute(target: RuleTarget, name: string, resolve: Resolve): Label[] {
  const value = ownValue(target, name);
  const labels = value === undefined ? [] : (target.rule.attributes[name]?.labels?.(value) ?? []);
  return labels.flatMap((label) => resolve(label) ?? []);
}

/** The value of the attribute `name` of `target`, in which labels are in full. */
export function attributeValue(target: RuleTarget, name: string, resolve: Resolve): unknown {
  const value = ownValue(target, name);
  const labels = value === undefined ? undefined : target.rule.attributes[name]?.labels?.(value);
  if (labels === undefined) return value;
  const inFull = (label: Label): Label => resolve(label) ?? label;
  if (typeof value === "string") return inFull(value as Label);
  // What the rule set has made of its own is left as it is.
  const isList = Array.isArray(value) && value.length === labels.length;
  return isList && value.every((one, index) => one === labels[index]) ? labels.map(inFull) : value;
}

function ownValue({ attributes }: RuleTarget, name: string): unknown {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

/** As Java prints lists and maps, which is what Bazel matches. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (value instanceof Map) return textOf(Object.fromEntries(value));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, one]) => `${key}=${textOf(one)}`);
    return `{${entries.join(", ")}}`;
  }
  return String(value);
}
