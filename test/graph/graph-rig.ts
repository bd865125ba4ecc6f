import {
  renderDiagnostic,
  sortDiagnostics,
  type Diagnostic,
} from "../../src/diagnostic/diagnostic.ts";
import { parseDocument, plainOf, type Value } from "../../src/document/document.ts";
import { buildGraph, type Graph } from "../../src/graph/graph.ts";
import type { Label } from "../../src/label/label.ts";
import { parsePattern } from "../../src/label/pattern.ts";
import { attribute, optional } from "../../src/rule/attribute.ts";
import {
  type Declaration,
  type DeclaredAttribute,
  defineRule,
  type RuleSet,
} from "../../src/rule/rule.ts";
import { readSettings } from "../../src/workspace/config.ts";
import { FileView } from "../../src/workspace/files.ts";
import { loadWorkspace, type Workspace } from "../../src/workspace/load.ts";
import { memoryDisk } from "../workspace/memory-disk.ts";

const copy = defineRule({
  name: "copy",
  description: "copies files",
  attributes: {
    srcs: optional(attribute.labels, []),
    tool: optional(attribute.label, undefined),
    mode: optional(attribute.oneOf("fast", "slow"), "fast"),
  },
  analyze: () => ({ outputs: [] }),
});

const alias = defineRule({
  name: "alias",
  description: "names a target",
  attributes: { actual: attribute.label },
  analyze: () => ({ outputs: [] }),
});

const broken = defineRule({
  name: "broken",
  description: "is a defect",
  attributes: {
    bad: {
      type: "anything",
      read: () => {
        throw new Error("out of cheese");
      },
    },
  },
  analyze: () => ({ outputs: [] }),
});

/**
 * Build files named BUILD: a map of targets by name, each a map of attributes with `rule`
 * (`copy` unless it says otherwise), `default` and `hidden`.
 */
export const testRules: RuleSet = {
  apiVersion: 1,
  name: "test",
  buildFiles: ["BUILD"],
  rules: [copy, alias, broken],
  load: (file, { report }) => {
    if (file.text.startsWith("throw")) throw new Error(file.text);
    const document = parseDocument(file, report);
    if (document?.kind !== "map") return [];
    return [...document.entries.values()].map(({ key, keyAt, value }) => {
      const entries = value.kind === "map" ? [...value.entries.values()] : [];
      const plain = new Map(entries.map((entry) => [entry.key, plainOf(entry.value)]));
      const rule = plain.get("rule");
      const structural = new Set(["rule", "default", "hidden"]);
      const given = entries.filter((entry) => !structural.has(entry.key));
      return {
        name: key,
        rule: typeof rule === "string" ? rule : "copy",
        at: keyAt,
        attributes: Object.fromEntries(given.map((entry) => [entry.key, declared(entry.value)])),
        isDefault: plain.get("default") === true,
        inWildcards: plain.get("hidden") !== true,
      } satisfies Declaration;
    });
  },
};

/** Reads build files named BUILD.more in the same way, so that a package may have two. */
export const moreRules: RuleSet = {
  ...testRules,
  name: "more",
  buildFiles: ["BUILD.more"],
  rules: [],
};

function declared(value: Value): DeclaredAttribute {
  const items = value.kind === "list" ? { itemsAt: value.items.map(({ at }) => at) } : {};
  return { value: plainOf(value), at: value.at, ...items };
}

/** What a workspace of `files` (text by path from its root) loads to. */
export function load(
  files: Readonly<Record<string, string>>,
  ruleSets: readonly RuleSet[] = [testRules, moreRules],
): { workspace: Workspace; graph: Graph; printed: string; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const absolute = Object.entries(files).map(([path, text]) => [`/w/${path}`, text] as const);
  const view = new FileView(memoryDisk(Object.fromEntries(absolute)));
  const settings = readSettings({
    root: "/w",
    workspaceFile: "/w/kraft.workspace.yaml",
    files: view,
    host: { env: {}, cpus: 1, workingDirectory: "/w" },
    builtInRules: ["test"],
    report,
  });
  const hostArchitecture = "x86_64";
  const workspace = loadWorkspace({
    root: "/w",
    ruleSets,
    settings,
    files: view,
    hostArchitecture,
    report,
  });
  const graph = buildGraph(workspace, ruleSets, report);
  const printed = sortDiagnostics(diagnostics).map(renderDiagnostic).join("\n");
  return { workspace, graph, printed, diagnostics };
}

/** What `patterns`, as typed at the root, select; or what is printed about them. */
export function select(graph: Graph, ...patterns: string[]): string {
  const printed: string[] = [];
  const parsed = patterns.flatMap((text) => {
    const pattern = parsePattern(text, {
      currentPackage: "",
      workspaceRoot: "/w",
      workingDirectory: "/w",
      kindOf: () => undefined,
    });
    return pattern.kind === "bad" ? [] : [pattern];
  });
  const labels = graph.select(parsed, (diagnostic) => printed.push(renderDiagnostic(diagnostic)));
  return [...printed, ...labels].join("\n");
}

/** The dependencies of `label`, in full. */
export function dependenciesOf(graph: Graph, label: string): readonly string[] {
  const target = graph.targets.get(label as Label);
  if (target?.kind !== "rule") throw new Error(`${label} is no target of a rule`);
  return target.dependencies;
}
