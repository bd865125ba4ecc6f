import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { expect, test } from "vitest";

import { Evidence } from "../../src/why/evidence.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";

function rig(limitBytes?: number) {
  const path = join(temporaryDirectory(), "why/evidence");
  const open = () => new Evidence(path, limitBytes);
  return {
    path,
    open,
    keep: (texts: Readonly<Record<string, string>>) => {
      const evidence = open();
      for (const [name, text] of Object.entries(texts)) evidence.add(name, Buffer.from(text));
      evidence.save();
    },
    read: (name: string) => open().read(name)?.toString(),
  };
}

test("what was kept is there for later builds, whichever of them kept it", () => {
  const { keep, read, open } = rig();
  expect(read("a")).toBeUndefined();
  keep({ a: "one", empty: "" });
  keep({ b: "two\n" });
  expect([read("a"), read("b"), read("empty"), read("c")]).toEqual(["one", "two\n", "", undefined]);
  expect([open().has("a"), open().has("c")]).toEqual([true, false]);
});

test("two builds at once lose nothing of each other", () => {
  const { open, read } = rig();
  const [one, two] = [open(), open()];
  one.add("a", Buffer.from("1"));
  two.add("b", Buffer.from("2"));
  one.save();
  two.save();
  expect([read("a"), read("b")]).toEqual(["1", "2"]);
});

/** As a digest begins. */
function nameOf(i: number): string {
  return String(i).padStart(13, "0");
}

test("many texts are deflated, in chunks", () => {
  const { keep, read, path } = rig();
  const texts = Array.from({ length: 300 }, (_, i) => [nameOf(i), `${i} ${"text ".repeat(1000)}`]);
  keep(Object.fromEntries(texts) as Record<string, string>);
  expect(read(nameOf(0))?.slice(0, 6)).toBe("0 text");
  expect(read(nameOf(299))?.slice(0, 8)).toBe("299 text");
  expect(statSync(path).size).toBeLessThan(100_000);
});

test("chunks are written while more comes, and none is lost or written twice", async () => {
  const { open, read, path } = rig();
  const evidence = open();
  const textOf = (i: number): string => `${i} ${"text ".repeat(1000)}`;
  for (let i = 1; i <= 300; i++) {
    evidence.add(nameOf(i), Buffer.from(textOf(i)));
    if (i === 100) await expect.poll(() => existsSync(path), { timeout: 10_000 }).toBe(true);
    if (i % 40 === 0) await setImmediate();
  }
  evidence.save();
  const written = statSync(path).size;
  // Asked after what may be under way, and so answered after it.
  for (let thread = 0; thread < 4; thread++) await promisify(deflateRaw)(Buffer.alloc(2 ** 20));
  expect(statSync(path).size).toBe(written);
  const kept = open();
  for (let i = 1; i <= 300; i++) expect(kept.read(nameOf(i))?.toString()).toBe(textOf(i));
  expect(read(nameOf(301))).toBeUndefined();
});

test("a file that grew too large is set aside, and the one before it is gone", () => {
  const { keep, read, path } = rig(10);
  keep({ a: "1" });
  expect(existsSync(`${path}.old`)).toBe(false);
  keep({ b: "2" });
  expect([read("a"), read("b")]).toEqual(["1", "2"]);
  expect(existsSync(`${path}.old`)).toBe(true);
  keep({ c: "3" });
  expect([read("a"), read("b"), read("c")]).toEqual([undefined, "2", "3"]);
});

test("half a chunk, and anything else that is none, is passed over", () => {
  const { keep, read, path } = rig();
  keep({ a: "1" });
  const whole = readFileSync(path).byteLength;
  keep({ b: "2" });
  truncateSync(path, whole + 41);
  expect([read("a"), read("b")]).toEqual(["1", undefined]);
  writeFileSync(path, "nonsense");
  expect(read("a")).toBeUndefined();
  appendFileSync(path, "x".repeat(100));
  expect(read("a")).toBeUndefined();
});

test("what cannot be written is forgotten, without a word", () => {
  const { path, keep, read } = rig();
  mkdirSync(path, { recursive: true });
  keep({ a: "1" });
  expect(read("a")).toBeUndefined();
});
