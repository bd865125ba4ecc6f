// Declarations → targets: labels resolved, cycles found, patterns selected. Knows no actions.

import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import { type Label, labelOf } from "../label/label.ts";
import type { TargetPattern } from "../label/pattern.ts";
import type { Declaration, Rule, RuleSet } from "../rule/rule.ts";
import type { Workspace } from "../workspace/load.ts";
import { checkedBy, checksByRule } from "./checks.ts";
import { defaultTargetsOf } from "./default-target.ts";
import { dependencyOrder } from "./dependency-order.ts";
import { type Numbering, numberNodes } from "./numbering.ts";
import { type Edge, readAttributes } from "./read-attributes.ts";
import { Resolver } from "./resolver.ts";
import { selectTargets } from "./select.ts";
import type { RuleTarget, Target } from "./target.ts";

export type { Target } from "./target.ts";

/** The targets of a workspace. It has no cycle, unless one was reported. */
export interface Graph {
  /** By label in full. Files and components are there if a target names them. */
  readonly targets: ReadonlyMap<Label, Target>;
  /** Every target after those that it depends on. */
  readonly order: readonly Label[];
  /** Of the targets that are there when the graph is built. */
  readonly numbering: Numbering<Label>;
  /** Package paths, sorted. */
  readonly packages: readonly string[];
  /** The label in full of what `label` names; undefined when that is nothing in the graph. */
  readonly resolve: (label: Label) => Label | undefined;
  /**
   * What `patterns` name, sorted: each adds to what those before it gave, or subtracts. Unknown
   * names are reported, and so is it when nothing is left.
   */
  readonly select: (patterns: readonly TargetPattern[], report: Report) => readonly Label[];
  /**
   * As `select` but in any order, with wildcards that take in targets which are there for others'
   * sake, too.
   */
  readonly selectEvery: (patterns: readonly TargetPattern[], report: Report) => readonly Label[];
}

/** The graph of `workspace`. Mistakes are reported, and what is right is in the graph. */
export function buildGraph(
  workspace: Workspace,
  ruleSets: readonly RuleSet[],
  report: Report,
): Graph {
  const { targets, edges, broken } = declaredTargets(workspace, ruleSets, report);
  const defaults = defaultTargetsOf(workspace, report);
  const resolver = new Resolver({ workspace, targets, broken, defaults });
  for (const [label, written] of edges) {
    const target = targets.get(label);
    if (target?.kind !== "rule") continue;
    const isDefault = target.isDefault || defaults.get(written.packagePath) === label;
    const { dependencies, isWhole } = resolveEdges(written.edges, resolver, report);
    const isSound = target.isSound && isWhole;
    targets.set(label, { ...target, isDefault, isSound, dependencies });
  }
  const numbering = numberNodes(targets.keys(), (label) => {
    const target = targets.get(label);
    return target?.kind === "rule" ? target.dependencies : [];
  });
  const { names, numberOf, dependencies } = numbering;
  const starts = Array.from(targets.keys(), (label) => numberOf.get(label)!);
  const { order, cycles } = dependencyOrder(starts, dependencies);
  const named = cycles.map((cycle) => cycle.map((number) => names[number]!));
  reportCycles(named, { edges, resolver, report });
  const selectable = { targets, resolver, packages: workspace.packages };
  return {
    targets,
    order: order.map((number) => names[number]!),
    numbering,
    packages: [...workspace.packages.keys()],
    resolve: (label) => {
      // To ask the resolver for a component would add it to the graph.
      if (label.startsWith("@")) return targets.has(label) ? label : undefined;
      const resolution = resolver.resolve(label);
      return resolution.kind === "target" ? resolution.label : undefined;
    },
    select: (patterns, tell) => selectTargets(patterns, { ...selectable, report: tell }),
    selectEvery: (patterns, tell) =>
      selectTargets(patterns, {
        ...selectable,
        report: tell,
        takesHidden: true,
        isUnordered: true,
      }),
  };
}

