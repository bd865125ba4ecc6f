import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { Graph, Target } from "../graph/graph.ts";
import { type Label, partsOf } from "../label/label.ts";
import { type PatternContext, parsePattern, type TargetPattern } from "../label/pattern.ts";

/** Which targets a user asks for. */
export interface Choice {
  /** As typed; none stands for the package that the user is in. */
  readonly patterns: readonly string[];
  /** Of the targets with a platform, only those for this one. */
  readonly platform?: string | undefined;
  readonly architecture?: string | undefined;
  /** Only targets of this name. */
  readonly name?: string | undefined;
}

/** What choosing depends on besides the graph. */
export interface ChoiceContext {
  readonly context: PatternContext;
  readonly report: Report;
}

/** The targets of `choice`, sorted. What it names and is not there is reported. */
export function chooseTargets(
  graph: Graph,
  choice: Choice,
  { context, report }: ChoiceContext,
): readonly Label[] {
  const texts = choice.patterns.length === 0 ? ["."] : choice.patterns;
  const parsed = texts.map((text) => parsePattern(text, context));
  const patterns = parsed.flatMap((pattern) => (pattern.kind === "bad" ? [] : [pattern]));
  for (const pattern of parsed) if (pattern.kind === "bad") report(pattern.diagnostic);
  if (patterns.length < parsed.length) return [];
  const { platform, architecture, name } = choice;
  if (platform === undefined && architecture === undefined && name === undefined) {
    return graph.select(patterns, report);
  }
  // A package stands for all it has here, as the default may be for another platform.
  const candidates = graph.select(patterns.map(withAll), report);
  const chosen = candidates.filter((label) => fits(graph.targets.get(label), choice));
  if (candidates.length > 0 && chosen.length === 0)
    reportNone(choice, { graph, candidates, report });
  return chosen;
}

/** Whether `choice` asks for targets of the package at a path, even if it has none. */
export function isPackageChosen(
  packagePath: string,
  { patterns: texts }: Choice,
  context: PatternContext,
): boolean {
  let isChosen = false;
  for (const text of texts.length === 0 ? ["."] : texts) {
    const pattern = parsePattern(text, context);
    if (pattern.kind === "bad" || !covers(pattern, packagePath)) continue;
    // A name that is taken out leaves the rest of its package in.
    if (!pattern.isSubtracted) isChosen = true;
    else if (pattern.kind !== "one" && pattern.kind !== "named-below") isChosen = false;
  }
  return isChosen;
}

function covers(pattern: TargetPattern, packagePath: string): boolean {
  if (pattern.kind === "one") return partsOf(pattern.label).packagePath === packagePath;
  if (pattern.packagePath === packagePath) return true;
  if (pattern.kind === "package") return false;
  return pattern.packagePath === "" || packagePath.startsWith(`${pattern.packagePath}/`);
}

function withAll(pattern: TargetPattern): TargetPattern {
  if (pattern.kind !== "package" || pattern.targets !== "default") return pattern;
  return { ...pattern, targets: "all" };
}

function fits(target: Target | undefined, { platform, architecture, name }: Choice): boolean {
  if (target?.kind !== "rule") return false;
  const { attributes, label } = target;
  if (name !== undefined && partsOf(label).name !== name) return false;
  if (platform === undefined && architecture === undefined) return true;
  const isAt = (attribute: string, wanted: string | undefined): boolean =>
    wanted === undefined || attributes[attribute] === wanted;
  const hasMachine = attributes["platform"] !== undefined;
  return hasMachine && isAt("platform", platform) && isAt("architecture", architecture);
}

function reportNone(
  { platform = "any platform", architecture = "any architecture", name }: Choice,
  { graph, candidates, report }: { graph: Graph; candidates: readonly Label[]; report: Report },
): void {
  const names = candidates.map((label) => partsOf(label).name);
  const machines = candidates.flatMap((label) => {
    const target = graph.targets.get(label);
    const attributes = target?.kind === "rule" ? target.attributes : {};
    const { platform: plat, architecture: arch } = attributes;
    return typeof plat === "string" && typeof arch === "string" ? [`${plat}/${arch}`] : [];
  });
  const there = [...new Set(machines)].sort().join(", ");
  const isNamed = name !== undefined && !names.includes(name);
  const called = name === undefined ? "" : ` called "${name}"`;
  report({
    severity: "error",
    code: "nothing-selected",
    message: isNamed
      ? `no target is called "${name}"`
      : `no target${called} is for ${platform} and ${architecture}`,
    ...(isNamed
      ? didYouMean(name, names)
      : { help: there === "" ? "none is for a machine at all" : `there are ${there}` }),
  });
}
