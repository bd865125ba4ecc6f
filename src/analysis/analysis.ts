// Targets and their rules → actions. Does no I/O: what rules need to know, loading has found out.

import { type Action, actionId, type ExecPath, type WithoutOwner } from "../action/action.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph, Target } from "../graph/graph.ts";
import { type Label, partsOf } from "../label/label.ts";
import type { RuleContext, TargetResult } from "../rule/rule.ts";
import { ActionSet } from "./action-set.ts";
import { type ComponentPaths, newComponentPaths } from "./component-paths.ts";
import { outputDirectoryOf, sourcePathOf } from "./exec-path.ts";
import { runChecks } from "./run-checks.ts";

/** What the requested targets come to. */
export interface Analysis {
  /** Every action that the targets need, each once, in an order that is the same every time. */
  readonly actions: readonly Action[];
  /** Of the targets, and of all that they depend on, but for those with mistakes. */
  readonly results: ReadonlyMap<Label, TargetResult>;
  /** The targets, and all that they depend on. */
  readonly needed: readonly Label[];
  /** Directories outside the workspace, absolute, by the path under which actions see them. */
  readonly components: ReadonlyMap<ExecPath, string>;
}

/** What `analyze` works on. */
export interface AnalysisRequest {
  readonly graph: Graph;
  readonly labels: readonly Label[];
  /** Of the `labels`, what is wanted in place of their outputs; see `TargetResult.groups`. */
  readonly group?: string | undefined;
  /** Absolute; used only to tell directories inside the workspace from those outside. */
  readonly workspaceRoot: string;
  /** Seconds since 1970; see `RuleContext`. */
  readonly sourceDateEpoch: number;
  readonly report: Report;
}

/**
 * The actions of `labels` and of all that they depend on. Mistakes are reported, among them those
 * of rule sets: a rule that throws, or gives an action that breaks the rules of actions.
 */
export function analyze(request: AnalysisRequest): Analysis {
  const { graph, labels, workspaceRoot, sourceDateEpoch, report } = request;
  const results = new Map<Label, TargetResult>();
  const actions = new ActionSet(report);
  const components = newComponentPaths(workspaceRoot);
  const { resolve } = graph;
  const workings = { resolve, results, actions, components, sourceDateEpoch, report };
  const needed = neededFor(labels, graph);
  for (const target of needed) {
    if (isSound(target, results)) results.set(target.label, resultOf(target, workings));
  }
  if (request.group !== undefined) useGroup(request.group, labels, results);
  actions.checkConflicts();
  actions.checkMade(needed, results);
  actions.checkOrder();
  return {
    actions: actions.all(),
    results,
    needed: needed.map(({ label }) => label),
    components: components.outside,
  };
}

/** Has `labels` give the outputs of `group`, and nothing else; none where they have no such group. */
function useGroup(
  group: string,
  labels: readonly Label[],
  results: Map<Label, TargetResult>,
): void {
  for (const label of labels) {
    const result = results.get(label);
    if (result !== undefined) results.set(label, { outputs: result.groups?.[group]?.() ?? [] });
  }
}

/** Whether `target` and all it depends on are free of mistakes, which were reported before. */
function isSound(target: Target, results: ReadonlyMap<Label, TargetResult>): boolean {
  if (target.kind !== "rule") return true;
  return target.isSound && target.dependencies.every((dependency) => results.has(dependency));
}

/** The targets that `labels` need, each after its dependencies. */
function neededFor(labels: readonly Label[], graph: Graph): Target[] {
  const needed = new Set<Label>(labels);
  // Against the order, every target comes before what it depends on.
  for (const label of graph.order.toReversed()) {
    const target = graph.targets.get(label);
    if (!needed.has(label) || target?.kind !== "rule") continue;
    for (const dependency of target.dependencies) needed.add(dependency);
  }
  return graph.order.flatMap((label) => {
    const target = needed.has(label) ? graph.targets.get(label) : undefined;
    return target ?? [];
  });
}

interface Workings extends Pick<Graph, "resolve"> {
  readonly results: ReadonlyMap<Label, TargetResult>;
  readonly actions: ActionSet;
  readonly components: ComponentPaths;
  readonly sourceDateEpoch: number;
  readonly report: Report;
}

function resultOf(target: Target, workings: Workings): TargetResult {
  if (target.kind === "source file") return { outputs: [target.path] };
  if (target.kind === "component") return { outputs: [] };
  try {
    const context = contextOf(target, workings);
    const result = checkedResult(target.rule.analyze(context));
    runChecks(target, { result, dependency: context.dependency, report: workings.report });
    return result;
  } catch (error) {
    // Whatever it throws: rules may be anybody's.
    const reason = error instanceof Error ? error.message : String(error);
    workings.report({
      severity: "error",
      code: "broken-rule-set",
      message: `the rule ${target.rule.name} failed on ${target.label}: ${reason}`,
      at: target.at,
      help: "this is a defect of the rule set, not of your file",
    });
    return { outputs: [] };
  }
}

/** `value`, if it is a result. */
function checkedResult(value: unknown): TargetResult {
  const { outputs, machine } = (value ?? {}) as Partial<TargetResult>;
  if (!isTexts(outputs)) {
    throw new TypeError("it gave no result, which has `outputs`: a list of paths");
  }
  if (machine?.monitor !== undefined && !isTexts(machine.monitor.args)) {
    throw new TypeError("the `monitor` of its `machine` has no `args`: a list of words");
  }
  return value as TargetResult;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function contextOf(
  target: Extract<Target, { kind: "rule" }>,
  { resolve, results, actions, components, sourceDateEpoch, report }: Workings,
): RuleContext<Readonly<Record<string, never>>> {
  const { label, at } = target;
  const { packagePath } = partsOf(label);
  const outputDirectory = outputDirectoryOf(label);
  return {
    label,
    at,
    sourceDateEpoch,
    report,
    attributes: target.attributes as Readonly<Record<string, never>>,
    dependency: (dependency) => {
      const result = results.get(resolve(dependency) ?? dependency);
      if (result === undefined) throw new Error(`${dependency} is not one of its dependencies`);
      return result;
    },
    output: (name) => `${outputDirectory}/${name}`,
    source: (path) => sourcePathOf(packagePath, path),
    component: (name, origin) => components.pathOf({ name, origin, packagePath }),
    action: (action: WithoutOwner<Action>) => actions.add({ owner: label, ...action }, at),
  };
}

/** The action that makes each output, by output; directories stand for all below them. */
export function producersOf(actions: readonly Action[]): Map<ExecPath, ExecPath> {
  const producers = new Map<ExecPath, ExecPath>();
  for (const action of actions) {
    for (const output of action.outputs) producers.set(output, actionId(action));
  }
  return producers;
}
