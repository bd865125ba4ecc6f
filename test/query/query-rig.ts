import type { Action } from "../../src/action/action.ts";
import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Label, parseLabel } from "../../src/label/label.ts";
import type { PatternContext } from "../../src/label/pattern.ts";
import { withActions } from "../../src/query/action-nodes.ts";
import { evaluateQuery } from "../../src/query/evaluate.ts";
import { formatQuery, type QueryOutput } from "../../src/query/format.ts";
import { parseQuery } from "../../src/query/parse.ts";
import { type QueryGraph, type QueryNode, queryGraphOf } from "../../src/query/query-graph.ts";
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

/**
 * The sample graph with actions: `//libs/tls` is compiled and archived, `//apps/web:kernel` is
 * compiled and linked with the archive.
 */
export function actionGraph(): QueryGraph {
  const { graph, workspace } = load(sampleFiles);
  const base = queryGraphOf(graph, {
    currentPackage: "",
    workspaceRoot: "/w",
    workingDirectory: "/w",
    kindOf: (path) => workspace.files.kindOf(path),
  });
  const all = sampleActions.map((action) => ({ action, inputs: action.inputs }));
  const makers = new Map(
    sampleActions.flatMap((action) => action.outputs.map((path) => [path, action] as const)),
  );
  return withActions(base, { all, makerOf: (path) => makers.get(path) }, graph);
}

const sampleActions: readonly Action[] = [
  compile("//libs/tls:tls", ["out/tls/tls.o", "libs/tls/tls.c", "external/unikraft/uk/net.h"]),
  command("//libs/tls:tls", "AR", ["out/tls/tls.a", "out/tls/tls.o"]),
  compile("//apps/web:kernel", ["out/web/it's.o", "apps/web/main.c", "out/web/config.h"]),
  command("//apps/web:kernel", "GEN", ["out/web/config.h", "apps/web/config.txt"]),
  command("//apps/web:kernel", "LD", ["out/web/kernel", "out/web/it's.o", "out/tls/tls.a"]),
];

function compile(owner: string, [output = "", source = "", ...others]: string[]): Action {
  const text = output.replace(/o$/, "i");
  return {
    kind: "compile",
    mnemonic: "CC",
    owner: owner as Label,
    inputs: [source, ...others],
    outputs: [output],
    preprocess: ["gcc", "-E", "-Iseen/uk", "-include", "seen/all.h", source, "-MD", "-o", text],
    compile: ["gcc", "-c", "-o", output, text],
    text,
    depfile: output.replace(/o$/, "d"),
    searchPath: ["seen/uk"],
    env: {},
    tools: ["gcc"],
    mounts: { "external/unikraft": "seen" },
  };
}

function command(owner: string, mnemonic: string, [output = "", ...inputs]: string[]): Action {
  return {
    kind: "command",
    mnemonic,
    owner: owner as Label,
    inputs,
    outputs: [output],
    argv: ["make", output],
    env: { WORD: "two words" },
    tools: ["make"],
  };
}

/** A graph of `edges` by label, whose patterns are labels and `//...`. */
export function plainGraph(edges: ReadonlyMap<Label, readonly Label[]>): QueryGraph {
  return {
    nodes: () => edges.keys(),
    targetCount: () => edges.size,
    depsOf: (node) => edges.get(node as Label) ?? [],
    kindOf: () => "copy rule",
    targetOf: () => undefined,
    resolve: (label) => label,
    attributeNames: () => new Set(),
    pathOf: (text) => text,
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
): { labels: readonly QueryNode[] | undefined; printed: string } {
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
