import {
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type TestContext, expect, test } from "vitest";

import { findProgram } from "../../src/sandbox/program-file.ts";
import type { SandboxOptions, SandboxRequest, SandboxRun } from "../../src/sandbox/sandbox.ts";
import {
  isRunning,
  never,
  sandboxRig,
  stderrOf,
  stdoutOf,
  temporaryDirectory,
} from "./sandbox-rig.ts";

interface Ended extends Pick<SandboxRun, "exit" | "isSilent"> {
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs programs one after another in bubblewrap; the test is skipped where that does not work. */
async function standingRig(context: TestContext, options: Partial<SandboxOptions> = {}) {
  const rig = sandboxRig({ kind: "bwrap", ...options });
  const choice = await rig.sandbox.choice();
  if (choice.kind === "unusable") context.skip(choice.reason);
  const start = (request: Partial<SandboxRequest>, signal = never) =>
    rig.run({ sharesSandbox: true, ...request }, signal);
  const run = async (request: Partial<SandboxRequest>, signal = never): Promise<Ended> => {
    const ended = await start(request, signal);
    const { exit, isSilent } = ended;
    const printed = { stdout: stdoutOf(ended), stderr: stderrOf(ended) };
    ended.dispose();
    return { exit, isSilent, ...printed };
  };
  const sh = (script: string, request: Partial<SandboxRequest> = {}, signal = never) =>
    run({ ...request, argv: ["sh", "-c", script] }, signal);
  /** Which process namespace a program gets. */
  const namespace = async (request: Partial<SandboxRequest> = {}): Promise<string> =>
    (await sh("readlink /proc/self/ns/pid", request)).stdout.trim();
  return { sandbox: rig.sandbox, directory: rig.directory, start, run, sh, namespace };
}

/** As above, where a sandbox stands already for programs that have no directory as an input. */
async function warmRig(context: TestContext, options: Partial<SandboxOptions> = {}) {
  const rig = await standingRig(context, options);
  await rig.namespace();
  return { ...rig, standing: await rig.namespace() };
}

test("the first program gets a sandbox of its own, and those after it share one", async (context) => {
  const { namespace } = await standingRig(context);
  const [first, second, third] = [await namespace(), await namespace(), await namespace()];
  expect(first).toMatch(/^pid:\[\d+\]$/);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
});

test("programs that run at once are in sandboxes of their own", async (context) => {
  const rig = await warmRig(context);
  const namespaces = await Promise.all([rig.namespace(), rig.namespace()]);
  expect(new Set(namespaces).size).toBe(2);
});

test("a program that is no compiler never shares a sandbox", async (context) => {
  const { namespace, standing } = await warmRig(context);
  const request = { sharesSandbox: false };
  const all = [await namespace(request), await namespace(request), await namespace(request)];
  expect(new Set([...all, standing]).size).toBe(4);
  expect(await namespace()).toBe(standing);
});

test("a program with leave for the network never shares a sandbox", async (context) => {
  const { namespace } = await warmRig(context);
  const request = { network: true };
  const all = [await namespace(request), await namespace(request), await namespace(request)];
  expect(new Set(all).size).toBe(3);
});

/** A PATH with a `bwrap` that does `script` first when it is to make a sandbox that stands. */
function pathWith(script: string): string {
  // Elsewhere than where programs may write, as that is a reason to have none.
  const tools = temporaryDirectory("/var/tmp");
  const real = findProgram("bwrap", "/usr/local/bin:/usr/bin:/bin", "/") ?? "bwrap";
  const lines = ["#!/bin/sh", `case "$*" in */tmp/kraft-slot-*) ${script};; esac`];
  writeFileSync(join(tools, "bwrap"), [...lines, `exec ${real} "$@"`, ""].join("\n"), {
    mode: 0o755,
  });
  return `${tools}:/usr/bin:/bin`;
}

test("where no sandbox can stand, each program gets its own", async (context) => {
  const { namespace } = await standingRig(context, { path: pathWith("exit 1") });
  expect(new Set([await namespace(), await namespace(), await namespace()]).size).toBe(3);
});

test("where no sandbox could stand, that is not tried again", async (context) => {
  const tried = join(temporaryDirectory("/var/tmp"), "tried");
  const { namespace } = await standingRig(context, {
    path: pathWith(`echo x >> ${tried}; exit 1`),
  });
  for (let turn = 0; turn < 4; turn++) await namespace();
  expect(readFileSync(tried, "utf8")).toBe("x\n");
});

test("where programs of the machine lie among temporary files, each gets its own", async (context) => {
  const { namespace } = await standingRig(context, {
    path: `${temporaryDirectory()}:/usr/bin:/bin`,
  });
  expect(new Set([await namespace(), await namespace(), await namespace()]).size).toBe(3);
});

test("a program gets the same in both", async (context) => {
  const rig = await standingRig(context);
  const word = fc.string({ unit: "binary", maxLength: 20 }).map(asText);
  const name = fc.constantFrom("A", "PWD", "OLDPWD", "npm.x", "k", "s", "n", "IFS", "HOME");
  const script =
    'printf "%s\\0" "$@"; cat; pwd; cat /proc/self/environ; ls /proc/self/fd; ulimit -c; umask';
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 3 }),
      fc.dictionary(name, word, { maxKeys: 3 }),
      fc.constantFrom("bash", "sh"),
      fc.constantFrom(".", "a/b"),
      async (args, env, shell, cwd) => {
        const argv = [shell, "-c", script, "x", ...args] as const;
        // With leave, each has its own; what else that shows is not looked at here.
        const own = await rig.run({ argv, env, cwd, network: true });
        const shared = await rig.run({ argv, env, cwd });
        expect(lined(shared)).toEqual(lined(own));
      },
    ),
    { numRuns: 30, examples: [[[], {}, "sh", "."]] },
  );
});

