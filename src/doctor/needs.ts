// Targets and their actions → what each target needs of a machine. Pure.

import type { Action, ExecPath } from "../action/action.ts";
import type { Analysis } from "../analysis/analysis.ts";
import { executorNeedOf } from "../dockerfile/executor-need.ts";
import type { Graph } from "../graph/graph.ts";
import type { Label } from "../label/label.ts";
import type { MonitorSpec } from "../rule/rule.ts";

/** What the requested targets need of the machine that builds or runs them. */
export interface Needs {
  /** Programs, by name; one that may be absent has a trailing `?`. */
  readonly tools: ReadonlyMap<string, readonly Label[]>;
  /** Why a Dockerfile cannot be carried out, for people. */
  readonly obstacles: ReadonlyMap<string, readonly Label[]>;
  /** Kinds of machines that they boot on. */
  readonly machines: readonly MachineNeed[];
}

/** Images of one platform and architecture, as Unikraft names them. */
export interface MachineNeed {
  readonly platform: string;
  readonly architecture: string;
  readonly labels: readonly Label[];
  /** What boots them, where a rule set says so; absent: what the engine has for the platform. */
  readonly monitor?: MonitorSpec;
}

/** Where needs are seen. */
export interface NeedSources {
  readonly graph: Graph;
  readonly analysis: Analysis;
  /** The text of a file that actions see; undefined when it is not there, or not yet. */
  readonly readText: (path: ExecPath) => string | undefined;
}

/** What `labels` need, of which the analysis has all actions. */
export function needsOf(
  labels: readonly Label[],
  { graph, analysis, readText }: NeedSources,
): Needs {
  const tools = new Map<Label, Set<string>>();
  const obstacles = new Map<Label, Set<string>>();
  for (const action of analysis.actions) {
    addAll(tools, action.owner, programsOf(action));
    const need = executorNeedOf(action, readText);
    if (need?.kind === "program") addAll(tools, action.owner, [need.name]);
    if (need?.kind === "obstacle") addAll(obstacles, action.owner, [need.reason]);
  }
  return {
    tools: labelsBehind(labels, tools, graph),
    obstacles: labelsBehind(labels, obstacles, graph),
    machines: machinesOf(labels, analysis),
  };
}

/** Those of `labels` that need each thing, be it of their own or of a target behind them. */
export function labelsBehind(
  labels: readonly Label[],
  own: ReadonlyMap<Label, ReadonlySet<string>>,
  graph: Graph,
): Map<string, Label[]> {
  return labelsByNeed(labels, withDependencies(own, graph));
}

function addAll(to: Map<Label, Set<string>>, owner: Label, names: readonly string[]): void {
  const known = to.get(owner);
  if (known === undefined) to.set(owner, new Set(names));
  else for (const name of names) known.add(name);
}

function labelsByNeed(
  labels: readonly Label[],
  needs: ReadonlyMap<Label, ReadonlySet<string>>,
): Map<string, Label[]> {
  const found = new Map<string, Label[]>();
  for (const label of labels) {
    for (const name of needs.get(label) ?? []) found.set(name, [...(found.get(name) ?? []), label]);
  }
  return found;
}

function programsOf(action: Action): readonly string[] {
  if (action.kind === "fetch") return action.source.kind === "git" ? ["git"] : [];
  return action.kind === "command" || action.kind === "compile" ? action.tools : [];
}

/** Of each target, what it and all behind it need. Those that need nothing more share a set. */
function withDependencies(
  own: ReadonlyMap<Label, ReadonlySet<string>>,
  { order, targets }: Graph,
): ReadonlyMap<Label, ReadonlySet<string>> {
  const all = new Map<Label, ReadonlySet<string>>();
  const nothing: ReadonlySet<string> = new Set();
  for (const label of order) {
    const target = targets.get(label);
    const dependencies = target?.kind === "rule" ? target.dependencies : [];
    const parts = [
      own.get(label) ?? nothing,
      ...dependencies.map((one) => all.get(one) ?? nothing),
    ];
    const largest = parts.reduce((most, part) => (part.size > most.size ? part : most), nothing);
    const isWhole = parts.every((part) => part === largest || isWithin(part, largest));
    all.set(label, isWhole ? largest : new Set(parts.flatMap((part) => [...part])));
  }
  return all;
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  for (const name of part) if (!whole.has(name)) return false;
  return true;
}

function machinesOf(labels: readonly Label[], { results }: Analysis): MachineNeed[] {
  const machines = new Map<string, MachineNeed>();
  for (const label of labels) {
    const machine = results.get(label)?.machine;
    if (machine === undefined) continue;
    const { platform, architecture, monitor } = machine;
    const key = `${platform}/${architecture}/${monitor && (monitor.program ?? "")}`;
    const before = machines.get(key)?.labels ?? [];
    const labels = [...before, label];
    machines.set(key, { platform, architecture, labels, ...(monitor && { monitor }) });
  }
  return [...machines.values()];
}
