// Rule sets → who looks at targets of which rule. Pure.

import type { Declaration, RuleSet } from "../rule/rule.ts";
import type { CheckedBy, NamedCheck } from "./target.ts";

/** The checks of `ruleSets`, by the name of the rule whose targets they look at. */
export function checksByRule(
  ruleSets: readonly RuleSet[],
): ReadonlyMap<string, readonly NamedCheck[]> {
  const found = new Map<string, NamedCheck[]>();
  for (const { name: owner, checks = [], rules } of ruleSets) {
    for (const check of checks) {
      const named = { name: `${owner}/${check.name}`, check };
      for (const rule of new Set(check.rules ?? rules.map(({ name }) => name))) {
        found.set(rule, [...(found.get(rule) ?? []), named]);
      }
    }
  }
  return found;
}

/** What is kept of a declaration for `checks`; nothing where there are none, which is usual. */
export function checkedBy(
  checks: readonly NamedCheck[] | undefined,
  { attributes }: Declaration,
): { readonly checked?: CheckedBy } {
  if (checks === undefined) return {};
  const places = new Map(Object.entries(attributes).map(([name, { at }]) => [name, at]));
  return { checked: { checks, places } };
}
