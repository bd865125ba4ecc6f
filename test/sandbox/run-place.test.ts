import { mkdirSync, readdirSync, rmdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type Calm, emptyTemporary, makeRunPlace } from "../../src/sandbox/run-place.ts";
import { temporaryDirectory } from "./sandbox-rig.ts";

/** A place, and programs in it that begin when they are told to. */
function placeRig() {
  const place = makeRunPlace(join(temporaryDirectory(), "0"), undefined);
  let calm: Calm | undefined;
  let nowMs = 0;
  return {
    ...place,
    /** Ends a program that began at `beganMs`, and gives what is left. */
    end: (beganMs: number): string[] => {
      nowMs = beganMs + 1;
      calm = emptyTemporary(place, { calm, beganMs, now: () => nowMs });
      return [...readdirSync(place.temporary), ...readdirSync(place.home)];
    },
  };
}

test("what programs leave is removed, however soon or late they come", () => {
  const rig = placeRig();
  for (const beganMs of [0, 1, 2_000, 2_001, 5_000, 60_000, 60_001]) {
    writeFileSync(join(rig.temporary, "left"), "");
    mkdirSync(join(rig.home, "left"));
    expect(rig.end(beganMs)).toEqual([]);
  }
});

test("that a directory claims to be old hides nothing", () => {
  const rig = placeRig();
  rig.end(0);
  writeFileSync(join(rig.temporary, "left"), "");
  utimesSync(rig.temporary, 1, 1);
  expect(rig.end(10_000)).toEqual([]);
});

test("a directory that a program removed is told of, also when it was calm for long", () => {
  const rig = placeRig();
  for (const beganMs of [0, 5_000, 10_000]) rig.end(beganMs);
  rmdirSync(rig.home);
  expect(() => rig.end(15_000)).toThrow();
});
