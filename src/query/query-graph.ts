import type { Action, ExecPath } from "../action/action.ts";
import type { Brand } from "../base/brand.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Graph, Target } from "../graph/graph.ts";
import type { Numbering } from "../graph/numbering.ts";
import { type Label, parseLabel, partsOf } from "../label/label.ts";
import { packagePathOf } from "../label/package-path.ts";
import { parsePattern, type PatternContext } from "../label/pattern.ts";

import type { Rule } from "../rule/rule.ts";
import type { ChangedFiles } from "./changed-files.ts";
import type { PackageFiles } from "./package-files.ts";

/** An action, by the path of its first output from the workspace root. */
export type ActionName = Brand<ExecPath, "ActionName">;

/** What queries can name: a target, a file, or an action. */
export type QueryNode = Label | ActionName;

/** An action as queries see it. */
export interface QueryAction {
  readonly action: Action;
  /** Paths of the graph: what it was seen to read, or where nobody knows, what it may read. */
  readonly inputs: readonly ExecPath[];
}

/** What queries are asked of. */
export interface QueryGraph {
  /** All nodes, each once; a file that `select` has given is among them from then on. */
  readonly nodes: () => Iterable<QueryNode>;
  /** Numbers of all nodes, where they are known already; absent or undefined: they are not. */
  readonly numbering?: () => Numbering<QueryNode> | undefined;
  /** How many nodes there are, actions aside. */
  readonly targetCount: () => number;
  /** Direct dependencies, each once. */
  readonly depsOf: (node: QueryNode) => readonly QueryNode[];
  /** `exec rule`, `source file`, `CC action`, as `kind` matches and `label_kind` prints it. */
  readonly kindOf: (node: QueryNode) => string;
  /** The action of that name; absent: the graph has none, as the query is not about any. */
  readonly actionOf?: (node: QueryNode) => QueryAction | undefined;
  /** The target of that name; undefined for actions, and for files that no target names. */
  readonly targetOf: (node: QueryNode) => Target | undefined;
  /** The label in full of what `label` names; undefined when that is nothing in the graph. */
  readonly resolve: (label: Label) => Label | undefined;
  /** The names of all attributes that targets in the graph can have. */
  readonly attributeNames: () => ReadonlySet<string>;
  /** What the user means by the label or path `text`; undefined outside of the workspace. */
  readonly pathOf: (text: string) => ExecPath | undefined;
  /** What each package was loaded from, by path; absent: the query does not need to know. */
  readonly packageFiles?: ReadonlyMap<string, PackageFiles>;
  /** What changed since each revision that the query names. */
  readonly changes?: ReadonlyMap<string, ChangedFiles>;
  /** What the pattern `text` names; when that is nothing known, it is reported. */
  readonly select: (text: string, report: Report) => readonly Label[];
}

/** What a query needs to know besides targets; see the fields of {@link QueryGraph}. */
export type QueryFacts = Pick<QueryGraph, "packageFiles" | "changes">;

/** `graph` for queries, with patterns as they are understood in `context`. */
export function queryGraphOf(
  graph: Graph,
  context: PatternContext,
  facts: QueryFacts = {},
): QueryGraph {
  const targetOf = (node: QueryNode): Target | undefined => graph.targets.get(node as Label);
  const files = new Set<QueryNode>();
  for (const { buildFiles, loadedFiles } of facts.packageFiles?.values() ?? []) {
    for (const { label } of [...buildFiles, ...loadedFiles]) {
      if (!graph.targets.has(label)) files.add(label);
    }
  }
  let attributeNames: ReadonlySet<string> | undefined;
  return {
    ...facts,
    targetOf,
    resolve: graph.resolve,
    targetCount: () => graph.targets.size,
    numbering: () =>
      files.size === 0 && graph.targets.size === graph.numbering.names.length
        ? graph.numbering
        : undefined,
    nodes: () => (files.size === 0 ? graph.targets.keys() : [...graph.targets.keys(), ...files]),
    depsOf: (node) => {
      const target = targetOf(node);
      return target?.kind === "rule" ? target.dependencies : [];
    },
    kindOf: (node) => {
      const target = targetOf(node);
      if (target?.kind === "rule") return `${target.rule.name} rule`;
      return target?.kind ?? (files.has(node) ? "source file" : "unknown");
    },
    attributeNames: () => (attributeNames ??= attributeNamesIn(graph)),
    pathOf: (text) => pathIn(text, context),
    select: (text, report) => selectIn(graph, text, { context, report }),
  };
}

function attributeNamesIn({ targets }: Graph): Set<string> {
  const rules = new Set<Rule>();
  for (const target of targets.values()) if (target.kind === "rule") rules.add(target.rule);
  return new Set([...rules].flatMap(({ attributes }) => Object.keys(attributes)));
}

/** A label is taken for the path of the file that it would name. */
function pathIn(text: string, context: PatternContext): ExecPath | undefined {
  const label = text.startsWith("//") ? parseLabel(text) : undefined;
  if (label !== undefined) {
    const { packagePath, name } = partsOf(label);
    return [packagePath, name].filter((part) => part !== "").join("/") || ".";
  }
  const found = packagePathOf(text, context);
  return found.kind === "inside" ? found.packagePath || "." : undefined;
}

function selectIn(
  graph: Graph,
  text: string,
  { context, report }: { readonly context: PatternContext; readonly report: Report },
): readonly Label[] {
  const pattern = parsePattern(text, context);
  if (pattern.kind === "bad") {
    report(pattern.diagnostic);
    return [];
  }
  if (pattern.isSubtracted) {
    const message = `"${text}" subtracts from nothing`;
    const help = `write "e except ${text.slice(1)}", where e is what to subtract from`;
    report({ severity: "error", code: "bad-label", message, help });
    return [];
  }
  return graph.selectEvery([pattern], (diagnostic) => {
    // An empty package is no mistake in a query: its answer is just empty.
    if (diagnostic.code !== "nothing-selected") report(diagnostic);
  });
}
