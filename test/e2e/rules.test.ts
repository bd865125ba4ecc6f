// The rule set of docs/rules.md, taken from there, compiled and run; and broken ones.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

import { rig, temporaryDirectory } from "./rig.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/rules.md"), "utf8");

/** The code blocks of the page in the language `language`. */
function blocks(language: string): string[] {
  const found = page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return [...found].map(([, code = ""]) => code);
}

const [workspaceFile = "", buildFile = ""] = blocks("yaml");
const [ruleSet = ""] = blocks("js");

const files = {
  "kraft.workspace.yaml": workspaceFile,
  "kraft.build.yaml":
    "targets:\n  - {name: loader, rule: exec, outs: [loader], command: 'echo loader > $OUT'}\n",
  "apps/web/hermit.yaml": buildFile,
  "apps/web/web.elf": "\x7fELF and more",
  "rules/hermit.js": ruleSet,
  "rules/package.json": '{"type":"module"}\n',
};

test("the rule set of the page has less than a hundred lines", () => {
  expect(ruleSet.split("\n").length).toBeGreaterThan(50);
  expect(ruleSet.split("\n").length).toBeLessThan(110);
});

test("the rule set of the page fits the types of the interface", () => {
  const file = join(temporaryDirectory(), "hermit.js");
  writeFileSync(file, ruleSet);
  const options: ts.CompilerOptions = {
    allowJs: true,
    checkJs: true,
    strict: true,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
    paths: { "kraft-graph/rules": [join(root, "src/index.ts")] },
  };
  const program = ts.createProgram([file], options);
  const source = program.getSourceFile(file);
  const found = [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ];
  expect(
    found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
  ).toEqual([]);
}, 120_000);

test("the rule set of the page packs images, which tools read", async () => {
  const { build, path, run, write } = rig(files);
  const first = await build("//...");
  expect(first.text).toMatch(/^done/m);
  const layout = path(".kraft/out/apps/web/image/image");
  const raw = execFileSync("skopeo", ["inspect", "--raw", `oci:${layout}:latest`], {
    encoding: "utf8",
  });
  expect(JSON.parse(raw)).toMatchObject({
    annotations: { "com.urunc.unikernel.unikernelType": "hermit" },
  });
  const deps = await run(["query", "deps(//apps/web)"]);
  expect(deps.stdout.trim().split("\n").sort()).toEqual([
    "//:loader",
    "//apps/web:image",
    "//apps/web:web.elf",
  ]);
  expect((await build("//...")).counts).toEqual({ upToDate: 2 });

  // Its code is part of its actions' keys, and what a remembered build depends on.
  write({ "rules/hermit.js": ruleSet.replace('"/hermit/app"', '"/hermit/application"') });
  expect((await build("//...")).executed).toEqual(["apps/web/image/image"]);
  write({ "rules/hermit.js": ruleSet });
  expect((await build("//...")).counts).toEqual({ upToDate: 1, localHit: 1 });
});

test("mistakes in build files of a rule set are told like all others", async () => {
  const { build } = rig({ ...files, "apps/web/hermit.yaml": "app: web.elf\nloadr: //:loader\n" });
  const { code, text } = await build("//...");
  expect(code).toBe(2);
  expect(text).toContain('error[unknown-attribute]: a hermit.yaml has no key "loadr"');
  expect(text).toContain('did you mean "loader"?');
});

test("what a program says of a file of the user's fails its action", async () => {
  const { build } = rig({ ...files, "apps/web/web.elf": "text" });
  const { code, text } = await build("//...");
  expect(code).toBe(1);
  expect(text).toContain("apps/web/web.elf is no ELF file");
  expect(text).not.toContain("broke");
});

