import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, expect, onTestFinished, test } from "vitest";

import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import type { SandboxKind } from "../../src/sandbox/sandbox-choice.ts";
import type { StagedInput } from "../../src/sandbox/staged-input.ts";
import { sandboxRig, stderrOf, stdoutOf, temporaryDirectory } from "./sandbox-rig.ts";

const kinds = ["none", "links", "bwrap"] as const;

/** Files of builds, in place of which there may be empty directories. */
function filesBelow(directory: string): string[] {
  const builds = join(directory, "builds");
  return readdirSync(builds, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A sandbox of `kind`, and a workspace; the test is skipped where bubblewrap does not work. */
async function kindRig(
  kind: SandboxKind,
  context: TestContext,
  options: Partial<SandboxOptions> = {},
) {
  const rig = sandboxRig({ kind, ...options });
  const choice = await rig.sandbox.choice();
  if (choice.kind === "unusable") context.skip(choice.reason);
  const workspace = temporaryDirectory();
  const write = (path: string, text: string) => {
    const file = join(workspace, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  return {
    ...rig,
    workspace,
    write,
    source: (path: string, text: string): StagedInput => ({
      kind: "source",
      path,
      file: write(path, text),
    }),
    blob: (path: string, text: string): StagedInput => {
      const file = write(`cas/${path}`, text);
      chmodSync(file, 0o444);
      return { kind: "blob", path, file };
    },
    tree: (path: string): StagedInput => ({
      kind: "directory",
      path,
      directory: join(workspace, path),
    }),
  };
}

test.for(kinds)("%s: a program finds its inputs and leaves its outputs", async (kind, context) => {
  const rig = await kindRig(kind, context);
  rig.write("src/b.txt", "b");
  const inputs = [rig.source("a.txt", "a"), rig.tree("src"), rig.blob("gen/c.txt", "c")];
  const script = "cat a.txt src/b.txt gen/c.txt > out/all; echo done; echo hm >&2";
  const run = await rig.sh(script, { inputs, outputs: ["out/all"] });
  expect(run.exit).toEqual({ kind: "exited", code: 0 });
  expect(readFileSync(join(run.root, "out/all"), "utf8")).toBe("abc");
  expect([stdoutOf(run), stderrOf(run)]).toEqual(["done\n", "hm\n"]);
  expect(run.changedInputs()).toEqual([]);
});

test.for(kinds)("%s: the environment is fixed, and nothing is inherited", async (kind, context) => {
  const rig = await kindRig(kind, context, { sourceDateEpoch: 12 });
  const run = await rig.run({ argv: ["env"], env: { FOO: "it's\nme", LANG: "mine" } });
  const inside = "FOO=it's\nme\n";
  const text = stdoutOf(run);
  expect(text).toContain(inside);
  const lines = text.replace(inside, "").trim().split("\n");
  const places = lines.filter((line) => /^(HOME|TMPDIR|PWD)=/.test(line)).sort();
  expect(lines.filter((line) => !places.includes(line)).sort()).toEqual([
    "LANG=mine",
    "LC_ALL=C",
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "SOURCE_DATE_EPOCH=12",
    "TZ=UTC",
  ]);
  if (kind === "bwrap") {
    expect(places).toEqual(["HOME=/home/kraft", "PWD=/kraft", "TMPDIR=/tmp"]);
  } else {
    const own = join(run.stdoutFile, "../../0");
    expect(places).toEqual([`HOME=${own}/home`, `TMPDIR=${own}/tmp`]);
  }
});

test.for(kinds)(
  "%s: HOME and TMPDIR are there, empty, and can be written",
  async (kind, context) => {
    const rig = await kindRig(kind, context);
    const script = 'ls -A "$HOME" "$TMPDIR" && echo x > "$HOME/x" && mktemp > /dev/null';
    for (let i = 0; i < 2; i++) {
      const run = await rig.sh(script);
      expect(stderrOf(run)).toBe("");
      expect(run.exit).toEqual({ kind: "exited", code: 0 });
      expect(stdoutOf(run).match(/^[^/\n]+$/gm)).toBeNull();
    }
  },
);

test.for(kinds)("%s: the working directory can be chosen, and is made", async (kind, context) => {
  const rig = await kindRig(kind, context);
  const run = await rig.run({ argv: ["/bin/pwd"], cwd: "some/where" });
  const expected = kind === "bwrap" ? "/kraft/some/where" : join(run.root, "some/where");
  expect(stdoutOf(run)).toBe(`${expected}\n`);
});

test.for(kinds)("%s: a program of the input root can be run", async (kind, context) => {
  const rig = await kindRig(kind, context);
  const tool = rig.source("tools/hello", "#!/bin/sh\necho hello $1\n");
  chmodSync(join(rig.workspace, "tools/hello"), 0o755);
  const inputs = [tool];
  const run = await rig.run({ argv: ["tools/hello", "you"], inputs });
  expect(stdoutOf(run)).toBe("hello you\n");
  const again = await rig.run({ argv: ["./hello", "me"], inputs, cwd: "tools" });
  expect(stdoutOf(again)).toBe("hello me\n");
});

test.for(kinds)(
  "%s: a program of a directory of the input root can be run",
  async (kind, context) => {
    const rig = await kindRig(kind, context);
    chmodSync(rig.write("tools/hello", "#!/bin/sh\necho hello\n"), 0o755);
    const run = await rig.run({ argv: ["tools/hello"], inputs: [rig.tree("tools")] });
    expect(stdoutOf(run)).toBe("hello\n");
  },
);

test.for(kinds)("%s: a program that is not there is not started", async (kind, context) => {
  const rig = await kindRig(kind, context);
  const run = await rig.run({ argv: ["no-such-program"] });
  expect(run.exit).toEqual({
    kind: "not-started",
    reason: "there is no program no-such-program in PATH, which is /usr/local/bin:/usr/bin:/bin",
  });
  expect([stdoutOf(run), stderrOf(run)]).toEqual(["", ""]);
  const inside = await rig.run({ argv: ["tools/none"] });
  expect(inside.exit.kind).toBe("not-started");
  expect(inside.exit).toHaveProperty("reason", expect.stringContaining("tools/none"));
});

test.for(kinds)("%s: an input that is gone is a failure to start", async (kind, context) => {
  const rig = await kindRig(kind, context);
  const run = await rig.run({ inputs: [{ kind: "blob", path: "a.o", file: "/no/such" }] });
  expect(run.exit).toEqual({
    kind: "not-started",
    reason: "the input a.o is gone: there is no /no/such",
  });
  expect([stdoutOf(run), stderrOf(run)]).toEqual(["", ""]);
});

test.for(kinds)("%s: exit codes and signals come through", async (kind, context) => {
  const rig = await kindRig(kind, context);
  expect((await rig.sh("exit 1")).exit).toEqual({ kind: "exited", code: 1 });
  expect((await rig.sh("exit 127")).exit).toEqual({ kind: "exited", code: 127 });
  const { exit } = await rig.sh("kill -SEGV $$");
  expect(exit).toEqual({ kind: "signalled", signal: "SIGSEGV" });
});

test.for(kinds)(
  "%s: an argv that the system does not take is a failure to start",
  async (kind, context) => {
    const rig = await kindRig(kind, context);
    const { exit } = await rig.run({ argv: ["true", "x".repeat(1 << 22)] });
    expect(exit).toHaveProperty("reason", expect.stringContaining("Argument list too long"));
  },
);

test.for(kinds)(
  "%s: cancelling ends a program and all that it has started",
  async (kind, context) => {
    const rig = await kindRig(kind, context, { graceMs: 1 });
    const server = createServer();
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const controller = new AbortController();
    // The child holds the connection, and its end is the end of the child. Only bubblewrap gets
    // hold of one that has left the process group.
    const sleep = kind === "bwrap" ? "setsid sleep 1000" : "sleep 1000";
    const script = `exec 5<>/dev/tcp/127.0.0.1/${port}; ${sleep} & echo up >&5; wait`;
    const request = { argv: ["bash", "-c", script], network: true } as const;
    const exit = rig.run(request, controller.signal);
    const [socket] = await once(server, "connection");
    await once(socket, "data");
    const ended = once(socket, "close");
    controller.abort();
    expect((await exit).exit.kind).toBe("signalled");
    await ended;
  },
);

test.for(kinds)("%s: a line of shell repeats what was kept", async (kind, context) => {
  const rig = await kindRig(kind, context);
  rig.write("src/b.txt", "b");
  const inputs = [rig.source("a.txt", "it's a"), rig.tree("src")];
  const script = 'cat a.txt src/b.txt > out; printf "%s" "$WHO"; exit 3';
  const run = await rig.sh(script, { inputs, outputs: ["out"], env: { WHO: "o'me" } });
  expect(run.exit).toEqual({ kind: "exited", code: 3 });
  const { command = "" } = run.keep();
  expect(command.split("\n")).toHaveLength(1);
  run.dispose();
  await rig.sandbox.close();
  const again = execFileSync("sh", ["-c", `${command}; echo " $?"`], { encoding: "utf8" });
  expect(again).toBe("o'me 3\n");
});

test.for(kinds)("%s: nothing is left but what was kept", async (kind, context) => {
  const rig = await kindRig(kind, context);
  const run = await rig.sh("mkdir -p locked/in && chmod 0 locked", { outputs: ["locked"] });
  if (kind !== "none") {
    run.dispose();
    // The empty files that others print into next.
    const files = filesBelow(rig.directory).filter((path) => !path.includes("/printed/"));
    expect(files).toEqual([]);
  }
  const kept = (await rig.sh("echo x > x")).keep();
  await rig.sandbox.close();
  expect(readdirSync(join(rig.directory, "builds"))).toEqual([]);
  expect(existsSync(kept.directory)).toBe(true);
});

test.for(["links", "bwrap"] as const)(
  "%s: what an action leaves lying about is not seen by the next",
  async (kind, context) => {
    const rig = await kindRig(kind, context);
    const list = `find . "$HOME" "$TMPDIR" -mindepth 1 | sort`;
    const request = { inputs: [rig.blob("in/a", "a")], outputs: ["out/b"] };
    const clean = await rig.sh(list, request);
    const expected = stdoutOf(clean);
    clean.dispose();
    const messes = [
      "mkdir -p in/x out/c/d; echo x > out/b; echo x > in/a.new; ln -s / root",
      "rm -rf in out; echo x > in; ln -s /etc out",
      "chmod 700 in; chmod 1777 out; chmod 555 .",
      'echo x > "$HOME/x"; mkdir "$TMPDIR/y" "$HOME/.cache"; echo x > "$TMPDIR/y/z"',
      'rm -rf "$HOME" "$TMPDIR"',
    ];
    for (const mess of messes) {
      (await rig.sh(`${mess}; true`, request)).dispose();
      const next = await rig.sh(`${list}; stat -c %a . in out`, request);
      expect(stdoutOf(next)).toBe(`${expected}755\n755\n755\n`);
      next.dispose();
    }
  },
);

test("links: nothing is emptied that an action put in the place of its directories", async () => {
  const rig = sandboxRig();
  const precious = temporaryDirectory();
  writeFileSync(join(precious, "file"), "x");
  const script = 'for d in "$HOME" "$TMPDIR"; do rm -r "$d"; ln -s "$WHERE" "$d"; done';
  const swap = 'cd .. && rm -r root && ln -s "$WHERE" root';
  for (const one of [script, swap]) {
    const run = await rig.sh(one, { env: { WHERE: precious } });
    expect(run.exit).toEqual({ kind: "exited", code: 0 });
    run.dispose();
    run.dispose();
    expect((await rig.run({})).exit).toEqual({ kind: "exited", code: 0 });
  }
  expect(readFileSync(join(precious, "file"), "utf8")).toBe("x");
});

test("of what was kept, the last twenty stay", async () => {
  const rig = sandboxRig();
  for (let i = 0; i < 22; i++) (await rig.run({})).keep();
  expect(readdirSync(join(rig.directory, "kept"))).toHaveLength(20);
});

test("what could not be started can be kept as well, without a line to repeat it", async () => {
  const rig = sandboxRig();
  const kept = (await rig.run({ argv: ["no-such-program"] })).keep();
  expect(kept.command).toBeUndefined();
  expect(statSync(kept.directory).isDirectory()).toBe(true);
});

test("no more programs run at once than there are slots", async () => {
  const rig = sandboxRig({ slots: 2 });
  const shared = temporaryDirectory();
  // Each makes a file and counts those of the others.
  const script = `echo x > ${shared}/$$; ls ${shared} | wc -l; sleep 0.01; rm ${shared}/$$`;
  const runs = await Promise.all(Array.from({ length: 8 }, () => rig.sh(script)));
  expect(runs.map(stdoutOf).every((count) => Number(count) <= 2)).toBe(true);
  expect(new Set(runs.map(({ root }) => root)).size).toBe(8);
});

test("a program that waits for a slot when it is cancelled never starts", async () => {
  const rig = sandboxRig({ slots: 1 });
  const controller = new AbortController();
  const first = rig.sh("sleep 1000", {}, controller.signal);
  const second = rig.sh("echo ran", {}, controller.signal);
  controller.abort();
  expect((await first).exit.kind).not.toBe("exited");
  expect((await second).exit.kind).toBe("not-started");
});

test("closing ends what runs, and what waits does not start", async () => {
  const rig = sandboxRig({ slots: 1 });
  await rig.run({});
  const first = rig.sh("sleep 1000");
  const second = rig.sh("echo ran");
  const exits = Promise.all([first, second]).then((runs) => runs.map(({ exit }) => exit));
  await new Promise((resolve) => setImmediate(resolve));
  await rig.sandbox.close();
  expect(await exits).toEqual([
    { kind: "signalled", signal: "SIGKILL" },
    { kind: "not-started", reason: "the build is over" },
  ]);
});

test("links: each action has a tree of its own, none: all share one", async () => {
  const links = sandboxRig({ kind: "links" });
  expect((await links.run({})).root).not.toBe((await links.run({})).root);
  const none = sandboxRig({ kind: "none" });
  expect((await none.run({})).root).toBe((await none.run({})).root);
});

test("links: a blob that the program alters is reported", async (context) => {
  const rig = await kindRig("links", context);
  const run = await rig.sh("chmod u+w a && echo more >> a", { inputs: [rig.blob("a", "text")] });
  expect(run.changedInputs()).toEqual(["a"]);
});

test("a tree can be had for a program within the engine, whatever the kind", async (context) => {
  for (const kind of kinds) {
    const rig = await kindRig(kind, context);
    rig.write("src/a.c", "int a;");
    const tree = rig.sandbox.stage({ inputs: [rig.tree("src")], outputs: ["out/x"] });
    const { root } = tree;
    expect(readFileSync(join(root, "src/a.c"), "utf8")).toBe("int a;");
    expect(statSync(join(root, "out")).isDirectory()).toBe(true);
    tree.dispose();
    expect(existsSync(join(root, "src/a.c"))).toBe(kind === "none");
  }
});

test("the reason of the choice is told", async () => {
  const choice = await sandboxRig({ kind: "links" }).sandbox.choice();
  expect(choice).toEqual({ kind: "links", reason: "it was asked for" });
});

test("none: a program with a tree of its own leaves nothing in that of the others", async (context) => {
  const rig = await kindRig("none", context);
  const file = rig.write("core/a.txt", "the user's");
  const core: StagedInput = { kind: "directory", path: "core", directory: join(file, "..") };
  const source: StagedInput = { kind: "source", path: "core/a.txt", file };
  for (const ownTree of [true, false, true, false]) {
    const inputs = ownTree ? [core] : [source];
    const run = await rig.sh("cat core/a.txt", { inputs, ownTree });
    expect(stdoutOf(run)).toBe("the user's");
    run.dispose();
  }
  // A link put through `core` would have taken the place of the file itself.
  expect(lstatSync(file).isFile()).toBe(true);
});
