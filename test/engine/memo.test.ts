import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type Memo, readMemo, writeMemo } from "../../src/engine/memo.ts";
import type { Label } from "../../src/label/label.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { buildRig } from "./build-rig.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";

const memo: Memo = {
  actions: 3,
  packages: 1,
  targets: 2,
  results: [["//:t" as Label, { outputs: [".kraft/out/t/a"] }]],
};

/** A workspace with each kind of thing that a build reads or leaves, and a memo of it. */
function rig() {
  const root = temporaryDirectory();
  const at = (name: string): string => join(root, name);
  mkdirSync(at("directory"));
  writeFileSync(at("source"), "x");
  writeFileSync(at("script"), "#!");
  symlinkSync("source", at("link"));
  writeFileSync(at("output"), "x");
  symlinkSync("output", at("output-link"));
  const sources = ["directory", "source", "script", "link", "gone", "wanted/and/absent"].map(at);
  const outputs = ["output", "output-link"].map(at);
  const path = at("memo/file");
  const request = "of this";
  /** Long after everything was made, so that all of it may be remembered. */
  const epochMs = (): number => Date.now() + 10_000;
  const write = (more: Partial<Parameters<typeof writeMemo>[1]> = {}): void =>
    writeMemo(
      { path, request },
      {
        memo,
        files: { sources, outputs },
        startMs: 0,
        areCurrent: () => true,
        host: { epochMs, processId: 1 },
        ...more,
      },
    );
  return {
    root,
    at,
    path,
    sources,
    outputs,
    write,
    read: (asked = request) => readMemo({ path, request: asked }),
  };
}

test("a memo is there while nothing changed, and touches nothing else in its directory", () => {
  const { write, read, at } = rig();
  expect(read()).toBeUndefined();
  write();
  expect(read()).toEqual(memo);
  expect(readdirSync(at("memo"))).toEqual(["file"]);
});

test("whatever a build depended on or left ends the memo when it changes", () => {
  type Change = (at: (name: string) => string) => void;
  const changes: Readonly<Record<string, Change>> = {
    "a source is written to": (at) => writeFileSync(at("source"), "yy"),
    "a source gets other bytes of the same size and time": (at) => {
      const day = new Date(86_400_000);
      utimesSync(at("source"), day, day);
    },
    "a source becomes executable": (at) => chmodSync(at("script"), 0o755),
    "a source is removed": (at) => rmSync(at("source")),
    "a source is replaced by a directory": (at) => {
      rmSync(at("source"));
      mkdirSync(at("source"));
    },
    "a directory gets another file": (at) => writeFileSync(at("directory/new"), ""),
    "a link leads elsewhere": (at) => {
      rmSync(at("link"));
      symlinkSync("script", at("link"));
    },
    "what was looked for and absent is there": (at) => writeFileSync(at("gone"), ""),
    "what was looked for deeper is there": (at) => {
      mkdirSync(at("wanted/and/absent"), { recursive: true });
    },
    "an output is removed": (at) => rmSync(at("output")),
    "an output is written to": (at) => writeFileSync(at("output"), "yy"),
    "an output loses its mode": (at) => chmodSync(at("output"), 0o600),
    "an output is another file": (at) => {
      writeFileSync(at("other"), "x");
      rmSync(at("output"));
      linkSync(at("other"), at("output"));
    },
    "an output link leads elsewhere": (at) => {
      rmSync(at("output-link"));
      symlinkSync("source", at("output-link"));
    },
  };
  for (const [title, change] of Object.entries(changes)) {
    const { write, read, at } = rig();
    write();
    change(at);
    expect(read(), title).toBeUndefined();
  }
});

test("a further hard link to an output, as another build makes, is no change", () => {
  const { write, read, at } = rig();
  write();
  linkSync(at("output"), at("second"));
  expect(read()).toEqual(memo);
});

test("what the target of an output link contains is another file's matter", () => {
  const { write, read, at } = rig();
  write({ files: { sources: [], outputs: [at("output-link")] } });
  writeFileSync(at("output"), "yy");
  expect(read()).toEqual(memo);
});

