import type { Report, Span } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { Label } from "../label/label.ts";
import type { Attribute } from "../rule/attribute.ts";
import type { Declaration, Rule } from "../rule/rule.ts";

/** A dependency as it is written, which may be on something that there is not. */
export interface Edge {
  readonly label: Label;
  readonly at: Span;
}

/** What the attributes of a declaration came to. */
export interface ReadAttributes {
  readonly values: Readonly<Record<string, unknown>>;
  /** In the order of the rule's attributes. */
  readonly edges: readonly Edge[];
}

/** What `readAttributes` reads, and for which target. */
export interface AttributesRequest {
  readonly label: Label;
  readonly packagePath: string;
  readonly rule: Rule;
  readonly declaration: Declaration;
  readonly report: Report;
}

/** The attributes of a target. What is missing or wrong is reported, and then has no value. */
export function readAttributes(request: AttributesRequest): ReadAttributes {
  const { label, rule, declaration, report } = request;
  const { attributes: given, at } = declaration;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(rule.attributes, name)) reportUnknown(name, request);
  }
  const values: Record<string, unknown> = {};
  const edges: Edge[] = [];
  for (const [name, attribute] of Object.entries(rule.attributes)) {
    const written = Object.hasOwn(given, name) ? given[name] : undefined;
    if (written === undefined && attribute.fallback === undefined) {
      const message = `${label} needs the attribute "${name}": ${attribute.type}`;
      report({ severity: "error", code: "missing-attribute", message, at });
    } else {
      const value = written === undefined ? attribute.fallback?.value : read(name, request);
      values[name] = value;
      if (value === undefined || attribute.labels === undefined) continue;
      const labels = labelsOf(attribute, value, request);
      const places = written?.itemsAt?.length === labels.length ? written.itemsAt : [];
      for (const [index, dependency] of labels.entries()) {
        edges.push({ label: dependency, at: places[index] ?? written?.at ?? at });
      }
    }
  }
  return { values, edges };
}

/** The value of the attribute `name`, which is given. */
function read(name: string, request: AttributesRequest): unknown {
  const { label, packagePath, rule, declaration, report } = request;
  const attribute = rule.attributes[name];
  const written = declaration.attributes[name];
  if (attribute === undefined || written === undefined) return undefined;
  const value = attempt(() => attribute.read(written.value, packagePath), request);
  if (value.kind === "threw") return undefined;
  if (value.result === undefined) {
    report({
      severity: "error",
      code: "bad-attribute",
      message: `the attribute "${name}" of ${label} is not valid: expected ${attribute.type}`,
      at: written.at,
    });
  }
  return value.result;
}

function labelsOf(
  attribute: Attribute<unknown>,
  value: unknown,
  request: AttributesRequest,
): readonly Label[] {
  const labels = attempt(() => attribute.labels?.(value), request);
  return labels.kind === "threw" ? [] : (labels.result ?? []);
}

/** Runs code of the rule set, which may be anybody's. */
function attempt<T>(
  code: () => T,
  { label, rule, declaration, report }: AttributesRequest,
): { kind: "gave"; result: T } | { kind: "threw" } {
  try {
    return { kind: "gave", result: code() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report({
      severity: "error",
      code: "broken-rule-set",
      message: `the rule ${rule.name} failed to read the attributes of ${label}: ${reason}`,
      at: declaration.at,
      help: "this is a defect of the rule set, not of your file",
    });
    return { kind: "threw" };
  }
}

function reportUnknown(name: string, { rule, declaration, report }: AttributesRequest): void {
  report({
    severity: "error",
    code: "unknown-attribute",
    message: `the rule ${rule.name} has no attribute "${name}"`,
    at: declaration.attributes[name]?.at ?? declaration.at,
    ...didYouMean(name, Object.keys(rule.attributes)),
  });
}
