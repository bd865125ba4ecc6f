import { expect, test } from "vitest";

import { type Diagnostic, renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { loadRuleSets } from "../../src/engine/rule-sets.ts";
import type { RuleSet } from "../../src/rule/rule.ts";

const ruleSet = (name: string): RuleSet => ({
  apiVersion: 1,
  name,
  buildFiles: [name],
  rules: [],
  load: () => [],
});

const text = "rules: [...]";
const at = { source: { path: "kraft.workspace.yaml", text }, start: 7, end: 12 };

/** The names of the rule sets that `rules` come to, and what is printed; modules are by path. */
async function load(rules: readonly string[], modules: Readonly<Record<string, unknown>> = {}) {
  const printed: string[] = [];
  const ruleSets = await loadRuleSets({
    rules: { value: rules, origin: "the test", at },
    builtIn: new Map([
      ["unikraft", () => Promise.resolve(ruleSet("unikraft"))],
      ["generic", () => Promise.resolve(ruleSet("generic"))],
    ]),
    root: "/nowhere/w",
    load: (path) =>
      path in modules ? Promise.resolve(modules[path]) : Promise.reject(new Error(`no ${path}`)),
    read: () => undefined,
    report: (diagnostic: Diagnostic) => void printed.push(renderDiagnostic(diagnostic)),
  });
  return { names: ruleSets.map(({ name }) => name), printed: printed.join("\n") };
}

test("built-in rule sets and modules are loaded in their order, each once", async () => {
  const modules = {
    "/nowhere/w/rules/own.js": { own: ruleSet("own"), version: 3 },
    "/opt/far.js": { far: ruleSet("far") },
  };
  const rules = ["generic", "./rules/own.js", "unikraft", "generic", "/opt/far.js"];
  expect(await load(rules, modules)).toEqual({
    names: ["generic", "own", "unikraft", "far"],
    printed: "",
  });
});

test("a name that is nothing is reported with one that is near, and the others are there", async () => {
  const { names, printed } = await load(["unikarft", "generic", "no-such-package-anywhere"]);
  expect(names).toEqual(["generic"]);
  expect(printed).toMatchInlineSnapshot(`
    "error[unknown-rule-set]: there is no rule set "unikarft", neither built in nor as a package of npm
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
      = help: did you mean "unikraft"?
    error[unknown-rule-set]: there is no rule set "no-such-package-anywhere", neither built in nor as a package of npm
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^"
  `);
});

test("a module that cannot be loaded, or has not one rule set, is reported", async () => {
  const modules = {
    "/w/none.js": { text: "x", nothing: null },
    "/w/two.js": { one: ruleSet("one"), two: ruleSet("two") },
    "/w/old.js": { old: { ...ruleSet("old"), apiVersion: 2 } },
    "/w/same.js": { generic: ruleSet("generic") },
  };
  const rules = ["/w/gone.js", "/w/none.js", "/w/two.js", "/w/old.js", "generic", "/w/same.js"];
  const { names, printed } = await load(rules, modules);
  expect(names).toEqual(["generic"]);
  expect(printed).toMatchInlineSnapshot(`
    "error[broken-rule-set]: the rule set /w/gone.js cannot be loaded: no /w/gone.js
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
    error[broken-rule-set]: the rule set /w/none.js cannot be loaded: it exports no rule set
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
    error[broken-rule-set]: the rule set /w/two.js cannot be loaded: it exports 2 rule sets, and not one
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
    error[broken-rule-set]: the rule set /w/old.js cannot be loaded: it is written for version 2 of the interface, and this engine has 1
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
    error[broken-rule-set]: the rule set /w/same.js is called generic, as another one is
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^"
  `);
});

const rule = { name: "r", description: "", attributes: {}, analyze: () => ({ outputs: [] }) };

test("what is wrong with a rule set is reported with its name", async () => {
  const of = (parts: object): object => ({ own: { ...ruleSet("own"), ...parts } });
  const modules = {
    "/w/0.js": of({ apiVersion: undefined }),
    "/w/1.js": of({ name: "a b" }),
    "/w/2.js": of({ buildFiles: "BUILD" }),
    "/w/3.js": of({ load: 1 }),
    "/w/4.js": of({ rules: [rule, null] }),
    "/w/5.js": of({ rules: [{ ...rule, analyze: "x" }] }),
    "/w/6.js": of({ rules: [{ ...rule, attributes: { a: "string" } }] }),
    "/w/7.js": of({ rules: [rule, rule] }),
    "/w/8.js": of({ programs: [{ name: "p", version: "1", run: () => 0 }] }),
  };
  const { names, printed } = await load(Object.keys(modules), modules);
  expect(names).toEqual([]);
  expect(printed.split("\n").filter((line) => line.startsWith("error"))).toMatchInlineSnapshot(`
    [
      "error[broken-rule-set]: the rule set /w/0.js cannot be loaded: it is written for version none of the interface, and this engine has 1",
      "error[broken-rule-set]: the rule set /w/1.js cannot be loaded: its \`name\` is no name: letters, digits, . _ and -",
      "error[broken-rule-set]: the rule set /w/2.js cannot be loaded: its \`buildFiles\` is no list of file names",
      "error[broken-rule-set]: the rule set /w/3.js cannot be loaded: its \`load\` is no function",
      "error[broken-rule-set]: the rule set /w/4.js cannot be loaded: its rule number 2 is none: it is no object",
      "error[broken-rule-set]: the rule set /w/5.js cannot be loaded: its rule r is none: \`analyze\` is no function",
      "error[broken-rule-set]: the rule set /w/6.js cannot be loaded: its rule r is none: the attribute a has no function \`read\`",
      "error[broken-rule-set]: the rule set /w/7.js cannot be loaded: it has two rules called r",
      "error[broken-rule-set]: the rule set /w/8.js cannot be loaded: its program p is none: \`version\` is no number",
    ]
  `);
});