test("a rule set in a package of npm is found by its name", async () => {
  const {
    build,
    root: place,
    write,
  } = rig({
    ...files,
    "kraft.workspace.yaml": workspaceFile.replace("./rules/hermit.js", "kraft-hermit"),
  });
  mkdirSync(join(place, "node_modules/kraft-hermit"), { recursive: true });
  write({
    "node_modules/kraft-hermit/package.json":
      '{"name":"kraft-hermit","type":"module","exports":"./main.js"}',
    "node_modules/kraft-hermit/main.js": ruleSet,
  });
  expect((await build("//apps/web")).code).toBe(0);
});

const broken: readonly (readonly [what: string, find: string, put: string, told: string])[] = [
  ["has no such module", ruleSet, "", "exports no rule set"],
  ["is no JavaScript", "import {", "imprt {", "cannot be loaded"],
  [
    "throws when it is loaded",
    "const keys",
    "throw 'no luck'; const keys",
    "cannot be loaded: no luck",
  ],
  ["is for a later interface", "apiVersion: 1", "apiVersion: 2", "version 2 of the interface"],
  ["imports what there is not", "node:fs", "./gone.js", "cannot be loaded"],
  [
    "throws when it loads",
    "const document",
    "null.x; const document",
    "failed on apps/web/hermit.yaml",
  ],
  ["gives no targets", "return [{ name", "return; [{ name", "it gave no list of declarations"],
  ["gives half a target", 'name: "image", rule', "rule", "something that is no declaration"],
  ["throws a text", "const layout", "throw 'odd'; const layout", "failed on //apps/web:image: odd"],
  [
    "gives no result",
    "return { outputs: [layout], machine:",
    "return 1; void { machine:",
    "it gave no result",
  ],
  ["makes no action", "action({", "({", "and no action makes it"],
  ["has an action of no kind", 'kind: "program"', 'kind: "magic"', 'of the kind "magic"'],
  [
    "has an action without outputs",
    "outputs: [layout],\n    });",
    "outputs: [],\n    });",
    "`outputs` is no list",
  ],
  ["leaves the workspace", 'output("image")', '"../image"', "which leaves the workspace"],
];

test.each(broken)("a rule set that %s is told with its name, and is no crash", async (...row) => {
  const [, find, put, told] = row;
  expect(ruleSet).toContain(find);
  const { build } = rig({ ...files, "rules/hermit.js": ruleSet.replace(find, put) });
  const { code, text } = await build("//apps/web");
  expect(text).toContain("error[broken-rule-set]: ");
  expect(text).toContain(told);
  expect(text).not.toContain("defect of kraft-graph");
  expect(code).toBe(2);
});

test("a program that throws, or that there is not, fails its action alone", async () => {
  const throwing = ruleSet.replace("const magic", "null.x; const magic");
  const missing = ruleSet.replace('"hermit/pack"', '"hermit/pick"');
  for (const [code, told] of [
    [throwing, "the program hermit/pack broke: TypeError"],
    [missing, "no rule set has the program hermit/pick"],
  ] as const) {
    const { build } = rig({ ...files, "rules/hermit.js": code });
    const ran = await build("//...", "--keep-going");
    expect(ran.code).toBe(1);
    expect(ran.text).toContain(told);
    expect(ran.counts).toMatchObject({ executed: 1, failed: 1 });
  }
});

test("actions that wait for each other are told, and nothing hangs", async () => {
  const circle = ruleSet
    .replace("inputs: [kernel, elf]", 'inputs: [kernel, elf, output("other")]')
    .replace(
      "const machine =",
      `action({ kind: "command", mnemonic: "Other", argv: ["cp", layout, output("other")], env: {},
      tools: [], inputs: [layout], outputs: [output("other")] });
    const machine =`,
    );
  const { build } = rig({ ...files, "rules/hermit.js": circle });
  const { code, text } = await build("//apps/web");
  expect(text).toContain(
    "error[broken-rule-set]: actions of //apps/web:image wait for each other: " +
      ".kraft/out/apps/web/image/image -> .kraft/out/apps/web/image/other -> " +
      ".kraft/out/apps/web/image/image",
  );
  expect(code).toBe(2);
});