test("nothing is remembered of a source that was touched less than two seconds ago", () => {
  const { write, read } = rig();
  const touchedMs = Date.now();
  write({ host: { epochMs: () => touchedMs + 1000, processId: 1 } });
  expect(read()).toBeUndefined();
  write({ host: { epochMs: () => touchedMs + 10_000, processId: 1 } });
  expect(read()).toEqual(memo);
});

test("a source that only looks old, as after `cp -p`, is not remembered either", () => {
  const { write, read, at } = rig();
  const touchedMs = Date.now();
  const sources = ["directory", "source", "script"].map(at);
  for (const path of sources) utimesSync(path, new Date(0), new Date(0));
  const host = { epochMs: () => touchedMs + 1000, processId: 1 };
  write({ files: { sources, outputs: [] }, host });
  expect(read()).toBeUndefined();
});

test("outputs may be fresh, as nobody but the build makes them", () => {
  const { write, read, outputs } = rig();
  write({ files: { sources: [], outputs }, host: { epochMs: () => Date.now(), processId: 1 } });
  expect(read()).toEqual(memo);
});

test("nothing is remembered when a source is not as the build read it", () => {
  const { write, read } = rig();
  write({ areCurrent: () => false });
  expect(read()).toBeUndefined();
});

test("directories are looked through again only when a source was touched since the build began", () => {
  const { write } = rig();
  const asked: string[] = [];
  const areCurrent = (which: string): boolean => asked.push(which) > 0;
  write({ areCurrent, startMs: Date.now() + 5000 });
  write({ areCurrent, startMs: Date.now() - 5000 });
  expect(asked).toEqual(["files", "all"]);
});

test("nothing is remembered of a file with a line feed in its name", () => {
  const { write, read, at } = rig();
  writeFileSync(at("a\nb"), "");
  write({ files: { sources: [at("a\nb")], outputs: [] } });
  expect(read()).toBeUndefined();
});

test("half a memo is none, wherever it was cut, nor is one of another form", () => {
  const { write, read, path, sources } = rig();
  // The last line names what is absent, as any beginning of that name is.
  write({ files: { sources, outputs: [] } });
  const whole = readFileSync(path);
  for (let length = whole.length - 1; length >= 0; length -= 1) {
    truncateSync(path, length);
    expect(read(), `cut at ${length}`).toBeUndefined();
  }
  writeFileSync(path, '{"version":"of another kraft-graph"}\n');
  expect(read()).toBeUndefined();
  writeFileSync(path, whole);
  expect(read()).toEqual(memo);
});

test("a memo of which the disk lost a part is none, whichever it lost", () => {
  const { write, read, path } = rig();
  write();
  const whole = readFileSync(path);
  const end = whole.indexOf("\n");
  for (let at = end; at + 8 <= whole.length; at += 8) {
    writeFileSync(path, Buffer.from(whole).fill(0, at, at + 8));
    const lost = whole.subarray(at, at + 8).some((byte) => byte !== 0);
    expect(read(), `lost at ${at}`).toEqual(lost ? undefined : memo);
  }
});

test("a memo of another request is none, even if it has the same name", () => {
  const { write, read } = rig();
  write();
  expect(read("of that")).toBeUndefined();
  expect(read()).toEqual(memo);
});

test("a memo says nothing of what was asked for, in which passwords may be", async () => {
  const { root, run } = buildRig({
    "kraft.workspace.yaml": "version: 1\n",
    "kraft.build.yaml": "targets: [{name: a, rule: exec, outs: [o], command: ': > $OUT'}]\n",
  });
  const memos = join(root, ".kraft/memo");
  const env = { KRAFT_GRAPH_REMOTE_HEADERS: "authorization=Bearer hidden-token" };
  // The first makes .kraft, and so alters the listing of the workspace.
  for (let round = 0; round < 2; round++) await run("//:a", { env, aheadMs: 10_000 });
  const [memo = ""] = readdirSync(memos);
  expect(readFileSync(join(memos, memo), "latin1")).not.toContain("hidden-token");
  const other = { KRAFT_GRAPH_REMOTE_HEADERS: "authorization=Bearer other-token" };
  await run("//:a", { env: other, aheadMs: 10_000 });
  expect(readdirSync(memos)).toHaveLength(2);
});

test("a memo that cannot be written is an error of the store", () => {
  const { write, at } = rig();
  writeFileSync(at("memo"), "a file in the place of the directory");
  expect(() => write()).toThrow(StoreError);
});
