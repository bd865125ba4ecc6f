import { expect, test } from "vitest";

import type { Action } from "../../src/action/action.ts";
import { analyze, type Analysis, producersOf } from "../../src/analysis/analysis.ts";
import { renderDiagnostic, sortDiagnostics } from "../../src/diagnostic/diagnostic.ts";
import type { Diagnostic } from "../../src/diagnostic/diagnostic.ts";
import type { Label } from "../../src/label/label.ts";
import { attribute, optional } from "../../src/rule/attribute.ts";
import { defineRule, type RuleContext, type TargetResult } from "../../src/rule/rule.ts";
import { load, testRules } from "../graph/graph-rig.ts";

type Context = RuleContext<{ readonly srcs: readonly Label[]; readonly is: string }>;

/** What the rule `play` does, by its attribute `is`. */
type Plays = Readonly<Record<string, (context: Context) => TargetResult>>;

/** The analysis of every target in `files`, whose build files may use the rule `play`. */
function analyzed(
  files: Readonly<Record<string, string>>,
  plays: Plays,
  labels?: readonly string[],
): Analysis & { readonly printed: string } {
  const play = defineRule({
    name: "play",
    description: "does what the test says",
    attributes: { srcs: optional(attribute.labels, []), is: attribute.string },
    analyze: (context) => plays[context.attributes.is]!(context),
  });
  const { graph, printed } = load(files, [{ ...testRules, rules: [play] }]);
  expect(printed).toBe("");
  const diagnostics: Diagnostic[] = [];
  const all = [...graph.targets.keys()];
  const analysis = analyze({
    graph,
    labels: labels === undefined ? all : all.filter((label) => labels.includes(label)),
    workspaceRoot: "/w",
    sourceDateEpoch: 7,
    report: (diagnostic) => void diagnostics.push(diagnostic),
  });
  const text = sortDiagnostics(diagnostics).map(renderDiagnostic).join("\n");
  return { ...analysis, printed: text };
}

/** One action that reads what the sources gave, and writes `o`. */
const make = (context: Context): TargetResult => {
  const inputs = context.attributes.srcs.flatMap((src) => context.dependency(src).outputs);
  const outputs = [context.output("o")] as const;
  context.action({ kind: "write", mnemonic: "Make", text: "", inputs, outputs });
  return { outputs };
};

/** An action that differs from a good one in `part`. */
const broken = (part: Partial<Action>) => (context: Context) => {
  const outputs = [context.output("o")] as const;
  context.action({
    kind: "write",
    mnemonic: "Make",
    text: "",
    inputs: [],
    outputs,
    ...part,
  } as Action);
  return { outputs };
};

const chain = {
  "a/BUILD": "x: {rule: play, is: make, srcs: [y, main.c]}\ny: {rule: play, is: make, srcs: [//b]}",
  "a/main.c": "",
  "b/BUILD": "z: {rule: play, is: make}\nb: {rule: play, is: make}",
};

test("targets are analyzed behind what they need, and nothing else is", () => {
  const { actions, results, printed } = analyzed(chain, { make }, ["//a:x"]);
  expect(printed).toBe("");
  expect(actions.map(({ owner, inputs }) => `${owner}: ${inputs.join(" ")}`)).toEqual([
    "//b:b: ",
    "//a:y: .kraft/out/b/b/o",
    "//a:x: .kraft/out/a/y/o a/main.c",
  ]);
  expect([...results.keys()].sort()).toEqual(["//a:main.c", "//a:x", "//a:y", "//b:b"]);
});

test("a rule sees its target, its paths and the time of outputs", () => {
  const seen: unknown[] = [];
  const look = (context: Context): TargetResult => {
    const { label, at, sourceDateEpoch, output, source } = context;
    seen.push(label, at.source.path, sourceDateEpoch, output("d/o"), source("main.c"), source("."));
    seen.push(source("../b/x"), source("../../x"));
    return { outputs: [] };
  };
  analyzed({ "a/BUILD": "x/y: {rule: play, is: look}" }, { look });
  expect(seen).toEqual([
    "//a:x/y",
    "a/BUILD",
    7,
    ".kraft/out/a/x/y/d/o",
    "a/main.c",
    "a",
    "b/x",
    "../x",
  ]);
});

