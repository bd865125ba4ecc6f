import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { type ShellJob, scriptOf } from "../../src/sandbox/shell-script.ts";
import { ShellSlot } from "../../src/sandbox/shell-slot.ts";
import { isRunning, never, realHost, temporaryDirectory } from "./sandbox-rig.ts";

function slotRig({ graceMs = 60_000 } = {}) {
  const directory = temporaryDirectory();
  const slot = new ShellSlot({ kill: realHost.kill, graceMs });
  onTestFinished(() => slot.close());
  const stdoutFile = join(directory, "stdout");
  const stderrFile = join(directory, "stderr");
  const end = (job: Partial<ShellJob>, signal = never) =>
    slot.run({ argv: ["/bin/true"], env: {}, directory, stdoutFile, stderrFile, ...job }, signal);
  const run = async (job: Partial<ShellJob>, signal?: AbortSignal) => (await end(job, signal)).exit;
  return {
    slot,
    directory,
    end,
    run,
    sh: (script: string, signal = never) => run({ argv: ["/bin/sh", "-c", script] }, signal),
    stdout: () => readFileSync(stdoutFile, "utf8"),
    stderr: () => readFileSync(stderrFile, "utf8"),
    /** Resolves when the file `name` is there and is not empty. */
    arrival: (name: string) => arrivalOf(directory, name),
  };
}

async function arrivalOf(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  const isThere = () => existsSync(path) && readFileSync(path, "utf8").endsWith("\n");
  const watcher = watch(directory);
  try {
    while (!isThere()) await once(watcher, "change");
  } finally {
    watcher.close();
  }
  return readFileSync(path, "utf8").trim();
}

test("a program gets its arguments, directory and environment, and no input", async () => {
  const rig = slotRig();
  const script = 'pwd; echo "$1"; cat; env | sort; echo oops >&2';
  const argv = ["/bin/sh", "-c", script, "sh", "it's"] as const;
  expect(await rig.run({ argv, env: { B: "2", A: "1" } })).toEqual({ kind: "exited", code: 0 });
  // PWD is what the inner shell itself makes.
  expect(rig.stdout()).toBe(`${rig.directory}\nit's\nA=1\nB=2\nPWD=${rig.directory}\n`);
  expect(rig.stderr()).toBe("oops\n");
});

test("the environment holds what was asked for and nothing else", async () => {
  const rig = slotRig();
  await rig.run({ argv: ["/usr/bin/env"], env: { ONLY: "this" } });
  expect(rig.stdout()).toBe("ONLY=this\n");
  await rig.run({ argv: ["/usr/bin/env"], env: {} });
  expect(rig.stdout()).toBe("");
});

test("a variable that is none in shell gets through as well", async () => {
  const rig = slotRig();
  const env = { "with-dash": "1", "npm.x": "2", PPID: "3", UID: "4", PATH: "/nowhere", IFS: "x" };
  await rig.run({ argv: ["/usr/bin/env"], env });
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  expect(rig.stdout().trim().split("\n").sort()).toEqual(lines.sort());
});

test("in a shell other than dash, the environment is the same", async () => {
  const directory = temporaryDirectory();
  const [stdoutFile, stderrFile] = [join(directory, "stdout"), join(directory, "stderr")];
  const job = { argv: ["/usr/bin/env"] as const, directory, stdoutFile, stderrFile };
  const child = spawn("/bin/sh", { stdio: ["pipe", "ignore", "ignore", "pipe"], detached: true });
  child.stdin?.end(`trap : TERM\n${scriptOf({ ...job, env: { A: "it's", B: "2" } }, false)}`);
  await once(child, "close");
  expect(readFileSync(stdoutFile, "utf8")).toBe("A=it's\nB=2\n");
});

test("any text gets through as an argument and as a variable", async () => {
  const rig = slotRig();
  const text = fc.string({ unit: "binary", maxLength: 40 }).map(withoutNul);
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), text, async (args, value) => {
      const script = 'printf "%s\\0" "$@" "$VALUE"';
      const argv = ["/bin/bash", "-c", script, "x", ...args] as const;
      await rig.run({ argv, env: { VALUE: value } });
      expect(rig.stdout()).toBe([...args, value].map((one) => `${one}\0`).join(""));
    }),
    { numRuns: 60 },
  );
});

/** What UTF-8 can hold, and argv too. */
function withoutNul(text: string): string {
  return Buffer.from(text.replaceAll("\0", "")).toString("utf8");
}

