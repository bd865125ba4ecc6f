import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";

import type { CompileAction } from "../../src/action/action.ts";
import { Inputs } from "../../src/engine/inputs.ts";
import { Reads } from "../../src/engine/reads.ts";
import type { ReadSet } from "../../src/engine/records.ts";
import { openStore } from "../../src/store/store.ts";
import { realHost, temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { owner } from "./execution-rig.ts";
import { writeFiles } from "./gcc-rig.ts";

/** A look at files on disk, anew whenever it is asked for, as each build has it. */
function readsRig(files: Readonly<Record<string, string>>) {
  const root = temporaryDirectory();
  writeFiles(root, files);
  const store = openStore(join(temporaryDirectory(), "cache"), realHost);
  onTestFinished(() => store.close());
  const open = () => {
    const { cas } = store;
    const statCache = store.openStatCache(root);
    const sources = { workspaceRoot: root, components: new Map<string, string>() };
    const inputs = new Inputs({ ...sources, cas, statCache, directoryOf: () => undefined });
    return new Reads(inputs);
  };
  return { root, open };
}

const action: CompileAction = {
  kind: "compile",
  mnemonic: "CC",
  owner,
  preprocess: ["gcc", "-E", "app/main.c"],
  compile: ["gcc", "-c", "main.i"],
  text: "main.i",
  depfile: "main.d",
  searchPath: ["one", "two"],
  options: { header: "one/config.h", prefix: "CONFIG_" },
  env: {},
  tools: [],
  inputs: ["app", "one", "two"],
  outputs: [".kraft/out/t/main.o"],
};

test("a set holds what was looked for elsewhere than where it was found at once, and options", () => {
  const { open } = readsRig({
    "app/main.c":
      '#include "own.h"\n#include "far.h"\n#include <config.h>\n#ifdef CONFIG_A\n#endif\n',
    "app/own.h": "CONFIG_B",
    "one/far.h": "",
    "one/config.h": "#define CONFIG_A 1\n",
  });
  const files = ["app/main.c", "app/own.h", "one/far.h", "one/config.h"];
  const reads = open();
  expect(reads.setOf(action, files)).toEqual({
    files,
    searches: [{ name: "config.h" }, { name: "far.h", directory: "app" }],
    options: ["CONFIG_A", "CONFIG_B"],
  });
});

test("options are named in the state in place of their header, with their values", () => {
  const { open } = readsRig({ "app/main.c": "", "one/config.h": "#define CONFIG_A 1\n" });
  const set: ReadSet = {
    files: ["one/config.h"],
    searches: [],
    options: ["CONFIG_A", "CONFIG_B"],
  };
  expect(open().stateOf(action, set)).toEqual({ CONFIG_A: "= 1", CONFIG_B: "not set" });
});

test("a set of an engine that did not look for headers is worth nothing", () => {
  const { open } = readsRig({ "app/main.c": "" });
  const old = JSON.parse('{"files":["app/main.c"]}') as ReadSet;
  expect(open().stateOf(action, old)).toBeUndefined();
});

test("a file that is gone, and one that is a directory now, make no state", () => {
  const { root, open } = readsRig({ "app/main.c": "" });
  const set: ReadSet = { files: ["app/main.c"], searches: [] };
  rmSync(join(root, "app/main.c"));
  expect(open().stateOf(action, set)).toBeUndefined();
  mkdirSync(join(root, "app/main.c"));
  expect(open().stateOf(action, set)).toBeUndefined();
});

test("a directory by the name of a header hides nothing", () => {
  const { root, open } = readsRig({ "app/main.c": "", "two/a.h": "" });
  const set: ReadSet = { files: ["two/a.h"], searches: [{ name: "a.h" }] };
  const before = open().stateOf(action, set);
  mkdirSync(join(root, "one/a.h"), { recursive: true });
  expect(open().stateOf(action, set)).toEqual(before);
});

test("directories that changed since headers were looked for in them are told of, once", () => {
  const { root, open } = readsRig({ "app/main.c": "", "one/x.h": "", "two/a.h": "" });
  const reads = open();
  const set: ReadSet = { files: ["two/a.h"], searches: [{ name: "a.h" }] };
  reads.stateOf(action, set);
  const now = { began: Infinity, ended: Infinity, sinceMs: Infinity };
  expect(reads.isSettled(now)).toBe(true);
  renameSync(join(root, "one/x.h"), join(root, "one/a.h"));
  expect(reads.isSettled(now)).toBe(false);
  expect(reads.isSettled(now)).toBe(true);
  expect(reads.stateOf(action, set)).toMatchObject({ "one/a.h": "would be found" });
});

test("a header behind a link that leads out of its component is not kept", () => {
  const { root, open } = readsRig({ "app/main.c": "", "else/a.h": "", "app/b.h": "" });
  symlinkSync("../else/a.h", join(root, "app/a.h"));
  symlinkSync("b.h", join(root, "app/c.h"));
  const mounted = { ...action, mounts: { app: "seen" } };
  expect(open().setOf(mounted, ["seen/a.h"])).toBeUndefined();
  expect(open().setOf(mounted, ["seen/c.h"])?.files).toEqual(["seen/c.h"]);
});

test("a name that leads above a component is where the graph has it, or is not kept", () => {
  const { open } = readsRig({ "deep/app/main.c": "", "deep/b.h": "", "b.h": "" });
  const mounted = { ...action, mounts: { "deep/app": "app" } };
  // A sandbox of links finds deep/b.h there, one with directories of its own b.h.
  expect(open().setOf(mounted, ["app/../b.h"])).toBeUndefined();
});