/** What UTF-8 can hold, and argv too. */
function asText(text: string): string {
  return Buffer.from(text.replaceAll("\0", "")).toString("utf8");
}

/** Variables come in no order that anybody promised. */
function lined({ stdout, ...rest }: Ended) {
  return { ...rest, parts: stdout.split("\0").sort() };
}

test("how a program ended is told as ever", async (context) => {
  const rig = await warmRig(context);
  expect(await rig.sh("exit 3")).toEqual(silent({ kind: "exited", code: 3 }));
  expect((await rig.sh("kill -s SEGV $$")).exit).toEqual({ kind: "signalled", signal: "SIGSEGV" });
  expect((await rig.sh("echo oops >&2; exit 1")).stderr).toBe("oops\n");
  expect((await rig.run({ argv: ["./none"] })).exit).toEqual({
    kind: "not-started",
    reason: "./none: not found",
  });
  expect(await rig.namespace()).toBe(rig.standing);
});

function silent(exit: Ended["exit"]): Ended {
  return { exit, isSilent: true, stdout: "", stderr: "" };
}

test("what a program leaves running is gone before the next one", async (context) => {
  const rig = await warmRig(context);
  const left = "(trap '' TERM; setsid sleep 1000 & sleep 1000 &) ; ls /proc | grep -c '^[0-9]'";
  expect(Number((await rig.sh(left)).stdout)).toBeGreaterThan(4);
  const { stdout } = await rig.sh("cat /proc/[0-9]*/comm; readlink /proc/self/ns/pid");
  expect(stdout.split("\n")).not.toContain("sleep");
  expect(stdout).toContain(rig.standing);
});

const leftovers = [
  "/tmp/left",
  "/tmp/.left",
  "$HOME/left",
  "$HOME/..left",
  "/dev/shm/left",
  // As a shell calls what it finds nothing for.
  "'/tmp/*'",
  "'/tmp/.[!.]*'",
  "'/tmp/..?*'",
];

