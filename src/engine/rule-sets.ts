import { createRequire } from "node:module";
import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { RuleSet } from "../rule/rule.ts";
import type { Setting } from "../workspace/config.ts";

/** What loading rule sets takes. */
export interface RuleSetsRequest {
  /** Names of built-in ones, paths such as `./rules/own.js`, or packages of npm. */
  readonly rules: Setting<readonly string[]>;
  readonly builtIn: ReadonlyMap<string, () => Promise<RuleSet>>;
  /** What paths and packages are found from; absolute. */
  readonly root: string;
  /** The module in the file at an absolute path. */
  readonly load: (path: string) => Promise<unknown>;
  readonly report: Report;
}

/** The rule sets that `rules` names. What cannot be loaded is reported and left out. */
export async function loadRuleSets(request: RuleSetsRequest): Promise<RuleSet[]> {
  const ruleSets: RuleSet[] = [];
  for (const name of new Set(request.rules.value)) {
    const ruleSet = await (request.builtIn.get(name)?.() ?? loadForeign(name, request));
    if (ruleSet !== undefined) ruleSets.push(ruleSet);
  }
  return ruleSets;
}

async function loadForeign(
  name: string,
  { rules, builtIn, root, load, report }: RuleSetsRequest,
): Promise<RuleSet | undefined> {
  const at = rules.at === undefined ? {} : { at: rules.at };
  const path = pathOf(name, root);
  if (path === undefined) {
    const message = `there is no rule set "${name}", neither built in nor as a package of npm`;
    const help = didYouMean(name, builtIn.keys());
    report({ severity: "error", code: "unknown-rule-set", message, ...at, ...help });
    return undefined;
  }
  try {
    const module = await load(path);
    const ruleSets = Object.values(module as object).filter(isRuleSet);
    if (ruleSets[0] !== undefined && ruleSets.length === 1) return ruleSets[0];
    throw new TypeError(`it exports ${ruleSets.length} rule sets of API version 1, and not one`);
  } catch (error) {
    // Whatever a stranger's module throws.
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the rule set ${name} cannot be loaded: ${reason}`;
    report({ severity: "error", code: "broken-rule-set", message, ...at });
    return undefined;
  }
}

/** The file of a rule set that is not built in. */
function pathOf(name: string, root: string): string | undefined {
  const isPath = name.startsWith(".") || name.startsWith("/");
  try {
    const { resolve } = createRequire(posix.join(root, "kraft.workspace.yaml"));
    return resolve(isPath ? posix.resolve(root, name) : name);
  } catch {
    return isPath ? posix.resolve(root, name) : undefined;
  }
}

function isRuleSet(value: unknown): value is RuleSet {
  if (typeof value !== "object" || value === null) return false;
  const { apiVersion, name, load, rules } = value as Partial<RuleSet>;
  return (
    apiVersion === 1 &&
    typeof name === "string" &&
    typeof load === "function" &&
    Array.isArray(rules)
  );
}
