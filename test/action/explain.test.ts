import fc from "fast-check";
import { expect, test } from "vitest";

import { explainChange } from "../../src/action/explain.ts";
import type { Fact } from "../../src/action/facts.ts";
import { digestOf } from "../../src/digest/digest.ts";

test("an argument that changed is shown before and after", () => {
  const before: Fact[] = [
    ["argv[0]", "gcc"],
    ["argv[1]", "-O1"],
  ];
  const now: Fact[] = [
    ["argv[0]", "gcc"],
    ["argv[1]", "-O2"],
  ];
  expect(explainChange(before, now)).toEqual(["argv[1]: -O1 => -O2"]);
});

test("digests are shown by their first eight digits", () => {
  const before: Fact[] = [["input src/a.c", digestOf("one")]];
  const now: Fact[] = [["input src/a.c", `${digestOf("two")} executable`]];
  expect(explainChange(before, now)).toEqual(["input src/a.c: 7692c3ad… => 3fc4ccfe… executable"]);
});

test("digests that begin alike are shown whole", () => {
  const [before, now] = [`${"a".repeat(64)}/1`, `${"a".repeat(64)}/2`];
  expect(explainChange([["input a", before]], [["input a", now]])).toEqual([
    `input a: ${before} => ${now}`,
  ]);
});

test("what came and what went is shown as absent on the other side", () => {
  const before: Fact[] = [["env.A", "1"]];
  const now: Fact[] = [["input b", `directory ${digestOf("one")}`]];
  expect(explainChange(before, now)).toEqual([
    "input b: (absent) => directory 7692c3ad…",
    "env.A: 1 => (absent)",
  ]);
});

test("of a text only the first line that differs is shown, by its number", () => {
  const lines = (third: string) => `CONFIG_A=y\nCONFIG_B=y\n${third}\nCONFIG_D=y\n`;
  const [before, now] = [lines("CONFIG_C=y"), lines("# CONFIG_C is not set")];
  expect(explainChange([["text", before]], [["text", now]])).toEqual([
    "text line 3: CONFIG_C=y => # CONFIG_C is not set",
  ]);
  expect(explainChange([["text", "a\nb"]], [["text", "a"]])).toEqual([
    "text line 2: b => (absent)",
  ]);
});

test("long values are cut to where they differ", () => {
  const value = (part: string) => `${"-I/usr/include ".repeat(20)}${part}${" -DX".repeat(50)}`;
  const [line] = explainChange([["argv[1]", value("-O1")]], [["argv[1]", value("-O2")]]);
  const around = (part: string) => `…de -I/usr/include ${part}${" -DX".repeat(9)} -D…`;
  expect(line).toBe(`argv[1]: ${around("-O1")} => ${around("-O2")}`);
});

const facts = fc
  .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.string({ unit: "grapheme" })), {
    selector: ([name]) => name,
  })
  .map((entries): Fact[] => entries);

test("every fact that differs has a line, and no other has one", () => {
  fc.assert(
    fc.property(facts, facts, (before, now) => {
      const [old, current] = [new Map(before), new Map(now)];
      const different = ["a", "b", "c", "d"].filter((name) => old.get(name) !== current.get(name));
      const named = explainChange(before, now).map((line) => line.slice(0, 1));
      expect(named.sort()).toEqual(different);
    }),
  );
});

test("no two sides of a line look the same", () => {
  const values = fc.string({ unit: fc.constantFrom("a", "b", "\n", " "), maxLength: 200 });
  fc.assert(
    fc.property(values, values, fc.constantFrom("", "x".repeat(100)), (one, other, prefix) => {
      fc.pre(one !== other);
      const [line = ""] = explainChange([["n", prefix + one]], [["n", prefix + other]]);
      const [before, now] = line.slice(line.indexOf(": ") + 2).split(" => ");
      expect(before).not.toBe(now);
    }),
  );
});
