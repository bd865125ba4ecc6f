import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Action, CommandAction } from "../../src/action/action.ts";
import { digestOf } from "../../src/digest/digest.ts";
import { debianPackageOf } from "../../src/engine/debian-package.ts";
import { readToolCache, writeToolCache } from "../../src/engine/tool-cache.ts";
import { newToolchain } from "../../src/engine/toolchain.ts";
import type { Label } from "../../src/label/label.ts";
import type { ToolCache } from "../../src/sandbox/tool.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { executionRig, joinInputs, outs, rule } from "./execution-rig.ts";

/** An action that names the programs `tools`. */
function using(...tools: readonly string[]): Action {
  return {
    kind: "command",
    mnemonic: "Exec",
    owner: "//:t" as Label,
    argv: ["true"],
    env: {},
    tools,
    inputs: [],
    outputs: [".kraft/out/t/a"],
  };
}

/** A directory of programs, and a toolchain that finds them there. */
function rig() {
  const directory = join(temporaryDirectory(), "bin");
  mkdirSync(directory);
  const put = (name: string, version: string): void => {
    writeFileSync(join(directory, name), `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(directory, name), 0o755);
  };
  const cache: ToolCache = {};
  return { directory, put, cache, open: () => newToolchain(directory, cache, "test") };
}

test("a program has an identity that changes with it, and says nothing of where it is", async () => {
  const [one, two] = [rig(), rig()];
  one.put("gen", "gen 1.0");
  two.put("gen", "gen 1.0");
  const identityIn = async ({ open }: ReturnType<typeof rig>) => {
    const toolchain = open();
    await toolchain.add([using("gen")]);
    return toolchain.identities.get("gen");
  };
  const identity = await identityIn(one);
  expect(identity).toContain("gen 1.0");
  expect(await identityIn(two)).toBe(identity);
  two.put("gen", "gen 1.1");
  expect(await identityIn(two)).not.toBe(identity);
});

test("an action is told what it lacks; a program with `?` may be absent", async () => {
  const { open, put, directory } = rig();
  put("gen", "1");
  const toolchain = open();
  const actions = [
    using("gen", "ld?"),
    using("gen", "flex", "bison", "own-tool"),
    using("own-tool"),
  ];
  await toolchain.add(actions);
  expect(actions.map((action) => toolchain.missingOf(action))).toEqual([
    undefined,
    `there is no flex, bison, own-tool in ${directory}; on Debian: apt-get install flex bison`,
    `there is no own-tool in ${directory}`,
  ]);
  expect([...toolchain.identities.keys()]).toEqual(["kraft-graph?", "gen"]);
});

test("who asks for what is being asked for already gets to know it, too", async () => {
  const { open, put } = rig();
  put("gen", "gen 1.0");
  const toolchain = open();
  const first = toolchain.add([using("gen")]);
  await toolchain.add([using("gen")]);
  expect(toolchain.missingOf(using("gen"))).toBeUndefined();
  await first;
});

test("only commands have tools of the machine", () => {
  const {
    argv: _,
    env: __,
    tools: ___,
    ...shared
  } = using("no-such-program") as Extract<Action, { kind: "command" }>;
  expect(
    rig()
      .open()
      .missingOf({ ...shared, kind: "write", text: "" }),
  ).toBeUndefined();
});

test("an action that needs no program does not wait until others have told of theirs", async () => {
  const engine = executionRig();
  const [tool, ran] = [join(engine.root, "tool"), join(engine.root, "ran")];
  writeFileSync(tool, `#!/bin/sh\nwhile [ ! -e ${ran} ]; do sleep 0.01; done; echo tool 1\n`);
  chmodSync(tool, 0o755);
  engine.write("main.c", "");
  engine.work("out/a", (context, paths) => {
    writeFileSync(ran, "");
    joinInputs(context, paths);
  });
  const path = `${outs}/b`;
  const command: Action = {
    ...(using(tool) as CommandAction),
    argv: ["cp", "main.c", path],
    inputs: ["main.c"],
    outputs: [path],
  };
  const actions = [rule("out/a: main.c"), command];
  const { ok, equipment } = await engine.build(actions, {
    wanted: actions.flatMap(({ outputs }) => outputs),
    jobs: 2,
  });
  expect(ok).toBe(true);
  expect(equipment.toolchain.identities.get(tool)).toContain("tool 1");
});

test("what was asked, and nobody waited for, can be waited for in the end", async () => {
  const { open, put } = rig();
  put("gen", "1");
  const toolchain = open();
  void toolchain.add([using("gen")]);
  expect(toolchain.isKnown(using("gen"))).toBe(false);
  await toolchain.settled();
  expect(toolchain.identities.get("gen")).toContain('"1"');
});

test("programs that yielded actions need are found out about later", async () => {
  const { open, put } = rig();
  put("late", "1");
  const toolchain = open();
  await toolchain.add([]);
  expect(toolchain.missingOf(using("late"))).toBeDefined();
  await toolchain.add([using("late")]);
  expect(toolchain.missingOf(using("late"))).toBeUndefined();
});

test("packages are named for cross compilers of any binutils, and known programs", () => {
  const names = ["aarch64-linux-gnu-gcc", "arm-linux-gnueabihf-ld", "ld", "qemu-system-x86_64"];
  expect([...names, "own-tool", "constructor"].map(debianPackageOf)).toEqual([
    "gcc-aarch64-linux-gnu",
    "gcc-arm-linux-gnueabihf",
    "binutils",
    "qemu-system-x86",
    undefined,
    undefined,
  ]);
});

const tools: ToolCache = {
  "/bin/gen /bin": {
    identity: { file: "/bin/gen", digest: digestOf("gen"), versionText: "1" },
    stamps: { "/bin/gen": "1 2 3" },
    parts: {},
  },
};

test("what is known of programs comes back, and is written only when it differs", () => {
  const path = join(temporaryDirectory(), "deep/tools.json");
  expect(readToolCache(path)).toEqual({});
  writeToolCache(path, tools, 1);
  expect(readToolCache(path)).toEqual(tools);
  const { ino } = statSync(path);
  writeToolCache(path, tools, 1);
  expect(statSync(path).ino).toBe(ino);
  writeToolCache(path, {}, 1);
  expect(readToolCache(path)).toEqual({});
});

test("a file of programs that is damaged, or of another version, counts as none", () => {
  const path = join(temporaryDirectory(), "tools.json");
  writeToolCache(path, tools, 1);
  const text = readFileSync(path, "utf8");
  for (const other of [text.slice(0, -5), text.replace('"version":1', '"version":0'), "null", ""]) {
    writeFileSync(path, other);
    expect(readToolCache(path)).toEqual({});
  }
});

test("a file of programs that cannot be written is an error of the store", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  expect(() => writeToolCache(join(directory, "file/tools.json"), tools, 1)).toThrow(StoreError);
});
