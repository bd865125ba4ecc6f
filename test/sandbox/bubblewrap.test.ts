import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, expect, onTestFinished, test } from "vitest";

import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { findProgram } from "../../src/sandbox/program-file.ts";
import { isRunning, sandboxRig, stderrOf, stdoutOf, temporaryDirectory } from "./sandbox-rig.ts";

/** A sandbox of bubblewrap; the test is skipped where that does not work. */
async function wrapRig(context: TestContext, options: Partial<SandboxOptions> = {}) {
  const rig = sandboxRig({ kind: "bwrap", ...options });
  const choice = await rig.sandbox.choice();
  if (choice.kind === "unusable") context.skip(choice.reason);
  return rig;
}

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("auto takes bubblewrap where it works, and says so", async (context) => {
  await wrapRig(context);
  const choice = await sandboxRig({ kind: "auto" }).sandbox.choice();
  expect(choice.kind).toBe("bwrap");
  expect(choice.reason).toMatch(/^\/.*\/bwrap works here$/);
});

/** A directory with a `bwrap` that is `script`. */
function fakeWrap(script: string): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "bwrap"), script, { mode: 0o755 });
  return `${directory}:/usr/bin:/bin`;
}

test.each([
  [
    "fails",
    "#!/bin/sh\necho 'bwrap: no permissions to create new namespace' >&2\nexit 1\n",
    "bwrap does not work here: bwrap: no permissions to create new namespace",
  ],
  [
    "runs the program just so",
    '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n',
    // As root, and so only where the test runs as root, /usr can be written.
    "bwrap",
  ],
  ["cannot be run", "#!/no/such/interpreter\n", "bwrap does not work here: spawn "],
])("auto takes links where bubblewrap %s, and says why", async (_, script, reason) => {
  const path = fakeWrap(script);
  const choice = await sandboxRig({ kind: "auto", path }).sandbox.choice();
  expect(choice.kind).toBe("links");
  expect(choice.reason).toContain(reason);
});

test("bubblewrap that was asked for and does not work fails every program", async () => {
  const rig = sandboxRig({ kind: "bwrap", path: fakeWrap("#!/bin/sh\nexit 7\n") });
  const { exit } = await rig.run({});
  expect(exit).toEqual({
    kind: "not-started",
    reason: "bwrap does not work here: it exited with 7",
  });
});

test("nothing of the machine but the system can be seen", async (context) => {
  const rig = await wrapRig(context);
  const outside = join(temporaryDirectory(), "secret");
  writeFileSync(outside, "x");
  const run = await rig.sh(`ls -A / /tmp /home /kraft; cat ${outside} /etc/shadow; true`);
  const names = stdoutOf(run).trim().split("\n");
  const system = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "usr", "nix", "gnu"];
  const own = ["dev", "etc", "home", "kraft", "proc", "tmp"];
  const top = names.slice(1, names.indexOf(""));
  expect(top.filter((name) => ![...system, ...own].includes(name))).toEqual([]);
  expect(names.slice(names.indexOf(""))).toEqual([
    "",
    "/home:",
    "kraft",
    "",
    "/kraft:",
    "",
    "/tmp:",
  ]);
  expect(stderrOf(run).match(/No such file or directory/g)).toHaveLength(2);
});

test("the system cannot be written to", async (context) => {
  const rig = await wrapRig(context);
  const run = await rig.sh("echo x > /usr/kraft-test; echo x > /etc/kraft-test; true");
  expect(stderrOf(run).match(/Read-only file system/g)).toHaveLength(2);
});

test("without leave, the network cannot be reached", async (context) => {
  const rig = await wrapRig(context);
  const script = `exec 5<>/dev/tcp/127.0.0.1/${await listen()} && cat <&5`;
  const argv = ["bash", "-c", script] as const;
  expect((await rig.run({ argv })).exit).toEqual({ kind: "exited", code: 1 });
  const granted = await rig.run({ argv, network: true });
  expect(stdoutOf(granted)).toBe("hello");
});

test("with leave, names and certificates of the machine are there", async (context) => {
  const rig = await wrapRig(context);
  const script = "for f in hosts resolv.conf ssl/certs; do test -e /etc/$f && echo $f; done; true";
  const isHere = (name: string) => existsSync(join("/etc", name));
  const here = ["hosts", "resolv.conf", "ssl/certs"].filter(isHere);
  const run = await rig.sh(script, { network: true });
  expect(stdoutOf(run).trim().split("\n").sort()).toEqual(here.sort());
});

