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
    "/w/none.js": { old: { ...ruleSet("old"), apiVersion: 0 }, text: "x", nothing: null },
    "/w/two.js": { one: ruleSet("one"), two: ruleSet("two") },
  };
  const { names, printed } = await load(["/w/gone.js", "/w/none.js", "/w/two.js"], modules);
  expect(names).toEqual([]);
  expect(printed).toMatchInlineSnapshot(`
    "error[broken-rule-set]: the rule set /w/gone.js cannot be loaded: no /w/gone.js
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
    error[broken-rule-set]: the rule set /w/none.js cannot be loaded: it exports 0 rule sets of API version 1, and not one
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^
    error[broken-rule-set]: the rule set /w/two.js cannot be loaded: it exports 2 rule sets of API version 1, and not one
     --> kraft.workspace.yaml:1:8
      |
    1 | rules: [...]
      |        ^^^^^"
  `);
});
