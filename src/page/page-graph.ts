// Nodes of a query's graph → what the page draws, and what it tells of one. Reads no file.

import type { ExecPath } from "../action/action.ts";
import { formatCommands } from "../query/commands.ts";
import { locationsIn } from "../query/location.ts";
import { packageOf } from "../query/package-of.ts";
import type { QueryGraph, QueryNode } from "../query/query-graph.ts";
import type { PageDetail, PageGraph, PageNode } from "./page-data.ts";

/** What is known of nodes besides the graph. */
export interface NodeFacts {
  /** Undefined when that is not known. */
  readonly durationOf: (id: ExecPath) => number | undefined;
  readonly unknownOf: readonly string[];
}

/** `nodes` of `graph`, and the dependencies among them. */
export function pageGraphOf(
  nodes: readonly QueryNode[],
  graph: QueryGraph,
  { durationOf, unknownOf }: NodeFacts,
): PageGraph {
  const places = new Map(nodes.map((node, place) => [node, place]));
  const edges = nodes.flatMap((node, place) =>
    graph.depsOf(node).flatMap((need) => {
      const end = places.get(need);
      return end === undefined ? [] : [place, end];
    }),
  );
  return { nodes: nodes.map((node) => pageNodeOf(node, graph, durationOf)), edges, unknownOf };
}

function pageNodeOf(
  node: QueryNode,
  graph: QueryGraph,
  durationOf: NodeFacts["durationOf"],
): PageNode {
  const kind = graph.kindOf(node);
  const packageName = packageOf(node, graph);
  const action = graph.actionOf?.(node)?.action;
  if (action === undefined) {
    const group = kind === "source file" ? "file" : "target";
    return { id: node, group, kind, name: nameIn(node), package: packageName };
  }
  const lastMs = durationOf(node);
  const { subject = action.outputs[0].replace(/^\.kraft\/out\//, ""), owner } = action;
  return {
    id: node,
    group: "action",
    kind,
    name: subject,
    package: packageName,
    owner,
    ...(lastMs !== undefined && { lastMs }),
  };
}

/** A label without its package, unless it has no name besides. */
function nameIn(label: string): string {
  const colon = label.indexOf(":");
  // All components have a target of the same name.
  if (label.startsWith("@")) return label.replace(/\/\/:source$/, "");
  return colon < 0 ? label : label.slice(colon + 1) || label;
}

/** What is told of `node` when it is looked at; less what builds left. */
export function detailsIn(graph: QueryGraph): (node: QueryNode) => PageDetail {
  const locationOf = locationsIn(graph);
  return (node) => {
    const found = graph.actionOf?.(node);
    if (found === undefined) return { location: locationOf(node) };
    const { action, inputs } = found;
    const command = formatCommands([found]).trimEnd();
    const shown = command || describeWork(action);
    const tools = "tools" in action ? action.tools : [];
    const { outputs } = action;
    return {
      location: locationOf(node),
      ...(shown !== "" && { command: shown }),
      ...(tools.length > 0 && { tools }),
      inputs,
      outputs,
    };
  };
}

type Work = NonNullable<ReturnType<NonNullable<QueryGraph["actionOf"]>>>["action"];

/** What an action does that starts no program of the machine; empty where nothing more is known. */
function describeWork(action: Work): string {
  switch (action.kind) {
    case "program":
      return [`${action.program} (inside the engine)`, ...action.args].join(" ");
    case "write":
      return `write ${action.outputs[0]} (${Buffer.byteLength(action.text)} bytes)`;
    default:
      return "";
  }
}
