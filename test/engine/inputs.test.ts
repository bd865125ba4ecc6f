import { rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import type { Host } from "../../src/base/host.ts";
import { noteEvidence } from "../../src/engine/evidence-notes.ts";
import { LaterWork } from "../../src/engine/later-work.ts";
import { Inputs } from "../../src/engine/inputs.ts";
import { textOf } from "../../src/engine/state-of.ts";
import { digestOf } from "../../src/digest/digest.ts";
import { openStore } from "../../src/store/store.ts";
import { Evidence } from "../../src/why/evidence.ts";
import { realHost, temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { owner } from "./execution-rig.ts";
import { writeFiles } from "./gcc-rig.ts";

/** Inputs over files on disk, and which of these were looked at. */
function inputsRig(
  files: Readonly<Record<string, string>>,
  cache = temporaryDirectory(),
  host: Pick<Host, "epochMs" | "processId"> = realHost,
) {
  const root = temporaryDirectory();
  writeFiles(root, files);
  const store = openStore(join(cache, "cache"), host);
  onTestFinished(() => store.close());
  const { cas } = store;
  const looked: string[] = [];
  const real = store.openStatCache(root);
  const looking = (path: string): string => {
    looked.push(path.slice(root.length + 1));
    return path;
  };
  const statCache: typeof real = {
    fileAt: (path) => real.fileAt(looking(path)),
    expectedAt: (path) => real.expectedAt(looking(path)),
    isKnownBy: (path, file, stamp) => real.isKnownBy(path, file, stamp),
    remember: (path, file) => real.remember(path, file),
    release: () => real.release(),
    save: () => real.save(),
  };
  const sources = { workspaceRoot: root, components: new Map<string, string>(), cas, statCache };
  const inputs = new Inputs({ ...sources, directoryOf: () => undefined });
  const looks = (file: string) => looked.filter((one) => one === file).length;
  return { root, store, inputs, looks };
}

const action: CommandAction = {
  kind: "command",
  mnemonic: "Gen",
  owner,
  argv: ["cp", "core/a", "out"],
  env: {},
  tools: [],
  inputs: ["core", "app"],
  outputs: [".kraft/out/t/out"],
};

test("a directory is walked over once, whatever actions do not see of others", () => {
  const { inputs, looks } = inputsRig({ "core/a": "a", "app/main.c": "", "app/Kraftfile": "" });
  inputs.of(action);
  inputs.of({ ...action, without: { app: ["/Kraftfile"] } });
  expect(looks("core/a")).toBe(1);
  inputs.of({ ...action, modesOf: ["core"] });
  expect(looks("core/a")).toBe(2);
});

test("what builds leave behind is not part of a directory, and nothing else is left out", () => {
  const { inputs } = inputsRig({ "core/.kraft/a": "", "core/b/.git": "", "core/c.git": "" });
  const { inputs: other } = inputsRig({ "core/b/.kraft/x": "", "core/c.git": "" });
  const only = { ...action, inputs: ["core"] };
  expect(inputs.at("core", only).node).toEqual(other.at("core", only).node);
  const { inputs: third } = inputsRig({ "core/b/x": "", "core/c.git": "" });
  expect(inputs.at("core", only).node).not.toEqual(third.at("core", only).node);
});

test("a directory is closed unless a link in it leads out", () => {
  const links = { "a/in": "../b/file", "a/out": "../../file", absolute: "/etc" };
  for (const [path, target] of Object.entries(links)) {
    const { root, inputs } = inputsRig({ "core/a/file": "", "core/b/file": "" });
    symlinkSync(target, join(root, "core", path));
    const { node } = inputs.at("core", action);
    const isClosed = node.kind === "tree" && inputs.isClosed(node);
    expect([path, isClosed]).toEqual([path, path === "a/in"]);
  }
});

test("a directory that went is no longer what actions were given", () => {
  const { root, inputs } = inputsRig({ "core/a": "", "app/b": "" });
  inputs.of(action);
  expect(inputs.areCurrent("files")).toBe(true);
  expect(inputs.areCurrent("all")).toBe(true);
  rmSync(join(root, "core"), { recursive: true });
  expect(inputs.areCurrent("files")).toBe(false);
});

test.for([
  ["is not looked at again", 3_600_000, 0],
  ["is, when it was touched so shortly before that it could have changed since", 0, 1],
] as const)("a source of which a stat has just told %s", ([, laterMs, looksMore]) => {
  const host = { ...realHost, epochMs: () => Date.now() + laterMs };
  const { root, inputs, looks } = inputsRig({ "core/a": "", app: "text" }, undefined, host);
  const file = join(root, "app");
  inputs.of(action);
  const before = looks("app");
  const noted = (path: string) => (path === file ? statSync(path) : undefined);
  expect(inputs.areCurrent("files", noted)).toBe(true);
  expect(looks("app")).toBe(before + looksMore);
  writeFileSync(file, "other");
  expect(inputs.areCurrent("files", noted)).toBe(false);
});

test("files of a large directory are kept to explain changes, unless a first result is taken", () => {
  const many = Array.from({ length: 500 }, (_, i) => [`core/${i}`, `text ${i}`]);
  const files = { ...Object.fromEntries(many), "app/main.c": "small" };
  for (const isTaken of [false, true]) {
    const { inputs, store } = inputsRig(files);
    const evidence = new Evidence(join(temporaryDirectory(), "evidence"));
    const read = inputs.of(action).map(({ path, node }) => [path, textOf(node)]);
    const states = { fingerprint: "", command: "c".repeat(32), tools: {} };
    const state = { ...states, inputs: Object.fromEntries(read) };
    const toolchain = { identities: new Map<string, string>() };
    const later = new LaterWork();
    const parts = { inputs, store, evidence, toolchain, later };
    noteEvidence(action, { before: undefined, state, isTaken }, parts);
    later.finish();
    const isKept = (text: string) => evidence.has(digestOf(text).slice(0, 32));
    expect([isKept("small"), isKept("text 7")]).toEqual([true, !isTaken]);
  }
});

test("a directory counts as kept when all of its files are, and one that is gone stops nothing", () => {
  const { inputs, store } = inputsRig({ "core/a": "text a", "core/b": "text b", "app/c": "" });
  const evidence = new Evidence(join(temporaryDirectory(), "evidence"));
  const read = inputs.of(action).map(({ path, node }) => [path, textOf(node)] as const);
  const [, core = ""] = read.find(([path]) => path === "core") ?? [];
  const states = { fingerprint: "", command: "c".repeat(32), tools: {} };
  const state = { ...states, inputs: Object.fromEntries(read) };
  const toolchain = { identities: new Map<string, string>() };
  const note = (cas: Pick<typeof store.cas, "read">) => {
    const later = new LaterWork();
    const parts = { inputs, store: { cas }, evidence, toolchain, later };
    noteEvidence(action, { before: undefined, state, isTaken: false }, parts);
    return later;
  };
  let nowMs = 0;
  expect(note(store.cas).some(() => (nowMs += 10))).toBe(true);
  expect(evidence.has(core)).toBe(false);
  note(store.cas).finish();
  expect(evidence.has(core)).toBe(true);
  const other = new Evidence(join(temporaryDirectory(), "evidence"));
  const later = new LaterWork();
  const cas = {
    read: () => {
      throw new Error("EIO");
    },
  };
  const parts = { inputs, store: { cas }, evidence: other, toolchain, later };
  noteEvidence(action, { before: undefined, state, isTaken: false }, parts);
  expect(() => later.finish()).not.toThrow();
});

test("an output is closed unless a link in it leads out", () => {
  for (const target of ["../b/file", "../../file"]) {
    const cache = temporaryDirectory();
    const { root, inputs } = inputsRig({ "core/a/file": "", "core/b/file": "" }, cache);
    const plain = inputs.at("core", action).node;
    symlinkSync(target, join(root, "core/a/link"));
    const linked = inputs.at("core", { ...action, modesOf: ["core"] }).node;
    const other = inputsRig({}, cache);
    const isClosed = [plain, linked].map(
      (node) => node.kind === "tree" && other.inputs.isClosed(node),
    );
    expect(isClosed).toEqual([true, target === "../b/file"]);
  }
});
