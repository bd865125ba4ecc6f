// Asks queries of a graph of many `exec` targets, and writes how long each took, in milliseconds.
// Usage: node query-program.mjs COUNT FILE

import { writeFileSync } from "node:fs";

import { generic } from "../rules/generic/generic.ts";
import { analyze } from "../src/analysis/analysis.ts";
import { ActionGraph } from "../src/engine/action-graph.ts";
import { buildGraph } from "../src/graph/graph.ts";
import { withActions } from "../src/query/action-nodes.ts";
import { evaluateQuery } from "../src/query/evaluate.ts";
import { formatQuery } from "../src/query/format.ts";
import { parseQuery } from "../src/query/parse.ts";
import { queryGraphOf } from "../src/query/query-graph.ts";

const perPackage = 100;
const runs = 7;

const [count = 0, file = ""] = process.argv
  .slice(2)
  .map((word, at) => (at === 0 ? Number(word) : word));
const report = (diagnostic) => {
  throw new Error(diagnostic.message);
};
const targets = buildGraph(workspaceOf(count), [generic], report);
const context = {
  currentPackage: "",
  workspaceRoot: "/w",
  workingDirectory: "/w",
  kindOf: () => undefined,
};
const base = queryGraphOf(targets, context);
const labels = [...targets.targets.keys()];
const { actions } = analyze({
  graph: targets,
  labels,
  workspaceRoot: "/w",
  sourceDateEpoch: 0,
  report,
});
const graph = new ActionGraph(actions, () => 0);
const all = actions.map((action) => ({ action, inputs: action.inputs }));
const withAll = withActions(base, { all, makerOf: (path) => graph.makerOf(path) }, targets);

const last = labels.at(-1);
const times = {
  "deps(//...)": medianOf("deps(//...)", base),
  "rdeps(//..., FIRST)": medianOf(`rdeps(//..., ${labels[0]})`, base),
  "somepath(LAST, FIRST)": medianOf(`somepath(${last}, ${labels[0]})`, base),
  "mnemonic(Exec, //...)": medianOf("mnemonic(Exec, //...)", withAll),
};
writeFileSync(file, JSON.stringify(times));

/** From the text of the query to that of the answer. */
function medianOf(text, asked) {
  const ms = Array.from({ length: runs }, () => {
    const start = performance.now();
    const nodes = evaluateQuery(parseQuery({ path: "query", text }, report), asked, report);
    if (formatQuery(nodes, asked, "label") === "") throw new Error(`${text} has no answer`);
    return performance.now() - start;
  });
  return ms.sort((a, b) => a - b)[Math.floor(runs / 2)];
}

/** Packages of targets of which each needs up to four of those before it. */
function workspaceOf(size) {
  const source = { path: "kraft.build.yaml", text: "" };
  const at = { source, start: 0, end: 0 };
  const labelAt = (index) => `//p${Math.floor(index / perPackage)}:t${index}`;
  const packages = new Map();
  for (let first = 0; first < size; first += perPackage) {
    const path = `p${first / perPackage}`;
    const declarations = new Map();
    for (let index = first; index < Math.min(size, first + perPackage); index++) {
      const needs = new Set([100, 137, 250, 999].map((step) => Math.max(0, index - step)));
      const srcs = index === 0 ? [] : [...needs].map(labelAt);
      const name = `t${index}`;
      const attributes = {
        srcs: { value: srcs, at },
        outs: { value: ["out"], at },
        command: { value: "cat $SRCS > $OUT", at },
      };
      declarations.set(name, { name, rule: "exec", at, attributes });
    }
    packages.set(path, { path, declarations, at });
  }
  const files = { kindOf: () => undefined, list: () => [] };
  return { root: "/w", packages, files, isLeftOut: () => false };
}
