// Lets the checks of rule sets look at a target. They are as foreign as rules are.

import type { Report } from "../diagnostic/diagnostic.ts";
import type { NamedCheck, RuleTarget } from "../graph/target.ts";
import type { Label } from "../label/label.ts";
import type { CheckContext } from "../rule/check.ts";
import type { TargetResult } from "../rule/rule.ts";

/** What checks are told besides the target. */
export interface CheckRequest {
  readonly result: TargetResult;
  readonly dependency: (label: Label) => TargetResult;
  readonly report: Report;
}

/** Has all who look at `target` do so. What they find is reported, and so is what they throw. */
export function runChecks(target: RuleTarget, request: CheckRequest): void {
  const { checked } = target;
  if (checked === undefined) return;
  for (const named of checked.checks) {
    try {
      named.check.check(contextOf(named, target, request));
    } catch (error) {
      // Whatever a stranger's code throws.
      const reason = error instanceof Error ? error.message : String(error);
      request.report({
        severity: "error",
        code: "broken-rule-set",
        message: `the check ${named.name} failed on ${target.label}: ${reason}`,
        at: target.at,
        help: "this is a defect of the rule set, not of your file",
      });
    }
  }
}

function contextOf(
  { name }: NamedCheck,
  { label, rule, at, attributes, checked }: RuleTarget,
  { result, dependency, report }: CheckRequest,
): CheckContext {
  return {
    label,
    rule: rule.name,
    at,
    attributes,
    attributeAt: (attribute) => checked?.places.get(attribute) ?? at,
    result,
    dependency,
    report: (problem) => {
      if (typeof problem?.message !== "string") throw new TypeError("it reported no message");
      const { severity, message, help, related } = problem;
      const isWarning = severity === "warning";
      report({
        severity: isWarning ? "warning" : "error",
        code: "failed-check",
        message: `${name}: ${message}`,
        at: problem.at ?? at,
        ...(help !== undefined && { help }),
        ...(related !== undefined && { related }),
      });
    },
  };
}
