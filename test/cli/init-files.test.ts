// The files that `init` finds, and those that it makes: beside the schemas, and read by who reads them.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { bunix } from "../../rules/bunny/bunix.ts";
import { bunny } from "../../rules/bunny/bunny.ts";
import { generic } from "../../rules/generic/generic.ts";
import { mirage } from "../../rules/mirage/mirage.ts";
import { solo5 } from "../../rules/solo5/solo5.ts";
import { unikraft } from "../../rules/unikraft/unikraft.ts";
import { parseDocument, plainOf } from "../../src/document/document.ts";
import { offeredBy } from "../../src/engine/templates.ts";
import { isValid, type Schema } from "../rules/unikraft/kraftfile/schema-rig.ts";
import { cliRig } from "./cli-rig.ts";

const ruleSets = [unikraft, generic, bunny, bunix, mirage, solo5];
const builtIn = new Map(ruleSets.map((one) => [one.name, () => Promise.resolve(one)]));

test("every kind of build file makes a package: Kraftfiles, bunnyfiles, args.nix, config.ml", async () => {
  const { run } = cliRig({
    "apps/c/Kraftfile": "spec: v0.6\n",
    "apps/bunny/bunnyfile": "#syntax=harbor.nbfc.io/nubificus/bunny:latest\nversion: v0.1\n",
    "apps/contained/Containerfile":
      "#syntax=harbor.nbfc.io/nubificus/bunny:latest\nFROM scratch\nLABEL a=b\n",
    "apps/nix/args.nix": "{ }\n",
    "apps/mirage/config.ml": "open Mirage\n",
    "apps/site/kraft.build.yaml": "targets: []\n",
    "apps/plain/README.md": "no package\n",
  });
  const { code, stdout, stderr } = await run("init", { builtIn });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const packages = stdout.split("\n").filter((line) => line.startsWith("  //"));
  expect(packages.map((line) => line.trim().split(/ +/))).toEqual([
    ["//apps/bunny", "bunnyfile"],
    ["//apps/c", "Kraftfile"],
    ["//apps/contained", "Containerfile"],
    ["//apps/mirage", "config.ml"],
    ["//apps/nix", "args.nix"],
    ["//apps/site", "kraft.build.yaml"],
  ]);
});

const schemas = join(import.meta.dirname, "../../schemas");

/** Whether `text` is valid by the schema of the project that its first line tells editors of. */
function isValidByItsSchema(text: string): boolean | "none" {
  const name = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1];
  if (name === undefined) return "none";
  const schema = JSON.parse(readFileSync(join(schemas, basename(name)), "utf8")) as Schema;
  const document = parseDocument({ path: "file", text }, () => undefined);
  return isValid(document === undefined ? null : plainOf(document), schema);
}

const templates = offeredBy(ruleSets).map(({ name }) => name);
/** Files of which the project has a schema; those in formats of others are held against their readers. */
const ours = ["Kraftfile", "kraft.build.yaml"];

test.each(templates)(
  "what the template %s makes is valid by its schemas, and read without a mistake",
  async (name) => {
    const { run, root } = cliRig();
    expect(await run(["init", "--template", name, "."], { builtIn })).toMatchObject({
      code: 0,
      stderr: "",
    });
    const read = (path: string): string => readFileSync(join(root, path), "utf8");
    expect(isValidByItsSchema(read("kraft.workspace.yaml"))).toBe(true);
    const files = readdirSync(join(root, name));
    const stated = files.filter((file) => isValidByItsSchema(read(join(name, file))) !== "none");
    for (const file of stated) expect(isValidByItsSchema(read(join(name, file))), file).toBe(true);
    expect(files.filter((file) => ours.includes(file))).toEqual(stated);
    // Warnings, too, would be told.
    expect(await run(["query", `//${name}:all`], { builtIn })).toMatchObject({
      code: 0,
      stderr: "",
    });
  },
);

test("a file that is not as its schema wants is found out", () => {
  const line = "# yaml-language-server: $schema=x/kraft.workspace.schema.json\n";
  expect(isValidByItsSchema(`${line}version: 1\n`)).toBe(true);
  expect(isValidByItsSchema(`${line}version: 1\nbuild: {jobs: many}\n`)).toBe(false);
});
