// What rule sets make of a build file, which may be anything, as they may be anybody's.

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import type { Declaration, LoadContext, RuleSet } from "../rule/rule.ts";

/** Who reads a build file, and for whom. */
export interface DeclarationsRequest {
  readonly ruleSet: RuleSet;
  /** All of them, as any has the rule of a statement. */
  readonly ruleSets: readonly RuleSet[];
  readonly context: LoadContext;
}

/** The targets that `file` states. What a rule set does wrong is reported with its name. */
export function declarationsOf(
  file: Source,
  { ruleSet, ruleSets, context }: DeclarationsRequest,
): readonly Declaration[] {
  return expanded(statedIn(file, ruleSet, context), ruleSets, context);
}

/** `stated`, with what each stands for in the eyes of its rule. */
function expanded(
  stated: readonly Declaration[],
  ruleSets: readonly RuleSet[],
  context: LoadContext,
): readonly Declaration[] {
  const rules = ruleSets.flatMap((ruleSet) => ruleSet.rules.filter((rule) => rule.expand));
  return stated.flatMap((declaration) => {
    const rule = rules.find(({ name }) => name === declaration.rule);
    if (rule?.expand === undefined) return [declaration];
    try {
      return checkedDeclarations(rule.expand(declaration, context));
    } catch (error) {
      reportBroken(`the rule ${rule.name} failed on ${declaration.name}`, {
        error,
        at: declaration.at,
        report: context.report,
      });
      return [];
    }
  });
}

function statedIn(file: Source, ruleSet: RuleSet, context: LoadContext): readonly Declaration[] {
  try {
    return checkedDeclarations(ruleSet.load(file, context));
  } catch (error) {
    reportBroken(`the rule set ${ruleSet.name} failed on ${file.path}`, {
      error,
      at: { source: file, start: 0, end: 0 },
      report: context.report,
    });
    return [];
  }
}

/** Whatever a rule set throws: it may be anybody's, and one must not take the others down. */
function reportBroken(
  what: string,
  { error, at, report }: { error: unknown; at: Span; report: Report },
): void {
  const reason = error instanceof Error ? error.message : String(error);
  report({
    severity: "error",
    code: "broken-rule-set",
    message: `${what}: ${reason}`,
    at,
    help: "this is a defect of the rule set, not of your file",
  });
}

function checkedDeclarations(declarations: unknown): readonly Declaration[] {
  if (!Array.isArray(declarations)) throw new TypeError("it gave no list of declarations");
  if (declarations.every(isDeclaration)) return declarations;
  throw new TypeError("it gave something that is no declaration: name, rule, at and attributes");
}

function isDeclaration(value: unknown): value is Declaration {
  if (typeof value !== "object" || value === null) return false;
  const { name, rule, at, attributes } = value as Partial<Declaration>;
  return (
    typeof name === "string" &&
    typeof rule === "string" &&
    typeof at?.start === "number" &&
    typeof at.source?.text === "string" &&
    typeof attributes === "object" &&
    Object.values(attributes).every((one) => typeof one?.at?.start === "number")
  );
}
