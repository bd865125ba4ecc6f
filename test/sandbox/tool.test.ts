import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { findProgram } from "../../src/sandbox/program-file.ts";
import { type ToolCache, toolIdentity } from "../../src/sandbox/tool.ts";
import { VersionQuestions } from "../../src/sandbox/tool-questions.ts";
import { temporaryDirectory } from "./sandbox-rig.ts";

const system = "/usr/local/bin:/usr/bin:/bin";

/** A directory of programs that are scripts, each of which notes in `calls` how it was called. */
function toolRig() {
  const directory = temporaryDirectory();
  const calls = join(directory, "calls");
  const bin = join(directory, "bin");
  const other = join(directory, "other");
  for (const one of [bin, other]) mkdirSync(one);
  const path = `${bin}:${other}:/usr/bin:/bin`;
  let cache: ToolCache = {};
  return {
    bin,
    other,
    path,
    add: (name: string, script: string, where = bin) =>
      writeFileSync(join(where, name), `#!/bin/sh\necho "$@" >> ${calls}\n${script}\n`, {
        mode: 0o755,
      }),
    identityOf: (name: string) => toolIdentity(name, { path, cache }),
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
    /** As the next build does. */
    reload: () => {
      cache = JSON.parse(JSON.stringify(cache));
    },
  };
}

function digestOfFile(file: string): string {
  const bytes = readFileSync(file);
  return `${createHash("sha256").update(bytes).digest("hex")}/${bytes.byteLength}`;
}

test("a program is known by its file, its digest, and the first line about its version", async () => {
  const rig = toolRig();
  rig.add("tool", "echo; echo 'Tool 1.2'; echo more");
  symlinkSync("tool", join(rig.bin, "alias"));
  const file = realpathSync(join(rig.bin, "tool"));
  expect(await rig.identityOf("alias")).toEqual({
    file,
    digest: digestOfFile(file),
    versionText: "Tool 1.2",
  });
});

test("a program that is not there has no identity", async () => {
  const rig = toolRig();
  expect(await rig.identityOf("no-such-program")).toBeUndefined();
});

test.each([
  ["-v when it does not know --version", '[ "$1" = -v ] && echo "v 3"', "v 3"],
  ["standard error when that is where it answers", "echo 'E 4' >&2", "E 4"],
  ["nothing when it fails", "echo usage; exit 1", ""],
  ["nothing when it says nothing", "true", ""],
  ["its first line, however much follows", "echo first; yes | head -c 1000000", "first"],
])("the version is asked for: %s", async (_, script, versionText) => {
  const rig = toolRig();
  rig.add("tool", script);
  expect((await rig.identityOf("tool"))?.versionText).toBe(versionText);
});

test("programs that are asked at once are asked by one shell, and say what they do alone", async () => {
  const rig = toolRig();
  const scripts = {
    plain: "echo; echo 'plain 1'; echo more",
    odd: '[ "$1" = -v ] && echo "odd 3"',
    loud: "echo 'loud 4' >&2",
    failing: "echo usage; exit 1",
    silent: "true",
    long: "echo 'long 2'; yes | head -c 1000000",
    cc: compiler,
  };
  for (const [name, script] of Object.entries(scripts)) rig.add(name, script);
  const names = Object.keys(scripts);
  const versions = new VersionQuestions(rig.path);
  const ask = (name: string) => toolIdentity(name, { path: rig.path, cache: {}, versions });
  const together = await Promise.all(names.map(ask));
  expect(together.map((one) => one?.versionText)).toEqual([
    "plain 1",
    "odd 3",
    "loud 4",
    "",
    "",
    "long 2",
    "cc (Test) 12",
  ]);
  for (const [at, name] of names.entries()) {
    expect(together[at]).toEqual(await rig.identityOf(name));
  }
  for (const name of ["one", "two"]) rig.add(name, "echo $PPID");
  const [one, two] = await Promise.all(["one", "two"].map(ask));
  expect(one?.versionText).toMatch(/^\d+$/);
  expect(two?.versionText).toBe(one?.versionText);
  expect((await ask("two"))?.versionText).not.toBe(one?.versionText);
});

test("a program that hangs when it is asked along with others costs them no answer, and is ended", async () => {
  const rig = toolRig();
  const once = (name: string) =>
    `[ -e ${rig.bin}/${name}.pid ] || { echo $$ > ${rig.bin}/${name}.pid; `;
  rig.add("quick", "echo 'quick 1'");
  rig.add("slow", `${once("slow")} sleep 60; }; echo 'slow 2'`);
  // Its first answer leaves something behind that holds the output open.
  rig.add("cc", `${once("cc")} sleep 60 & }\n${compiler}`);
  rig.add("cc1", "true");
  const versions = new VersionQuestions(rig.path);
  const names = ["quick", "slow", "cc"];
  const [quick, slow, cc] = await Promise.all(
    names.map((name) => toolIdentity(name, { path: rig.path, cache: {}, versions })),
  );
  expect([quick?.versionText, slow?.versionText]).toEqual(["quick 1", "slow 2"]);
  expect(cc).toMatchObject({ versionText: "cc (Test) 12", machine: "x86_64-test" });
  expect(cc?.parts).toHaveProperty("cc1");
  const pid = readFileSync(join(rig.bin, "slow.pid"), "utf8").trim();
  // Nobody may have heard yet that it ended, but it runs nothing any more.
  expect(() => readlinkSync(`/proc/${pid}/exe`)).toThrow();
});

test("a program that leaves another behind with its output open does not hold up the answer", async () => {
  const rig = toolRig();
  rig.add("tool", "echo 'Tool 5'; sleep 5 &");
  expect((await rig.identityOf("tool"))?.versionText).toBe("Tool 5");
});