interface Declared {
  /** Of rules only, and without dependencies yet. */
  readonly targets: Map<Label, Target>;
  readonly edges: ReadonlyMap<Label, { packagePath: string; edges: readonly Edge[] }>;
  readonly broken: ReadonlySet<Label>;
}

function declaredTargets(
  { packages }: Workspace,
  ruleSets: readonly RuleSet[],
  report: Report,
): Declared {
  const rules = new Map(ruleSets.flatMap((set) => set.rules.map((rule) => [rule.name, rule])));
  const checks = checksByRule(ruleSets);
  const targets = new Map<Label, Target>();
  const edges = new Map<Label, { packagePath: string; edges: readonly Edge[] }>();
  const broken = new Set<Label>();
  for (const [packagePath, { declarations }] of packages) {
    for (const [name, declaration] of declarations) {
      const label = labelOf({ packagePath, name });
      const rule = rules.get(declaration.rule);
      if (rule === undefined) {
        broken.add(label);
        reportUnknownRule(declaration, rules, report);
        continue;
      }
      let isSound = true;
      const tell: Report = (diagnostic) => {
        isSound &&= diagnostic.severity !== "error";
        report(diagnostic);
      };
      const read = readAttributes({ label, packagePath, rule, declaration, report: tell });
      const target = targetOf(label, { rule, declaration, attributes: read.values, isSound });
      targets.set(label, { ...target, ...checkedBy(checks.get(rule.name), declaration) });
      edges.set(label, { packagePath, edges: read.edges });
    }
  }
  return { targets, edges, broken };
}

function targetOf(
  label: Label,
  {
    rule,
    declaration: { at, isDefault = false, inWildcards = true },
    attributes,
    isSound,
  }: { rule: Rule; declaration: Declaration } & Pick<RuleTarget, "attributes" | "isSound">,
): RuleTarget {
  const place = { at, isDefault, inWildcards };
  return { kind: "rule", label, rule, attributes, dependencies: [], isSound, ...place };
}

function reportUnknownRule(
  { rule, at }: Declaration,
  rules: ReadonlyMap<string, Rule>,
  report: Report,
): void {
  report({
    severity: "error",
    code: "unknown-rule",
    message: `no rule set has a rule "${rule}"`,
    at,
    ...didYouMean(rule, rules.keys()),
  });
}

/** What the edges lead to; not `isWhole` when one leads to nothing. */
function resolveEdges(
  edges: readonly Edge[],
  resolver: Resolver,
  report: Report,
): { dependencies: Label[]; isWhole: boolean } {
  const dependencies = new Set<Label>();
  let isWhole = true;
  for (const { label, at } of edges) {
    const resolution = resolver.resolve(label);
    isWhole &&= resolution.kind === "target";
    // The text of the target itself: a copy costs memory, and comparing it time in each look-up.
    if (resolution.kind === "target") dependencies.add(resolver.ownLabel(resolution.label));
    else if (resolution.kind === "unknown") report({ ...resolution.problem, at });
  }
  return { dependencies: [...dependencies], isWhole };
}

/** More are of no use to anybody; the rest shows when these are gone. */
const maxCycles = 20;

function reportCycles(
  cycles: readonly (readonly Label[])[],
  { edges, resolver, report }: Pick<Declared, "edges"> & { resolver: Resolver; report: Report },
): void {
  for (const cycle of cycles.slice(0, maxCycles)) {
    const [first, second = first] = cycle;
    if (first === undefined || second === undefined) continue;
    const edge = edges.get(first)?.edges.find(({ label }) => {
      const resolution = resolver.resolve(label);
      return resolution.kind === "target" && resolution.label === second;
    });
    report({
      severity: "error",
      code: "dependency-cycle",
      message: `these targets depend on each other: ${[...cycle, first].join(" -> ")}`,
      ...(edge === undefined ? {} : { at: edge.at }),
    });
  }
}
