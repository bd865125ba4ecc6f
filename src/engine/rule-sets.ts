import { createRequire } from "node:module";
import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { Digest } from "../digest/digest.ts";
import type { Rule, RuleSet } from "../rule/rule.ts";
import type { Setting } from "../workspace/config.ts";
import { type ReadText, moduleDigestOf } from "./module-files.ts";
import { faultOfRuleSet, isLikeRuleSet } from "./rule-set-shape.ts";

/** What loading rule sets takes. */
export interface RuleSetsRequest {
  /** Names of built-in ones, paths such as `./rules/own.js`, or packages of npm. */
  readonly rules: Setting<readonly string[]>;
  readonly builtIn: ReadonlyMap<string, () => Promise<RuleSet>>;
  /** What paths and packages are found from; absolute. */
  readonly root: string;
  /** The module in the file at an absolute path, whose code has that digest. */
  readonly load: (path: string, code: Digest) => Promise<unknown>;
  /** Remembers what was read: a build that is remembered depends on it. */
  readonly read: ReadText;
  readonly report: Report;
}

/** The rule sets that `rules` names. What cannot be loaded is reported and left out. */
export async function loadRuleSets(request: RuleSetsRequest): Promise<RuleSet[]> {
  const ruleSets: RuleSet[] = [];
  for (const name of new Set(request.rules.value)) {
    const ruleSet = await (request.builtIn.get(name)?.() ?? loadForeign(name, request));
    if (ruleSet !== undefined && isNew(ruleSet, { name, ruleSets, request })) {
      ruleSets.push(ruleSet);
    }
  }
  return ruleSets;
}

async function loadForeign(name: string, request: RuleSetsRequest): Promise<RuleSet | undefined> {
  const { rules, builtIn, root, load, read, report } = request;
  const path = pathOf(name, root);
  if (path === undefined) {
    const at = rules.at === undefined ? {} : { at: rules.at };
    const message = `there is no rule set "${name}", neither built in nor as a package of npm`;
    const help = didYouMean(name, builtIn.keys());
    report({ severity: "error", code: "unknown-rule-set", message, ...at, ...help });
    return undefined;
  }
  try {
    const code = moduleDigestOf(path, read);
    const module = await load(path, code);
    const candidates = new Set(Object.values(module as object).filter(isLikeRuleSet));
    const [only, ...others] = candidates;
    if (only === undefined) throw new TypeError("it exports no rule set");
    if (others.length > 0)
      throw new TypeError(`it exports ${candidates.size} rule sets, and not one`);
    const fault = faultOfRuleSet(only);
    if (fault !== undefined) throw new TypeError(fault);
    return withCode(only as unknown as RuleSet, code);
  } catch (error) {
    // Whatever a stranger's module throws.
    const reason = error instanceof Error ? error.message : String(error);
    broken(`the rule set ${name} cannot be loaded: ${reason}`, request);
    return undefined;
  }
}

/** Two that give a rule or a program of one name would take each other's targets. */
function isNew(
  ruleSet: RuleSet,
  {
    name,
    ruleSets,
    request,
  }: { name: string; ruleSets: readonly RuleSet[]; request: RuleSetsRequest },
): boolean {
  const same = ruleSets.find((other) => other.name === ruleSet.name);
  if (same !== undefined) {
    broken(`the rule set ${name} is called ${ruleSet.name}, as another one is`, request);
    return false;
  }
  for (const other of ruleSets) {
    const shared = ruleSet.rules.find((rule) => other.rules.some((one) => one.name === rule.name));
    if (shared === undefined) continue;
    broken(`the rule set ${name} has a rule ${shared.name}, as ${other.name} has`, request);
    return false;
  }
  return true;
}

function broken(message: string, { rules, report }: RuleSetsRequest): void {
  const at = rules.at === undefined ? {} : { at: rules.at };
  report({ severity: "error", code: "broken-rule-set", message, ...at });
}

/**
 * `ruleSet`, with `code` in the actions of its programs. Their version tells of changes that the
 * author knows of; of commands, all that counts is in the action itself.
 */
function withCode(ruleSet: RuleSet, code: Digest): RuleSet {
  const rules = ruleSet.rules.map((rule): Rule => {
    const analyze: Rule["analyze"] = (context) =>
      rule.analyze({
        ...context,
        action: (action) =>
          context.action(action.kind === "program" ? { ...action, code } : action),
      });
    // A stranger's objects may be of classes, whose methods are not their own.
    return Object.assign(Object.create(rule) as Rule, { analyze });
  });
  return Object.assign(Object.create(ruleSet) as RuleSet, { rules });
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