test("nothing is inherited by a program that is asked", async () => {
  const rig = toolRig();
  rig.add("tool", 'echo "$(env | grep -v ^PWD= | cut -d= -f1 | sort | tr "\\n" " ")"');
  expect((await rig.identityOf("tool"))?.versionText).toBe("HOME LANG LC_ALL PATH TZ");
});

test("sh is not asked, as it would take the question for something else", async () => {
  const cache: ToolCache = {};
  const identity = await toolIdentity("sh", { path: system, cache });
  const file = realpathSync(findProgram("sh", system, "/") ?? "");
  expect(identity).toEqual({ file, digest: digestOfFile(file), versionText: "" });
});

test("the next build asks nothing, while the files are as they were", async () => {
  const rig = toolRig();
  rig.add("tool", "echo 'Tool 1'");
  const first = await rig.identityOf("tool");
  expect(rig.calls()).toEqual(["--version"]);
  rig.reload();
  expect(await rig.identityOf("tool")).toEqual(first);
  expect(rig.calls()).toEqual(["--version"]);
});

test("a program that was replaced is asked again", async () => {
  const rig = toolRig();
  rig.add("tool", "echo 'Tool 1'");
  const first = await rig.identityOf("tool");
  rig.add("tool", "echo 'Tool 2'");
  rig.reload();
  const second = await rig.identityOf("tool");
  expect(second?.versionText).toBe("Tool 2");
  expect(second?.digest).not.toBe(first?.digest);
});

test("another program earlier in PATH is found", async () => {
  const rig = toolRig();
  rig.add("tool", "echo 'Tool 1'", rig.other);
  expect((await rig.identityOf("tool"))?.versionText).toBe("Tool 1");
  rig.add("tool", "echo 'Tool 2'");
  expect((await rig.identityOf("tool"))?.versionText).toBe("Tool 2");
});

/** Answers as a compiler does, for parts that are scripts of the rig. */
const compiler = `case "$1" in
--version) echo 'cc (Test) 12';;
-dumpmachine) echo x86_64-test;;
-print-prog-name=cc1) echo "$(dirname "$0")/cc1";;
-print-prog-name=*) echo "\${1#*=}";;
esac`;

test("a compiler is known by the programs that it runs as well", async () => {
  const rig = toolRig();
  rig.add("x-cc-12", compiler);
  rig.add("cc1", "true");
  rig.add("as", "true");
  const identity = await rig.identityOf("x-cc-12");
  expect(identity).toMatchObject({ versionText: "cc (Test) 12", machine: "x86_64-test" });
  expect(identity?.parts).toMatchObject({
    cc1: digestOfFile(join(rig.bin, "cc1")),
    as: digestOfFile(join(rig.bin, "as")),
  });
  // Neither as an absolute path nor in PATH.
  expect(identity?.parts).not.toHaveProperty("lto1");
});

test.each([
  ["is replaced", (rig: ReturnType<typeof toolRig>) => rig.add("cc1", "echo new")],
  ["goes", (rig: ReturnType<typeof toolRig>) => unlinkSync(join(rig.bin, "cc1"))],
  ["is found elsewhere", (rig: ReturnType<typeof toolRig>) => rig.add("as", "echo new")],
])("a compiler is another one when a part of it %s", async (_, change) => {
  const rig = toolRig();
  rig.add("cc", compiler);
  rig.add("cc1", "true");
  rig.add("as", "true", rig.other);
  const first = await rig.identityOf("cc");
  rig.reload();
  const calls = rig.calls().length;
  expect(await rig.identityOf("cc")).toEqual(first);
  expect(rig.calls()).toHaveLength(calls);
  change(rig);
  rig.reload();
  const second = await rig.identityOf("cc");
  expect(second?.digest).toBe(first?.digest);
  expect(second?.parts).not.toEqual(first?.parts);
});

test("a part that two compilers share is read once, unless it was replaced meanwhile", async () => {
  const rig = toolRig();
  rig.add("cc", compiler);
  rig.add("c++", compiler);
  rig.add("cc1", "true");
  const digests = new Map<string, Promise<Digest>>();
  const ask = (name: string) =>
    toolIdentity(name, { path: `${rig.bin}:${system}`, cache: {}, digests });
  await ask("cc");
  expect([...digests.keys()].filter((key) => key.includes("cc1 "))).toHaveLength(1);
  const known = digestOf("what was read for the other");
  for (const key of digests.keys()) digests.set(key, Promise.resolve(known));
  expect((await ask("c++"))?.parts?.["cc1"]).toBe(known);
  rig.add("cc1", "true, and more");
  expect((await ask("c++"))?.parts?.["cc1"]).toBe(digestOfFile(join(rig.bin, "cc1")));
});

test.for(["gcc", "cc", "g++", "aarch64-linux-gnu-gcc"])(
  "the %s of this machine is known by what it runs",
  async (name, context) => {
    if (findProgram(name, system, "/") === undefined) context.skip(`no ${name}`);
    const identity = await toolIdentity(name, { path: system, cache: {} });
    expect(identity?.versionText).toMatch(/\d+\.\d+/);
    expect(identity?.machine).toMatch(/^\w+-.*linux/);
    expect(Object.keys(identity?.parts ?? {})).toEqual(expect.arrayContaining(["as", "ld"]));
  },
);

test("make is known by its version", async (context) => {
  if (findProgram("make", system, "/") === undefined) context.skip("no make");
  const identity = await toolIdentity("make", { path: system, cache: {} });
  expect(identity?.versionText).toMatch(/^GNU Make \d/);
});