test("every character up to U+0800 gets through", async () => {
  const rig = slotRig();
  const all = Array.from({ length: 0x7ff }, (_, i) => String.fromCodePoint(i + 1)).join("");
  await rig.run({ argv: ["/usr/bin/printf", "%s", all] });
  expect(rig.stdout()).toBe(all);
});

test("an argv of 200 KB gets through", async () => {
  const rig = slotRig();
  const args = Array.from(
    { length: 4000 },
    (_, i) => `an argument of some fifty characters, ${i} '`,
  );
  await rig.run({ argv: ["/usr/bin/printf", "%s\n", ...args] });
  expect(rig.stdout()).toBe(`${args.join("\n")}\n`);
});

test("an argv that the system does not take is a failure to start, and the slot goes on", async () => {
  const rig = slotRig();
  const argv = ["/bin/true", "x".repeat(4 * 1024 * 1024)] as const;
  expect(await rig.run({ argv })).toEqual({
    kind: "not-started",
    reason: "/bin/true: Argument list too long",
  });
  expect(rig.stderr()).toBe("");
  expect(await rig.run({})).toEqual({ kind: "exited", code: 0 });
});

test.each([
  ["a NUL byte in an argument", { argv: ["/bin/true", "\0"] as const }, "NUL byte"],
  ["a NUL byte in a variable", { env: { A: "\0" } }, "NUL byte"],
  ["a variable without name", { env: { "": "x" } }, '"" cannot be a variable\'s name'],
  ["an equals sign in a name", { env: { "a=b": "x" } }, '"a=b" cannot be a variable\'s name'],
  ["a program that is not there", { argv: ["/no/such"] as const }, "/no/such: not found"],
  ["a directory as a program", { argv: ["/usr"] as const }, "/usr: Permission denied"],
  ["a directory that is not there", { directory: "/no/such" }, "from /no/such"],
  ["an output that cannot be written", { stdoutFile: "/no/such" }, "cannot write"],
])("%s is a failure to start", async (_, job, reason) => {
  const rig = slotRig();
  const exit = await rig.run(job);
  expect(exit.kind).toBe("not-started");
  expect(exit).toHaveProperty("reason", expect.stringContaining(reason));
  expect(await rig.run({})).toEqual({ kind: "exited", code: 0 });
});

test("what prints nothing is known to, and nothing else is", async () => {
  const rig = slotRig();
  const scripts = {
    true: true,
    "exit 3": true,
    "echo a": false,
    "echo a >&2": false,
    "echo a; exit 3": false,
  };
  for (const [script, isSilent] of Object.entries(scripts)) {
    // As a simple command, and by a shell within.
    for (const argv of [["/bin/sh", "-c", script] as const, ["/bin/bash", "-c", script] as const]) {
      expect((await rig.end({ argv })).isSilent, script).toBe(isSilent);
    }
  }
  const refused = await rig.end({ argv: ["/no/such/program"] });
  expect(refused).toMatchObject({ exit: { kind: "not-started" }, isSilent: false });
});

test("an exit code is reported, even one that shells use themselves", async () => {
  const rig = slotRig();
  for (const code of [1, 2, 126, 127, 128, 255]) {
    expect(await rig.sh(`exit ${code}`)).toEqual({ kind: "exited", code });
  }
  // A shell within, which says the same as the slot's would, did start.
  expect(await rig.sh("no-such-program")).toEqual({ kind: "exited", code: 127 });
});

test("a signal that ends a program is reported by its name", async () => {
  const rig = slotRig();
  expect(await rig.sh("kill -SEGV $$")).toEqual({ kind: "signalled", signal: "SIGSEGV" });
  expect(await rig.sh("kill -KILL $$")).toEqual({ kind: "signalled", signal: "SIGKILL" });
});

test("no descriptor but the three streams is open in a program", async () => {
  const rig = slotRig();
  const argv = ["/bin/ls", "/proc/self/fd"] as const;
  // What the test itself has inherited from above 9 is passed on, as no shell can close it.
  const child = spawn(argv[0], [argv[1]], { stdio: ["ignore", "pipe", "ignore"] });
  let inherited = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (inherited += text));
  await once(child, "close");
  await rig.run({ argv });
  const foreign: string[] = inherited.match(/\d\d+/g) ?? [];
  const open = (rig.stdout().match(/\d+/g) ?? []).filter((one) => !foreign.includes(one));
  // The last is that of the directory which `ls` reads.
  expect(open).toEqual(["0", "1", "2", "3"]);
});