test("components are seen under their names, and never under paths of the machine", () => {
  const paths: string[] = [];
  const look = ({ component }: Context): TargetResult => {
    const at = (name: string, directory: string): number =>
      paths.push(component(name, { kind: "directory", directory }));
    at("unikraft", "/home/me/unikraft");
    at("unikraft", "/home/me/./unikraft/");
    at("unikraft", "../../elsewhere/unikraft");
    at("lwip", "../libs/lwip");
    at("all", "/w");
    paths.push(component("unikraft", { kind: "action", identity: "v1" }));
    return { outputs: [] };
  };
  const { components } = analyzed({ "a/BUILD": "x: {rule: play, is: look}" }, { look });
  expect(paths).toEqual([
    "external/unikraft",
    "external/unikraft",
    "external/unikraft~2",
    "libs/lwip",
    ".",
    "external/unikraft~3bfc2695",
  ]);
  expect([...components]).toEqual([
    ["external/unikraft", "/home/me/unikraft"],
    ["external/unikraft~2", "/elsewhere/unikraft"],
  ]);
});

test("an action that two targets ask for word for word is there once", () => {
  const share = (context: Context): TargetResult => {
    const outputs = ["external/source"] as const;
    context.action({ kind: "write", mnemonic: "Fetch", text: "", inputs: [], outputs });
    return { outputs };
  };
  const files = { BUILD: "x: {rule: play, is: share}\ny: {rule: play, is: share}" };
  const { actions, printed } = analyzed(files, { share });
  expect(printed).toBe("");
  expect(actions.map(({ owner }) => owner)).toEqual(["//:x"]);
  expect([...producersOf(actions)]).toEqual([["external/source", "external/source"]]);
});

test("what a rule does wrong is reported as the rule set's, and the other targets are there", () => {
  const files = {
    BUILD: `a: {rule: play, is: throws}
b: {rule: play, is: stranger}
c: {rule: play, is: leaves}
d: {rule: play, is: absolute}
e: {rule: play, is: reads-own}
f: {rule: play, is: yields}
ok: {rule: play, is: make, srcs: [a]}`,
  };
  const { actions, printed } = analyzed(files, {
    make,
    throws: () => {
      throw new Error("out of cheese");
    },
    stranger: ({ dependency }) => dependency("//:ok" as Label),
    leaves: broken({ inputs: ["../secret"] }),
    absolute: broken({ outputs: ["/etc/passwd"] }),
    "reads-own": broken({ inputs: [".kraft/out/e/o"] }),
    yields: broken({ yields: "other" }),
  });
  expect(actions.map(({ owner }) => owner)).toEqual(["//:ok"]);
  expect(printed).toMatchInlineSnapshot(`
    "error[broken-rule-set]: the rule play failed on //:a: out of cheese
     --> BUILD:1:1
      |
    1 | a: {rule: play, is: throws}
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: the rule play failed on //:b: //:ok is not one of its dependencies
     --> BUILD:2:1
      |
    2 | b: {rule: play, is: stranger}
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: //:c has an action Make with the path "../secret", which leaves the workspace
     --> BUILD:3:1
      |
    3 | c: {rule: play, is: leaves}
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: //:d has an action Make with the path "/etc/passwd", which leaves the workspace
     --> BUILD:4:1
      |
    4 | d: {rule: play, is: absolute}
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: //:e has an action Make that has .kraft/out/e/o both as input and as output
     --> BUILD:5:1
      |
    5 | e: {rule: play, is: reads-own}
      | ^
      = help: this is a defect of the rule set, not of your file
    error[broken-rule-set]: //:f has an action Make that yields actions by other, which is none of its outputs
     --> BUILD:6:1
      |
    6 | f: {rule: play, is: yields}
      | ^
      = help: this is a defect of the rule set, not of your file"
  `);
});

test("outputs that are the same, or lie in each other, are reported", () => {
  const files = {
    BUILD: `a: {rule: play, is: one}
b: {rule: play, is: other}
c: {rule: play, is: inner}`,
  };
  const { printed } = analyzed(files, {
    one: broken({ outputs: ["gen/dir"] }),
    other: broken({ outputs: ["gen/dir"], mnemonic: "Other" }),
    inner: broken({ outputs: ["gen/dir/deep/file"] }),
  });
  expect(printed).toMatchInlineSnapshot(`
    "error[output-conflict]: //:b and //:a both make gen/dir
     --> BUILD:2:1
      |
    2 | b: {rule: play, is: other}
      | ^
    error[output-conflict]: //:c and //:a both make gen/dir
     --> BUILD:3:1
      |
    3 | c: {rule: play, is: inner}
      | ^"
  `);
});
