import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { componentRoot, outputRoot } from "../analysis/exec-path.ts";
import type { Graph } from "../graph/graph.ts";
import { type Label, labelOf } from "../label/label.ts";
import type { ActionName, QueryAction, QueryGraph, QueryNode } from "./query-graph.ts";

/** The actions of a graph of targets. */
export interface ActionNodes {
  readonly all: readonly QueryAction[];
  /** The action that makes `path`, or a directory that holds it; undefined for a source. */
  readonly makerOf: (path: ExecPath) => Action | undefined;
}

/**
 * `base`, with the actions that the targets come to: a target leads to its own actions, an action
 * to those that make its inputs, and to the files among them that nothing makes.
 */
export function withActions(
  base: QueryGraph,
  { all, makerOf }: ActionNodes,
  graph: Pick<Graph, "targets" | "packages">,
): QueryGraph {
  const named = new Map<QueryNode, QueryAction>(all.map((one) => [nameOf(one.action), one]));
  const owned = new Map<QueryNode, ActionName[]>();
  for (const { action } of all) {
    owned.set(action.owner, [...(owned.get(action.owner) ?? []), nameOf(action)]);
  }
  const labelOfFile = fileLabels(graph);
  const files = new Set<Label>();
  const needs = new Map<QueryNode, readonly QueryNode[]>();
  for (const [name, { inputs }] of named) {
    const ends = inputs.map((path) => {
      const maker = makerOf(path);
      return maker === undefined ? labelOfFile(path) : nameOf(maker);
    });
    needs.set(
      name,
      [...new Set(ends)].filter((end) => end !== name),
    );
    for (const end of ends) if (!named.has(end)) files.add(end as Label);
  }
  return {
    ...base,
    numbering: () => undefined,
    nodes: () => new Set([...base.nodes(), ...files, ...named.keys()]),
    depsOf: (node) => needs.get(node) ?? [...base.depsOf(node), ...(owned.get(node) ?? [])],
    kindOf: (node) => {
      const action = named.get(node)?.action;
      if (action !== undefined) return `${action.mnemonic} action`;
      return files.has(node as Label) && !graph.targets.has(node as Label)
        ? "source file"
        : base.kindOf(node);
    },
    actionOf: (node) => named.get(node),
  };
}

function nameOf(action: Action): ActionName {
  return actionId(action) as ActionName;
}

/** Labels of files by path, none of which an action makes: that of a target, else one in the package that holds the file. */
export function fileLabels({
  targets,
  packages,
}: Pick<Graph, "targets" | "packages">): (path: ExecPath) => Label {
  const known = new Map<ExecPath, Label>();
  for (const target of targets.values()) {
    if (target.kind === "source file") known.set(target.path, target.label);
  }
  const directories = new Set(packages);
  return (path) => {
    let label = known.get(path);
    if (label === undefined) known.set(path, (label = madeLabel(path, directories)));
    return label;
  };
}

function madeLabel(path: ExecPath, packages: ReadonlySet<string>): Label {
  const [top, repository = "", ...below] = path.split("/");
  if (top === componentRoot && repository !== "") {
    return labelOf({ repository, packagePath: "", name: below.join("/") || "source" });
  }
  // Nobody makes what is lost; it is no file of a package either.
  const isOutput = path.startsWith(`${outputRoot}/`);
  for (
    let end = path.lastIndexOf("/");
    end > 0 && !isOutput;
    end = path.lastIndexOf("/", end - 1)
  ) {
    const packagePath = path.slice(0, end);
    if (packages.has(packagePath)) return labelOf({ packagePath, name: path.slice(end + 1) });
  }
  return packages.has(path)
    ? labelOf({ packagePath: path, name: "." })
    : labelOf({ packagePath: "", name: path });
}
