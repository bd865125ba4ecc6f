import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Label, parseLabel } from "../../src/label/label.ts";
import type { PatternContext } from "../../src/label/pattern.ts";
import { evaluateQuery } from "../../src/query/evaluate.ts";
import { formatQuery, type QueryOutput } from "../../src/query/format.ts";
import { parseQuery } from "../../src/query/parse.ts";
import { type QueryGraph, queryGraphOf } from "../../src/query/query-graph.ts";
import { load } from "../graph/graph-rig.ts";

/**
 * Two diamonds: the kernel over `http` and `tls` down to `net`, and the image over kernel and
 * rootfs down to `config.txt`.
 */
const sampleFiles = {
  "apps/web/BUILD": `image: {srcs: [kernel, rootfs], default: true}
kernel: {srcs: [main.c, config.txt, //libs/tls, //libs/http]}
rootfs: {srcs: [config.txt], hidden: true}`,
  "apps/web/main.c": "",
  "apps/web/config.txt": "",
  "apps/web/README": "",
  "apps/db/BUILD": "db: {srcs: [db.c, //libs/tls], tool: //tools:run}",
  "apps/db/db.c": "",
  "libs/http/BUILD": "http: {srcs: [http.c, //libs/net]}",
  "libs/http/http.c": "",
  "libs/tls/BUILD": "tls: {srcs: [tls.c, //libs/net]}",
  "libs/tls/tls.c": "",
  "libs/net/BUILD": "net: {srcs: ['@unikraft//:source']}",
  "tools/BUILD": "run: {rule: alias, actual: gen}\ngen: {}",
  "empty/BUILD": "{}",
};

/** The sample graph, made by the real engine from files in memory; patterns are read at `from`. */
export function sampleGraph(from = ""): QueryGraph {
  const workingDirectory = `/w/${from}`;
  const { graph, workspace } = load(sampleFiles);
  const context: PatternContext = {
    currentPackage: from,
    workspaceRoot: "/w",
    workingDirectory,
    kindOf: (path) => workspace.files.kindOf(path),
  };
  return queryGraphOf(graph, context);
}

/** A graph of `edges` by label, whose patterns are labels and `//...`. */
export function plainGraph(edges: ReadonlyMap<Label, readonly Label[]>): QueryGraph {
  return {
    labels: () => edges.keys(),
    depsOf: (label) => edges.get(label) ?? [],
    kindOf: () => "copy rule",
    select: (text) => {
      if (text === "//...") return [...edges.keys()];
      const label = parseLabel(text);
      return label !== undefined && edges.has(label) ? [label] : [];
    },
  };
}

/** What `text` comes to in `graph`; undefined when it is printed what is wrong with it. */
export function ask(
  text: string,
  graph: QueryGraph,
): { labels: readonly Label[] | undefined; printed: string } {
  const printed: string[] = [];
  const report = (diagnostic: Parameters<typeof renderDiagnostic>[0]): void =>
    void printed.push(renderDiagnostic(diagnostic));
  const query = parseQuery({ path: "query", text }, report);
  const labels = query && evaluateQuery(query, graph, report);
  return { labels, printed: printed.join("\n") };
}

/** What `text` prints: the result in the form `output`, or what is wrong. */
export function show(text: string, graph: QueryGraph, output: QueryOutput = "label"): string {
  const { labels, printed } = ask(text, graph);
  return labels === undefined ? printed : formatQuery(labels, graph, output);
}
