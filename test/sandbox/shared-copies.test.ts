import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { SharedCopies } from "../../src/sandbox/shared-copies.ts";
import { stageInputs } from "../../src/sandbox/stage.ts";
import type { StagedDirectory } from "../../src/sandbox/staged-input.ts";
import { temporaryDirectory } from "./sandbox-rig.ts";

/** A file that was changed `ageMs` ago, by the clock that copies go by. */
function copiesRig({ ageMs = 60_000 } = {}) {
  const directory = temporaryDirectory();
  const file = join(directory, "main.c");
  writeFileSync(file, "one");
  const copies = new SharedCopies(
    () => join(directory, "copies"),
    () => Date.now() + ageMs,
  );
  return { directory, file, copies, of: () => copies.of(file) };
}

test("a file that is read once gets no copy to share; later ones share theirs", () => {
  const { directory, of } = copiesRig();
  expect(of()).toBeUndefined();
  const copy = of();
  expect(readFileSync(copy ?? "", "utf8")).toBe("one");
  expect(statSync(copy ?? "").mode & 0o777).toBe(0o444);
  expect(of()).toBe(copy);
  expect(readdirSync(join(directory, "copies"))).toHaveLength(1);
});

test("a program stays one", () => {
  const { file, of } = copiesRig();
  chmodSync(file, 0o755);
  of();
  expect(statSync(of() ?? "").mode & 0o777).toBe(0o555);
});

test("after a change there is another copy, and where the old one is linked it stays", () => {
  const { directory, file, of } = copiesRig();
  of();
  const link = join(directory, "link");
  linkSync(of() ?? "", link);
  writeFileSync(file, "two");
  expect(readFileSync(of() ?? "", "utf8")).toBe("two");
  expect(readFileSync(link, "utf8")).toBe("one");
  expect(readdirSync(join(directory, "copies"))).toHaveLength(1);
});

test("nothing is shared of a file that was changed a moment ago, as it may change again unseen", () => {
  const { of } = copiesRig({ ageMs: 0 });
  expect([of(), of(), of()]).toEqual([undefined, undefined, undefined]);
});

test("a copy that an action wrote to is given to no other", () => {
  const { of } = copiesRig();
  of();
  const copy = of() ?? "";
  chmodSync(copy, 0o644);
  writeFileSync(copy, "bad");
  expect(readFileSync(of() ?? "", "utf8")).toBe("one");
});

test("the files of a directory that is opened are shared, and an action that writes to one is told", () => {
  const { directory, copies } = copiesRig();
  const app = join(directory, "app");
  mkdirSync(app);
  for (const name of ["main.c", "hidden"]) writeFileSync(join(app, name), name);
  const input: StagedDirectory = {
    kind: "directory",
    path: "app",
    directory: app,
    hidden: ["hidden"],
  };
  const [, second, third] = ["1", "2", "3"].map((name) => {
    const root = join(directory, name);
    const staged = stageInputs(root, { inputs: [input], outputs: [] }, { isClosed: true, copies });
    const file = join(root, "app/main.c");
    return { staged, file, inode: statSync(file).ino, names: readdirSync(join(root, "app")) };
  });
  expect(third?.names).toEqual(["main.c"]);
  expect(third?.inode).toBe(second?.inode);
  expect(third?.staged.changedInputs()).toEqual([]);
  chmodSync(third?.file ?? "", 0o644);
  writeFileSync(third?.file ?? "", "other");
  expect(third?.staged.changedInputs()).toEqual(["app/main.c"]);
  expect(readFileSync(join(app, "main.c"), "utf8")).toBe("main.c");
});
