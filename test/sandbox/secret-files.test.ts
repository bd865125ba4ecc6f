import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { makeBuildDirectory } from "../../src/sandbox/build-directory.ts";
import { openSecretFiles } from "../../src/sandbox/secret-files.ts";

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "kraft-secrets-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function hostWith(env: Readonly<Record<string, string>>, processId = process.pid) {
  return { env, processId, epochMs: () => 0, kill: process.kill.bind(process) };
}

test("what a variable holds is a file of the user alone, as it is, until the end", () => {
  const runtime = freshDirectory();
  const env = { XDG_RUNTIME_DIR: runtime, VALUE: " two\nlines\n", EMPTY: "" };
  const sources = { "a/b": "env:VALUE", none: "env:NOT_SET", empty: "env:EMPTY", file: "keys/one" };
  const { paths, close } = openSecretFiles(sources, "/work", hostWith(env));
  expect([...paths.keys()]).toEqual(["a/b", "empty", "file"]);
  expect(paths.get("file")).toBe("/work/keys/one");
  const path = paths.get("a/b") ?? "";
  expect(readFileSync(path, "utf8")).toBe(" two\nlines\n");
  expect(readFileSync(paths.get("empty") ?? "", "utf8")).toBe("");
  expect(dirname(dirname(path))).toBe(runtime);
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
  expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe("700");
  close();
  expect(existsSync(dirname(path))).toBe(false);
});

test("nothing is written for secrets in files", () => {
  const runtime = join(freshDirectory(), "not-there");
  const { paths, close } = openSecretFiles(
    { one: "one" },
    "/work",
    hostWith({ XDG_RUNTIME_DIR: runtime }),
  );
  expect([...paths]).toEqual([["one", "/work/one"]]);
  close();
});

test("what a build left that was killed goes with the next one, and nothing of others", () => {
  const runtime = freshDirectory();
  const env = { XDG_RUNTIME_DIR: runtime, VALUE: "x" };
  // No process has this id: it is beyond what Linux gives.
  const dead = makeBuildDirectory(runtime, hostWith(env, 2 ** 22 + 1), "kraft-graph-secrets-");
  const alive = makeBuildDirectory(runtime, hostWith(env), "kraft-graph-secrets-");
  const foreign = [join(runtime, "1-1-1-other"), join(runtime, "kraft-graph-secrets-of-mine")];
  for (const directory of foreign) mkdirSync(directory);
  openSecretFiles({ one: "env:VALUE" }, "/work", hostWith(env)).close();
  expect(existsSync(dead)).toBe(false);
  expect([alive, ...foreign].map((path) => existsSync(path))).toEqual([true, true, true]);
});
