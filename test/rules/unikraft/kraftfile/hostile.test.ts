import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";

import { renderDiagnostic } from "../../../../src/diagnostic/diagnostic.ts";
import type { Span } from "../../../../src/index.ts";
import { isValidFile } from "./schema-rig.ts";
import { read } from "./kraftfile-rig.ts";
import { rightFiles } from "./right-files.ts";
import { wrongFiles } from "./wrong-files.ts";

/** Reads `text`, and sees that all places are in it, and that all diagnostics can be printed. */
function check(text: string): void {
  const outcome = read(text);
  const spans = outcome.diagnostics.flatMap(({ at, related = [] }) => [
    ...(at === undefined ? [] : [at]),
    ...related.map((one) => one.at),
  ]);
  for (const { start, end } of [...spans, ...spansIn(outcome.kraftfile)]) {
    // One past the end is where something is missing.
    if (!(0 <= start && start <= end && end <= text.length + 1)) {
      throw new Error(`${start}..${end} is not in ${text.length}`);
    }
  }
  for (const diagnostic of outcome.diagnostics) {
    if (/\n/.test(diagnostic.message)) throw new Error("a message of several lines");
    if (!renderDiagnostic(diagnostic).startsWith(diagnostic.severity)) throw new Error("not shown");
  }
  if (outcome.kraftfile === undefined && outcome.diagnostics.length === 0) {
    throw new Error("nothing was read, and nothing is said about it");
  }
}

function spansIn(value: unknown): Span[] {
  if (Array.isArray(value)) return value.flatMap(spansIn);
  if (typeof value !== "object" || value === null) return [];
  if ("start" in value && "end" in value && "source" in value) return [value as Span];
  return Object.values(value).flatMap(spansIn);
}

const texts = [...rightFiles, ...wrongFiles].map(({ text }) => text);

const scalars = fc.constantFrom(
  "stable",
  "./rootfs",
  "https://example.com/a.git",
  "qemu/x86_64",
  "kvm",
  "x86_64",
  "arm64",
  "CONFIG_A=y",
  "CONFIG_A=",
  "A",
  "a:b",
  "a:b:ro",
  "cpio",
  "dir",
  "",
  " ",
  "ro",
  "v0.6",
  "0.7",
  "kernel://k",
  "base:latest",
  "-x",
  "a\nb",
  "${A}",
  "$",
  "'",
  '"a"',
  "y",
  "on",
  "\u0000",
  0,
  1,
  -5,
  1.5,
  1e21,
  true,
  false,
  null,
);
const keys = fc.constantFrom(
  "spec",
  "specification",
  "name",
  "unikraft",
  "template",
  "runtime",
  "libraries",
  "targets",
  "rootfs",
  "roms",
  "cmd",
  "env",
  "labels",
  "volumes",
  "version",
  "source",
  "kconfig",
  "type",
  "path",
  "dockerfile",
  "format",
  "platform",
  "plat",
  "architecture",
  "arch",
  "output",
  "driver",
  "destination",
  "readonly",
  "readOnly",
  "mode",
  "CONFIG_A",
  "x-a",
  "__proto__",
  "",
);

/** What has the shape of data in YAML, and the words of Kraftfiles. */
const { value: kraftLike } = fc.letrec<{ value: unknown; map: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalars,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("map"),
  ),
  map: fc
    .array(fc.tuple(keys, tie("value")), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries)),
}));

/** A file of one attribute, so that a mistake in one does not hide what another comes to. */
const oneAttribute = fc
  .tuple(fc.constantFrom("v0.6", "v0.7"), keys, kraftLike)
  .map(([spec, key, value]) => stringify({ spec, ...Object.fromEntries([[key, value]]) }));

/** A file of ours, with a part of it replaced by a part of another. */
const mutated = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.constantFrom(...texts),
    fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat(200)),
  )
  .map(([text, other, [start, length, from, taken]]) => {
    const at = start % (text.length + 1);
    const piece = other.slice(from % (other.length + 1)).slice(0, taken);
    return text.slice(0, at) + piece + text.slice(at + (length % 40));
  });

test("whatever a text is, reading ends, and every place is in it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), check), { numRuns: 500 });
  fc.assert(
    fc.property(fc.string(), (text) => check(`spec: v0.6\n${text}`)),
    { numRuns: 500 },
  );
});

test("whatever stands where an attribute is, reading ends, and every place is in it", () => {
  fc.assert(fc.property(oneAttribute, check), { numRuns: 2000 });
  fc.assert(
    fc.property(kraftLike, (value) => check(stringify(value) ?? "")),
    { numRuns: 500 },
  );
});

test("files that were cut and pasted are read, or refused in diagnostics", () => {
  fc.assert(fc.property(mutated, check), { numRuns: 2000 });
});

test("what is read without an error is valid by the schema", () => {
  const property = (text: string): void => {
    const { diagnostics } = read(text);
    if (diagnostics.some(({ severity }) => severity === "error")) return;
    if (!isValidFile(text)) throw new Error("the schema refuses it");
  };
  fc.assert(fc.property(oneAttribute, property), { numRuns: 3000 });
  fc.assert(fc.property(mutated, property), { numRuns: 1000 });
});

test.each([
  ["a default in a default in a default …", `cmd: "${"${A:-".repeat(5000)}${"}".repeat(5000)}"\n`],
  ["a dollar sign for each character", `cmd: "${"$".repeat(100_001)}"\n`],
  ["references that are not closed", `cmd: "${"${A:-".repeat(50_000)}"\n`],
  ["an option in quotes without end", `unikraft: {kconfig: ['A="${'\\\\"'.repeat(50_000)}"']}\n`],
  ["a name of a megabyte", `runtime: "${"a/".repeat(500_000)}"\n`],
  ["a target of a megabyte", `targets: ["${"a-".repeat(500_000)}/x86_64"]\n`],
  ["a URL of a megabyte", `unikraft: "https://${"a.".repeat(500_000)}/b"\n`],
  ["a source of a megabyte", `unikraft: "a@${"a.".repeat(500_000)}"\n`],
  ["an argument of a megabyte", `cmd: "${"a ".repeat(500_000)}"\n`],
])("%s is read, or refused in a diagnostic", (_, text) => {
  check(`spec: v0.6\n${text}`);
  expect(read(`spec: v0.6\n${text}`).kraftfile).toBeDefined();
});
