import { expect, test } from "vitest";

import { type Directory, encodeDirectory, encodeTree } from "../../src/action/reapi-directory.ts";
import { digestOf } from "../../src/digest/digest.ts";
import { linksStay, isClosedTree } from "../../src/engine/closed-tree.ts";

/** A directory with `below` in it, which has a link to `target`. */
function treeOf(target: string) {
  const none = { files: [], directories: [], symlinks: [] };
  const below: Directory = { ...none, symlinks: [{ name: "link", target }] };
  const digest = digestOf(encodeDirectory(below));
  const root: Directory = { ...none, directories: [{ name: "below", digest }] };
  return {
    bytes: encodeTree(encodeDirectory(root), [encodeDirectory(below)]),
    root: digestOf(encodeDirectory(root)),
    directories: new Map([root, below].map((one) => [digestOf(encodeDirectory(one)), one])),
  };
}

for (const [target, goesUp, isClosed] of [
  ["file", false, true],
  ["directory/", false, true],
  ["a..b/..c", false, true],
  ["../other", true, true],
  ["deep/../../other", true, true],
  ["..", true, true],
  ["../../out", true, false],
  ["a/../../../out", true, false],
  ["/etc/passwd", true, false],
] as const) {
  test(`a link to ${target} stays in its tree: ${isClosed}`, () => {
    const { bytes, root, directories } = treeOf(target);
    expect(linksStay(bytes)).toBe(!goesUp);
    expect(isClosedTree(root, directories)).toBe(isClosed);
  });
}

test("nothing is known of a tree that is gone or damaged", () => {
  expect(linksStay(undefined)).toBe(false);
  expect(linksStay(Buffer.from("no tree"))).toBe(false);
});
