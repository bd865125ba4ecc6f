// Packages to begin with: of the built-in rule sets, and of one's own.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { rig } from "./rig.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8");
const [hermit = "", team = ""] = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code]) => code ?? "",
);

const builtIn: readonly (readonly [name: string, labels: readonly string[]])[] = [
  ["bunix", ["//bunix:bunix", "//bunix:fc-x86_64"]],
  ["bunnyfile", ["//bunnyfile:image", "//bunnyfile:qemu-x86_64"]],
  ["containerfile", ["//containerfile:image"]],
  ["exec", ["//exec:page"]],
  ["hello", ["//hello:qemu-x86_64", "//hello:qemu-arm64"]],
  ["mirage", ["//mirage:hvt", "//mirage:unix"]],
  ["solo5", ["//solo5:solo5", "//solo5:solo5.spt"]],
];

test("the templates are listed, a line each", async () => {
  const { run } = rig({});
  const { stdout, code } = await run(["init", "--templates"]);
  expect(code).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(builtIn.map(([name]) => name));
  expect(lines).toContain("hello          a Kraftfile: an app in C on Unikraft that says hello");
});

test.each(builtIn)("the template %s makes a package without mistakes", async (name, labels) => {
  const { run } = rig({});
  const started = await run(["init", "--template", name]);
  expect(started.stderr).toBe("");
  expect(started.code).toBe(0);
  expect(started.stdout).toContain(`kraft-graph build //${name}\n`);
  const found = await run(["query", `deps(//${name}:all)`]);
  expect(found.stderr).toBe("");
  expect(found.code).toBe(0);
  for (const label of labels) expect(found.stdout.split("\n")).toContain(label);
});

test("what the template exec makes is built", async () => {
  const { run, build, read } = rig({});
  await run(["init", "--template", "exec", "."]);
  expect((await build("//exec")).code).toBe(0);
  expect(read(".kraft/out/exec/page/page.html")).toBe("<h1>Hello</h1>\n");
});

test("in a workspace, a template begins a package where the user says", async () => {
  const { run, read } = rig({ "kraft.workspace.yaml": "version: 1\n" });
  const { code, stdout } = await run(["init", "--template", "hello", "apps/web"]);
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      "the package //apps/web:",
      "written apps/web/Kraftfile",
      "written apps/web/Makefile.uk",
      "written apps/web/main.c",
      "next: kraft-graph build //apps/web",
      "",
    ].join("\n"),
  );
  expect(read("apps/web/Kraftfile")).toContain("name: web\n");
});

test.each([
  ["packages", { "kraft.workspace.yaml": "version: 1\npackages: [libs/**]\n" }],
  [".kraftignore", { "kraft.workspace.yaml": "version: 1\n", "apps/.kraftignore": "web\n" }],
])("where %s leaves a directory out, no package is begun", async (_, files) => {
  const { run, path } = rig(files);
  const { code, stderr } = await run(["init", "--template", "hello", "apps/web"]);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "error[unknown-package]: //apps/web would be no package: " +
      "`packages` in kraft.workspace.yaml or a .kraftignore leaves it out\n",
  );
  expect(existsSync(path("apps/web"))).toBe(false);
  expect((await run(["init", "--template", "hello", "libs/web"])).code).toBe(0);
  expect((await run(["query", "//libs/web:all"])).code).toBe(0);
});

test("no file is written over", async () => {
  const files = { "kraft.workspace.yaml": "version: 1\n", "apps/web/main.c": "mine\n" };
  const { run, read } = rig(files);
  const { stdout } = await run(["init", "--template", "hello", "apps/web"]);
  expect(stdout).toContain("written apps/web/Kraftfile\n");
  expect(stdout).toContain("kept apps/web/main.c\n");
  expect(read("apps/web/main.c")).toBe("mine\n");
});

test("a template that there is not is told, with the one that was meant", async () => {
  const { run } = rig({});
  const { code, stderr } = await run(["init", "--template", "helo"]);
  expect(stderr).toBe(
    'error[unknown-template]: no rule set has a template "helo"\n = help: did you mean "hello"?\n',
  );
  expect(code).toBe(2);
  const other = await run(["init", "--template", "unikernel"]);
  expect(other.stderr).toContain(`help: there are ${builtIn.map(([name]) => name).join(", ")}`);
});

describe("a rule set of one's own", () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\nrules: [generic, ./rules/hermit.js, ./rules/team.js]\n",
    "kraft.build.yaml":
      "targets:\n  - {name: loader, rule: exec, outs: [loader], command: 'echo loader > $OUT'}\n",
    "rules/hermit.js": hermit,
    "rules/team.js": team,
    "rules/package.json": '{"type":"module"}\n',
  };

  test("gives templates, which begin packages as its rules want them", async () => {
    const { run, build, write } = rig(files);
    const { stdout } = await run(["init", "--templates"]);
    expect(stdout).toContain("service  a Hermit application that serves a port\n");
    expect((await run(["init", "--template", "service", "apps/web"])).code).toBe(0);
    write({ "apps/web/web.elf": "\x7fELF and more" });
    expect((await build("//apps/web")).code).toBe(0);
  });

  test("shares the name of a template with another by saying whose it is", async () => {
    const { run } = rig({ ...files, "rules/team.js": team.replace('"service"', '"exec"') });
    const { stdout } = await run(["init", "--templates"]);
    expect(stdout.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "generic/exec",
      "team/exec",
      "",
    ]);
    expect((await run(["init", "--template", "exec", "apps/web"])).code).toBe(2);
    const chosen = await run(["init", "--template", "team/exec", "apps/web"]);
    expect(chosen.stdout).toContain("written apps/web/hermit.yaml\n");
  });

  const broken: readonly (readonly [what: string, find: string, put: string, told: string])[] = [
    ["throws", "files: ({ packagePath }) => ({", "files: () => (null.x, {", "failed: Cannot read"],
    [
      "leaves the package",
      '"README.md"',
      '"../README.md"',
      'failed: "../README.md" is no path below the package',
    ],
    [
      "gives no text",
      '"README.md": ',
      '"README.md": 1, x: ',
      "failed: what it gave for README.md is no text",
    ],
    ["gives nothing", "=> ({", "=> null ?? void ({", "failed: it gave no files"],
    [
      "has no function",
      "files: (",
      "file: (",
      "its template service is none: `files` is no function",
    ],
  ];

  test.each(broken)("is told when a template %s, and nothing is written", async (...row) => {
    const [, find, put, told] = row;
    expect(team).toContain(find);
    const { run, path } = rig({ ...files, "rules/team.js": team.replace(find, put) });
    const { code, stderr } = await run(["init", "--template", "service", "apps/web"]);
    expect(stderr).toContain("error[broken-rule-set]: ");
    expect(stderr).toContain(told);
    expect(code).toBe(2);
    expect(() => readFileSync(path("apps/web/hermit.yaml"))).toThrow("ENOENT");
  });
});
