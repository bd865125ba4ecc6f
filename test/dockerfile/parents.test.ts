import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { isOnTheWay, parentsInput, parentsSource } from "../../src/dockerfile/parents.ts";
import { openCases } from "./case-rig.ts";

function inputOf(sources: readonly string[], ignored: readonly string[] = []) {
  return parentsInput(sources.map(parentsSource), "app", ignored);
}

test("only what is on the way to a source counts, by the directory where that begins", () => {
  expect(inputOf(["dir/sub/one.c"])).toEqual({
    path: "app",
    without: ["/*", "!/dir", "/dir/*", "!/dir/sub", "/dir/sub/*", "!/dir/sub/one.c"],
  });
  expect(inputOf(["dir/./sub/*.c"])).toEqual({
    path: "app/dir",
    without: ["/*", "!/sub", "/sub/*", "!/sub/*.c"],
  });
});

test("several sources count together, and none hides what another needs", () => {
  expect(inputOf(["dir/a", "dir/b", "dir"])).toEqual({ path: "app", without: ["/*", "!/dir"] });
  expect(inputOf(["ab/x", "a*"]).without).toEqual(["/*", "!/ab", "!/a*"]);
  expect(inputOf(["dir/a", "**/b"]).without).toEqual([]);
  expect(inputOf(["d*/a", "x"]).without).toEqual([]);
});

test("what the ignore file leaves out is left out of what is on the way", () => {
  expect(inputOf(["dir"], ["dir/private"]).without).toEqual(["/*", "!/dir", "/dir/private"]);
});

test("directories above a source are on the way, and what is beside it is not", () => {
  const isOn = isOnTheWay([parentsSource("dir/sub/*.c")]);
  const paths = ["dir", "dir/sub", "dir/sub/one.c", "dir/sub/one.h", "dir/other", "a"];
  expect(paths.filter(isOn)).toEqual(["dir", "dir/sub", "dir/sub/one.c"]);
});

const place = openCases((context) => {
  mkdirSync(join(context, "dir"));
  writeFileSync(join(context, "dir/one.c"), "1");
  symlinkSync("dir", join(context, "link"));
  chmodSync(join(context, "dir"), 0o750);
});
afterAll(() => place.close());

test("a source behind a link is missing, and the link is named", async () => {
  const text = "FROM scratch\nCOPY --parents link/one.c /x/\n";
  await expect(place.embedded("link", text)).rejects.toThrow(
    "there is no link/one.c: /link is a link to dir, which --parents does not follow",
  );
});

test("a source without a pattern has to be there", async () => {
  const text = "FROM scratch\nCOPY --parents dir/o* none /x/\n";
  await expect(place.embedded("none", text)).rejects.toThrow("there is no none");
});

test("a directory whose name begins like another is not that one", async () => {
  const text =
    "FROM localhost/base AS base\nFROM scratch\nCOPY --parents --from=base /op/./deep /x/\n";
  await expect(place.embedded("like", text)).rejects.toThrow("there is no deep");
});