test("signals are as usual in a program, and new files are for all to read", async () => {
  const rig = slotRig();
  await rig.sh("umask; grep -E 'Sig(Ign|Blk)' /proc/self/status");
  expect(rig.stdout()).toBe("0022\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
});

test("cancelling ends the program and what it started", async () => {
  const rig = slotRig();
  const controller = new AbortController();
  const exit = rig.sh("sleep 1000 & echo $! > child; wait", controller.signal);
  const child = Number(await rig.arrival("child"));
  expect(isRunning(child)).toBe(true);
  controller.abort();
  expect(await exit).toEqual({ kind: "signalled", signal: "SIGTERM" });
  expect(isRunning(child)).toBe(false);
  expect(await rig.run({})).toEqual({ kind: "exited", code: 0 });
});

test("a program that ignores the polite signal is killed after the grace", async () => {
  const rig = slotRig({ graceMs: 1 });
  const controller = new AbortController();
  const exit = rig.sh("trap '' TERM; sleep 1000 & echo $! > child; wait; wait", controller.signal);
  const child = Number(await rig.arrival("child"));
  controller.abort();
  expect(await exit).toEqual({ kind: "signalled", signal: "SIGKILL" });
  expect(isRunning(child)).toBe(false);
  expect(await rig.run({})).toEqual({ kind: "exited", code: 0 });
});

test("a program that cleans up when cancelled may finish that, and its exit counts", async () => {
  const rig = slotRig();
  const controller = new AbortController();
  const script = "trap 'echo bye; exit 3' TERM; echo $$ > up; while :; do sleep 0.01; done";
  const exit = rig.sh(script, controller.signal);
  await rig.arrival("up");
  controller.abort();
  expect(await exit).toEqual({ kind: "exited", code: 3 });
  expect(rig.stdout()).toBe("bye\n");
});

test("what was cancelled before it began does not begin", async () => {
  const rig = slotRig();
  const exit = await rig.sh("echo $$ > up", AbortSignal.abort());
  expect(exit).toEqual({ kind: "not-started", reason: "it was cancelled before it began" });
  expect(existsSync(join(rig.directory, "up"))).toBe(false);
});

test("what a program leaves behind is ended before the next one starts", async () => {
  const rig = slotRig();
  await rig.sh("sleep 1000 >/dev/null 2>&1 & echo $! > child");
  const child = Number(await rig.arrival("child"));
  // A later job sees it gone: the signal was sent before the first was over.
  const isAlive = `[ -e /proc/${child} ] && ! grep -q ") Z" /proc/${child}/stat`;
  await rig.sh(`while ${isAlive}; do sleep 0.01; done`);
  expect(isRunning(child)).toBe(false);
});

test("what ignores that is killed when the slot is closed", async () => {
  const rig = slotRig();
  await rig.sh("(trap '' TERM; exec sleep 1000) >/dev/null 2>&1 & echo $! > child");
  const child = Number(await rig.arrival("child"));
  await rig.slot.close();
  expect(isRunning(child)).toBe(false);
});

test("a program that kills the shell above it fails, and the next one runs", async () => {
  const rig = slotRig();
  expect(await rig.sh("kill -KILL $PPID; sleep 1000")).toEqual({
    kind: "signalled",
    signal: "SIGKILL",
  });
  expect(await rig.sh("echo again")).toEqual({ kind: "exited", code: 0 });
  expect(rig.stdout()).toBe("again\n");
});

test("closing while a program runs ends it", async () => {
  const rig = slotRig();
  const exit = rig.sh("echo $$ > up; sleep 1000");
  const up = Number(await rig.arrival("up"));
  await rig.slot.close();
  expect(await exit).toEqual({ kind: "signalled", signal: "SIGKILL" });
  expect(isRunning(up)).toBe(false);
});

test("a script without first line that names its interpreter runs as one of shell", async () => {
  const rig = slotRig();
  const script = join(rig.directory, "script");
  writeFileSync(script, "echo hello\n", { mode: 0o755 });
  mkdirSync(join(rig.directory, "sub dir's"));
  await rig.run({ argv: [script], directory: join(rig.directory, "sub dir's") });
  expect(rig.stdout()).toBe("hello\n");
});