test("who and where it runs is the same on every machine", async (context) => {
  const rig = await wrapRig(context);
  const run = await rig.sh("id -un; id -u; id -g; uname -n; pwd; echo ~; cat /etc/hosts");
  expect(stdoutOf(run)).toBe(
    "kraft\n1000\n1000\nkraft\n/kraft\n/home/kraft\n127.0.0.1 localhost kraft\n::1 localhost\n",
  );
});

test("files that an action makes belong to the user who builds", async (context) => {
  const rig = await wrapRig(context);
  const run = await rig.sh("echo x > out", { outputs: ["out"] });
  expect(readFileSync(join(run.root, "out"), "utf8")).toBe("x\n");
  expect(statSync(join(run.root, "out")).uid).toBe(statSync(run.root).uid);
});

test("files of the user cannot be altered, nor found under their own path", async (context) => {
  const rig = await wrapRig(context);
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "src"));
  writeFileSync(join(workspace, "src/a.c"), "a");
  writeFileSync(join(workspace, "b.c"), "b");
  const script =
    "echo x >> src/a.c; echo x > src/new; chmod u+w b.c; echo x >> b.c; readlink -f src b.c";
  const run = await rig.sh(script, {
    inputs: [
      { kind: "directory", path: "src", directory: join(workspace, "src") },
      { kind: "source", path: "b.c", file: join(workspace, "b.c") },
    ],
  });
  expect(readFileSync(join(workspace, "src/a.c"), "utf8")).toBe("a");
  expect(existsSync(join(workspace, "src/new"))).toBe(false);
  expect(readFileSync(join(workspace, "b.c"), "utf8")).toBe("b");
  expect(stdoutOf(run)).toBe("/kraft/src\n/kraft/b.c\n");
});

test("a directory that is gone when the program starts is named", async (context) => {
  const rig = await wrapRig(context);
  const inputs = [{ kind: "directory", path: "src", directory: "/no/such/directory" }] as const;
  const { exit } = await rig.run({ inputs });
  expect(exit.kind).toBe("not-started");
  expect(exit).toHaveProperty("reason", expect.stringContaining("/no/such/directory"));
});

test("programs of a directory in PATH outside the system can be run", async (context) => {
  const tools = temporaryDirectory();
  writeFileSync(join(tools, "my-tool"), "#!/bin/sh\necho mine\n", { mode: 0o755 });
  chmodSync(tools, 0o755);
  const rig = await wrapRig(context, { path: `${tools}:/usr/bin:/bin` });
  expect(stdoutOf(await rig.run({ argv: ["my-tool"] }))).toBe("mine\n");
});

test("an action sees only its own processes, and what it leaves behind ends", async (context) => {
  const rig = await wrapRig(context);
  const run = await rig.sh("ls -d /proc/[0-9]* | wc -l; setsid sleep 1000 >/dev/null 2>&1 &");
  expect(Number(stdoutOf(run))).toBeLessThan(6);
  const inner = await rig.sh("echo $$");
  expect(Number(stdoutOf(inner))).toBeLessThan(10);
  expect(isRunning(process.pid)).toBe(true);
});

test("variables of the dynamic linker are for the program, and not for bubblewrap", async (context) => {
  const rig = await wrapRig(context);
  const run = await rig.sh("echo $LD_PRELOAD", { env: { LD_PRELOAD: "/no/such.so" } });
  expect(stdoutOf(run)).toBe("/no/such.so\n");
  // One complaint of the loader for the shell within; bubblewrap would make it two.
  expect(stderrOf(run).match(/cannot be preloaded/g)).toHaveLength(1);
});

test("an object file is the same wherever the sandbox is", async (context) => {
  const compiler = findProgram("cc", "/usr/bin:/bin", "/");
  if (compiler === undefined) context.skip("no C compiler");
  const objects = await Promise.all(
    [0, 1].map(async () => {
      const rig = await wrapRig(context, { directory: join(temporaryDirectory(), "a", "b") });
      const file = join(temporaryDirectory(), "a.c");
      writeFileSync(file, "#include <assert.h>\nvoid f(int a) { assert(a); }\n");
      const inputs = [{ kind: "source", path: "src/a.c", file }] as const;
      const argv = ["cc", "-g", "-c", "src/a.c", "-o", "out/a.o"] as const;
      const run = await rig.run({ argv, inputs, outputs: ["out/a.o"] });
      expect(stderrOf(run)).toBe("");
      const object = readFileSync(join(run.root, "out/a.o"));
      expect(object.includes(dirname(realpathSync(run.root)))).toBe(false);
      return object;
    }),
  );
  expect(objects[0]?.equals(objects[1] ?? Buffer.alloc(0))).toBe(true);
});
