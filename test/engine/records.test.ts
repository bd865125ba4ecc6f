import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { digestOf } from "../../src/digest/digest.ts";
import { type ActionRecord, Records } from "../../src/engine/records.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";

function record(id: string, fingerprint: string): ActionRecord {
  const node = { kind: "file", digest: digestOf(fingerprint), executable: false } as const;
  const outputs = [[id, node]] as const;
  return { id, fingerprint, command: "c", tools: { cc: "1" }, inputs: {}, outputs, wallMs: 12 };
}

/** The file of records in a fresh directory, and what a build does with it. */
function rig() {
  const path = join(temporaryDirectory(), "deep/records");
  return {
    path,
    open: (processId = 1) => new Records(path, processId),
    save: (...records: readonly ActionRecord[]): void => {
      const opened = new Records(path, 1);
      for (const one of records) opened.add(one);
      opened.save();
    },
    lines: () => readFileSync(path, "utf8").trimEnd().split("\n").length,
  };
}

test("records are there in the build that adds them, and in later ones once saved", () => {
  const { open } = rig();
  const first = open();
  expect(first.of("a")).toBeUndefined();
  first.add(record("a", "1"));
  expect(first.of("a")).toEqual(record("a", "1"));
  expect(open().of("a")).toBeUndefined();
  first.save();
  expect(open().of("a")).toEqual(record("a", "1"));
});

test("of several records of one action the last counts", () => {
  const { save, open } = rig();
  save(record("a", "1"), record("b", "1"));
  save(record("a", "2"));
  expect(open().of("a")?.fingerprint).toBe("2");
  expect(open().of("b")?.fingerprint).toBe("1");
});

test("a build that has nothing new writes nothing", () => {
  const { save, path } = rig();
  save(record("a", "1"));
  const before = readFileSync(path);
  save();
  expect(readFileSync(path)).toEqual(before);
});

test("two builds at once lose nothing of each other", () => {
  const { open } = rig();
  const [one, two] = [open(1), open(2)];
  one.of("a");
  two.of("a");
  one.add(record("a", "1"));
  two.add(record("b", "1"));
  one.save();
  two.save();
  expect([open().of("a")?.fingerprint, open().of("b")?.fingerprint]).toEqual(["1", "1"]);
});

test("half of a line, as a killed build leaves it, costs its own record and no other", () => {
  const { save, open, path } = rig();
  save(record("a", "1"), record("b", "1"));
  truncateSync(path, readFileSync(path).byteLength - 20);
  expect(open().of("b")).toBeUndefined();
  expect(open().of("a")?.fingerprint).toBe("1");
  save(record("c", "1"), record("d", "1"));
  expect(["a", "c", "d"].map((id) => open().of(id)?.fingerprint)).toEqual(["1", "1", "1"]);
});

test("lines that are no records, or were altered, are passed over", () => {
  const { save, open, path } = rig();
  save(record("a", "1"));
  appendFileSync(path, "nonsense\n\n00000000 {}\n");
  appendFileSync(
    path,
    readFileSync(path, "utf8").replace('"fingerprint":"1"', '"fingerprint":"9"'),
  );
  expect(open().of("a")?.fingerprint).toBe("1");
});

test("the file is written anew when most of its lines are old", () => {
  const { save, open, lines } = rig();
  save(record("b", "kept"));
  for (let i = 0; i < 102; i++) save(record("a", String(i)));
  expect(lines()).toBe(103);
  save(record("a", "last"));
  save(record("a", "very last"));
  expect(lines()).toBeLessThan(5);
  expect(open().of("a")?.fingerprint).toBe("very last");
  expect(open().of("b")?.fingerprint).toBe("kept");
});

test("a file that cannot be written is an error of the store, and one that cannot be read is empty", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  const records = new Records(join(directory, "file/records"), 1);
  expect(records.of("a")).toBeUndefined();
  records.add(record("a", "1"));
  expect(() => records.save()).toThrow(StoreError);
});