test("a program that leaves a file outside is the last in its sandbox", async (context) => {
  const rig = await warmRig(context);
  let last = rig.standing;
  for (const path of leftovers) {
    const left = await rig.sh(`echo x > ${path}; readlink /proc/self/ns/pid`);
    expect(left.stdout.trim()).toBe(last);
    const { stdout } = await rig.sh(`cat ${path} 2>&1; readlink /proc/self/ns/pid`);
    const [text, namespace = ""] = stdout.trim().split("\n");
    expect(text).toContain("No such file");
    expect(namespace).not.toBe(last);
    last = namespace;
  }
});

const unusable = ["555 /tmp", "300 /tmp", "600 $HOME", "000 /dev/shm"];

test("a program that closes such a directory is the last in its sandbox", async (context) => {
  // As root one can do all in a directory that is closed to others.
  if (process.getuid?.() === 0 && (await rootCanAll(context))) context.skip("all is open to root");
  for (const change of unusable) {
    const rig = await warmRig(context);
    const { stdout } = await rig.sh(`chmod ${change}; readlink /proc/self/ns/pid`);
    expect(stdout.trim(), change).toBe(rig.standing);
    expect(await rig.namespace(), change).not.toBe(rig.standing);
  }
});

/** Whether a program in bubblewrap may list a directory that nobody may. */
async function rootCanAll(context: TestContext): Promise<boolean> {
  const { sh } = await standingRig(context);
  const { exit } = await sh("mkdir a && chmod 000 a && ls a");
  return exit.kind === "exited" && exit.code === 0;
}

test("outside of its input root and those, a program can write nothing in either", async (context) => {
  const rig = await standingRig(context);
  const script =
    "for f in /x /home/x /dev/x /etc/x; do echo x > $f; done 2>&1 | grep -c 'Read-only'";
  for (let turn = 0; turn < 3; turn++) expect((await rig.sh(script)).stdout).toBe("4\n");
});

test("what a program left in its input root is not there for the next one", async (context) => {
  const rig = await warmRig(context);
  await rig.sh("mkdir -p a/b; echo x > a/b/c; echo x > d", { outputs: ["a/b/c"] });
  const { stdout } = await rig.sh("find /kraft; readlink /proc/self/ns/pid");
  expect(stdout).toBe(`/kraft\n${rig.standing}\n`);
});

test("a directory that was replaced is seen as it is now", async (context) => {
  const rig = await standingRig(context);
  const workspace = temporaryDirectory();
  const directory = join(workspace, "src");
  const inputs = [{ kind: "directory" as const, path: "src", directory }];
  const made = (text: string): void => {
    mkdirSync(directory);
    writeFileSync(join(directory, "a"), text);
  };
  made("one");
  const read = () => rig.sh("cat src/a; readlink /proc/self/ns/pid", { inputs });
  await read();
  const { stdout } = await read();
  expect((await read()).stdout).toBe(stdout);
  // A file below is what it is now in the same one.
  writeFileSync(join(directory, "a"), "two");
  expect((await read()).stdout).toBe(stdout.replace("one", "two"));
  renameSync(directory, join(workspace, "old"));
  made("three");
  const after = await read();
  expect(after.stdout).toMatch(/^three/);
  expect(after.stdout.slice(5)).not.toBe(stdout.slice(3));
});

test("a directory whose place was moved away is mounted again", async (context) => {
  const rig = await standingRig(context);
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "a"), "one");
  const inputs = [{ kind: "directory" as const, path: "top/src", directory }];
  for (let turn = 0; turn < 3; turn++) {
    expect((await rig.sh("cat top/src/a", { inputs })).stdout).toBe("one");
    expect((await rig.sh("mv top gone && cat gone/src/a", { inputs })).stdout).toBe("one");
  }
});

