// The second rule set of docs/rules.md: checks, and packages to begin with; and broken ones.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8");
const [hermit = "", team = ""] = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code]) => code ?? "",
);

const good = 'app: web.elf\nloader: //:loader\nargs: [--port, "8080"]\n';
const silent = "app: web.elf\nloader: //:loader\n";
const files = {
  "kraft.workspace.yaml": "version: 1\nrules: [generic, ./rules/hermit.js, ./rules/team.js]\n",
  "kraft.build.yaml":
    "targets:\n  - {name: loader, rule: exec, outs: [loader], command: 'echo loader > $OUT'}\n",
  "apps/web/hermit.yaml": good,
  "apps/web/web.elf": "\x7fELF and more",
  "rules/hermit.js": hermit,
  "rules/team.js": team,
  "rules/package.json": '{"type":"module"}\n',
};

test("a check lets targets pass that are as it wants them, and is listed", async () => {
  const { build, run } = rig(files);
  expect((await build("//...")).code).toBe(0);
  const rules = await run(["info", "rules"]);
  expect(rules.stdout).toContain("  check team/port: applications say which port they listen on\n");
});

test("an error of a check keeps its target from being built, wherever it is planned", async () => {
  const { build, run } = rig({ ...files, "apps/web/hermit.yaml": `${silent}args: [-v]\n` });
  const told = [
    "error[failed-check]: team/port: it does not say --port",
    " --> apps/web/hermit.yaml:3:7",
    "  |",
    "3 | args: [-v]",
    "  |       ^^^^",
    '  = help: such as args: [--port, "8080"]',
  ].join("\n");
  const built = await build("//apps/web");
  expect(built.text).toContain(told);
  expect(built.code).toBe(2);
  expect(built.executed).toEqual([]);
  expect((await run(["doctor", "//apps/web"])).stderr).toContain(told);
  expect((await build("//:loader")).code).toBe(0);
});

test("an attribute that is not stated is pointed at where the target is", async () => {
  const { build } = rig({ ...files, "apps/web/hermit.yaml": silent });
  expect((await build("//apps/web")).text).toContain(
    "error[failed-check]: team/port: it does not say --port\n --> apps/web/hermit.yaml:1:1\n",
  );
});

test("a warning of a check is told by every build, and ends when the check does", async () => {
  const warning = team.replace('severity: "error"', 'severity: "warning"');
  const { build, write } = rig({
    ...files,
    "apps/web/hermit.yaml": silent,
    "rules/team.js": warning,
  });
  const first = await build("//apps/web");
  expect(first.code).toBe(0);
  expect(first.text).toContain("warning[failed-check]: team/port: it does not say --port");
  expect((await build("//apps/web")).text).toContain("warning[failed-check]: team/port");
  write({ "rules/team.js": warning.replace("checks: [port]", "checks: []") });
  const last = await build("//apps/web");
  expect(last.text).not.toContain("failed-check");
  expect(last.counts).toEqual({ upToDate: 2 });
});

test("a check sees what rules gave, and what a target depends on", async () => {
  const asking = team.replace(
    "check({ attributes",
    `check({ label, rule, result, dependency, attributes: { loader }, report }) {
    const [first] = dependency(loader).outputs;
    const message = [label, rule, result.outputs, result.machine.platform, first].join(" ");
    report({ severity: "warning", message });
  },
  old({ attributes`,
  );
  const { build } = rig({ ...files, "rules/team.js": asking });
  expect((await build("//apps/web")).text).toContain(
    "warning[failed-check]: team/port: //apps/web:image hermit_image " +
      ".kraft/out/apps/web/image/image qemu .kraft/out/loader/loader\n",
  );
});

const broken: readonly (readonly [what: string, find: string, put: string, told: string])[] = [
  [
    "throws",
    "if (Array",
    "null.x; if (Array",
    "the check team/port failed on //apps/web:image: Cannot read",
  ],
  [
    "reports nothing to read",
    'if (Array.isArray(args) && args.includes("--port")) return;',
    "report({});",
    "the check team/port failed on //apps/web:image: it reported no message",
  ],
  ["has no function", "check({", "look({", "its check port is none: `check` is no function"],
  ["has no name", 'name: "port"', 'name: "a b"', "its check a b is none: `name` is no name"],
  [
    "names no rules",
    'rules: ["hermit_image"]',
    "rules: [1]",
    "its check port is none: `rules` is no list of names",
  ],
  ["is there twice", "checks: [port]", "checks: [port, port]", "it has two checks called port"],
  ["is no list", "checks: [port]", "checks: port", "its `checks` is no list"],
  [
    "says nothing of itself",
    'description: "applications say which port they listen on",',
    "",
    "its check port is none: `description` is no text",
  ],
];

test.each(broken)("a check that %s is told with its name, and is no crash", async (...row) => {
  const [, find, put, told] = row;
  expect(team).toContain(find);
  const { build } = rig({ ...files, "rules/team.js": team.replace(find, put) });
  const { code, text } = await build("//apps/web");
  expect(text).toContain("error[broken-rule-set]: ");
  expect(text).toContain(told);
  expect(code).toBe(2);
});
