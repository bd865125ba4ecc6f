// The schema of kraft.build.yaml that editors get, beside what is read.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { generic } from "../../../rules/generic/generic.ts";
import { mirage } from "../../../rules/mirage/mirage.ts";
import { solo5 } from "../../../rules/solo5/solo5.ts";
import { parseDocument, plainOf } from "../../../src/document/document.ts";
import { isValid, type Schema } from "../unikraft/kraftfile/schema-rig.ts";

const root = join(import.meta.dirname, "../../..");
const schema = JSON.parse(
  readFileSync(join(root, "schemas/kraft.build.schema.json"), "utf8"),
) as Schema & { readonly $defs: Readonly<Record<string, Schema>> };

function isValidFile(text: string): boolean {
  const document = parseDocument({ path: "kraft.build.yaml", text }, () => undefined);
  return isValid(document === undefined ? null : plainOf(document), schema);
}

const of = (target: string): string => `version: 1\ntargets:\n  - ${target}\n`;

/** What build files never state: rules expand to it. */
const inner: Readonly<Record<string, readonly string[]>> = { solo5: ["binaries"] };

test("the schema has the attributes of every rule that is stated, and no others", () => {
  const structural = ["name", "rule", "default", "glob", "exclude"];
  const stated = [...generic.rules, ...solo5.rules, ...mirage.rules].filter(
    ({ name }) => !/^solo5_(?:objects|kernel)$/.test(name),
  );
  for (const { name, attributes } of stated) {
    const known = Object.keys(attributes).filter((one) => inner[name]?.includes(one) !== true);
    const { properties } = schema.$defs[name] as { properties: Schema };
    expect([name, Object.keys(properties).sort()]).toEqual([
      name,
      [...structural, ...known].sort(),
    ]);
  }
});

test("every kraft.build.yaml of the examples and of the templates is valid", () => {
  const files = readdirSync(join(root, "examples"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("kraft.build.yaml") && !file.includes(".kraft/"))
    .map((file) => readFileSync(join(root, "examples", file), "utf8"));
  const context = { packagePath: "app", name: "app", schema: (name: string) => name };
  const templates = [generic, solo5, mirage]
    .flatMap((ruleSet) => ruleSet.templates ?? [])
    .flatMap((template) => template.files(context)["kraft.build.yaml"] ?? []);
  expect(files.length).toBeGreaterThan(2);
  expect(templates.length).toBeGreaterThan(1);
  for (const text of [...files, ...templates])
    expect([isValidFile(text), text]).toEqual([true, text]);
});

test.each([
  ["another version", "version: 2\ntargets: []\n"],
  ["an unknown key", "target: []\n"],
  ["a target without a rule", of("{name: a}")],
  ["an attribute that exec does not have", of("{name: a, rule: exec, outs: [a], out: b}")],
  ["an exec that makes nothing", of("{name: a, rule: exec}")],
  ["text where a list belongs", of("{name: a, rule: exec, outs: a}")],
  ["an alias of nothing", of("{name: a, rule: alias}")],
  ["an ABI that there is not", of("{name: a, rule: solo5, srcs: [a.c], abis: [kvm]}")],
  ["a thing that MirageOS is not configured for", of("{name: a, rule: mirage, target: kvm}")],
])("%s is refused", (_what, text) => {
  expect(isValidFile(text)).toBe(false);
});

test.each([
  ["a rule of another rule set", of("{name: a, rule: hermit_image, app: //b}")],
  ["a glob", of('{name: a, rule: filegroup, glob: "*.c", exclude: ["x.c"], default: true}')],
  ["a number in a map", of("{name: a, rule: exec, outs: [a], resources: {cpu: 2}}")],
  ["a key for oneself", "x-own: 1\ntargets: []\n"],
])("%s is taken", (_what, text) => {
  expect(isValidFile(text)).toBe(true);
});