test("directories whose places were exchanged are mounted again", async (context) => {
  const rig = await standingRig(context);
  const inputs = ["one", "two"].map((name) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a"), name);
    return { kind: "directory" as const, path: `${name}/src`, directory };
  });
  const exchange = "mv one x; mv two one; mv x two";
  for (const request of [{ sharesSandbox: true }, { sharesSandbox: false }]) {
    const read = () => rig.sh("cat one/src/a two/src/a", { inputs });
    for (let turn = 0; turn < 3; turn++) expect((await read()).stdout).toBe("onetwo");
    expect((await rig.sh(exchange, { inputs, ...request })).stderr).toBe("");
    for (let turn = 0; turn < 3; turn++) expect((await read()).stdout).toBe("onetwo");
  }
});

test("a program that ends its shell is a failure, and the next one runs", async (context) => {
  const rig = await warmRig(context);
  const { exit } = await rig.sh("kill -s KILL $PPID; sleep 100");
  expect(exit).toEqual({ kind: "not-started", reason: expect.stringMatching(/^the shell that/) });
  expect((await rig.sh("echo on")).stdout).toBe("on\n");
});

test("a program that is cancelled is gone with all that it started", async (context) => {
  const rig = await warmRig(context, { graceMs: 1 });
  const { seconds, sleeping } = newSleep();
  const controller = new AbortController();
  const running = rig.sh(`setsid sleep ${seconds} & sleep ${seconds}`, {}, controller.signal);
  await sleeping(2);
  controller.abort();
  expect((await running).exit.kind).not.toBe("exited");
  await sleeping(0);
  expect(await rig.namespace()).not.toBe(rig.standing);
});

/** A time to sleep that no other program does, and what waits until some number of programs does. */
function newSleep() {
  const seconds = `1000.${String(process.hrtime.bigint())}`;
  const count = () =>
    processes().filter(({ exe, words }) => exe.endsWith("/sleep") && words.includes(seconds))
      .length;
  const sleeping = (wanted: number) => expect.poll(count, { timeout: 10_000 }).toBe(wanted);
  return { seconds, sleeping };
}

/** What runs on this machine. */
function processes(): { exe: string; words: readonly string[] }[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isRunning(Number(name)));
  return ids.flatMap((id) => {
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return [{ exe: readlinkSync(`/proc/${id}/exe`), words }];
    } catch {
      return []; // It has just ended.
    }
  });
}

test("a program whose sandbox is kept does not go on in it", async (context) => {
  const rig = await warmRig(context);
  const run = await rig.start({ argv: ["sh", "-c", "echo x > out; exit 1"], outputs: ["out"] });
  expect(run.exit).toEqual({ kind: "exited", code: 1 });
  const { directory } = run.keep();
  expect((await rig.sh("ls /kraft")).stdout).toBe("");
  expect(readFileSync(join(directory, "root/out"), "utf8")).toBe("x\n");
  expect(await rig.namespace()).not.toBe(rig.standing);
});

test("closing ends what stands, and what runs there", async (context) => {
  const rig = await warmRig(context);
  const { seconds, sleeping } = newSleep();
  const running = rig.sh(`setsid sleep ${seconds} & exec sleep ${seconds}`);
  await sleeping(2);
  await rig.sandbox.close();
  expect((await running).exit.kind).toBe("signalled");
  await sleeping(0);
});

test("closing while a sandbox is made ends that, and runs nothing", async (context) => {
  const { seconds, sleeping } = newSleep();
  const rig = await standingRig(context, { path: pathWith(`/bin/sleep ${seconds}`) });
  await rig.namespace();
  const running = rig.sh("echo on");
  await sleeping(1);
  await rig.sandbox.close();
  const reason = "the build is over";
  expect(await running).toMatchObject({ exit: { kind: "not-started", reason }, stdout: "" });
  await sleeping(0);
});

test("what stood for a sandbox that is kept ends", async (context) => {
  const rig = await warmRig(context);
  const standing = () =>
    processes().filter(({ words }) => words.some((one) => one.startsWith(rig.directory)));
  expect(standing()).not.toEqual([]);
  const run = await rig.start({ argv: ["false"] });
  run.keep();
  await expect.poll(standing, { timeout: 10_000 }).toEqual([]);
});
