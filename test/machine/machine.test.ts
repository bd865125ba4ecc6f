import { writeFile } from "node:fs/promises";
import { Writable } from "node:stream";
import { expect, test } from "vitest";

import type { MachineStart } from "../../src/machine/monitor.ts";
import { problemOf } from "../../src/machine/outcome.ts";
import { collect, isRunning, machineRig, resumed, wait } from "./machine-rig.ts";

const qemu = "qemu-system-x86_64";

test("what the guest prints is passed on byte by byte, and its end is kept", async () => {
  const rig = machineRig({ [qemu]: "printf 'one\\r\\n\\033[1mtwo\\033[0m\\000\\n'" });
  expect(await rig.run()).toEqual({
    kind: "exited",
    ending: { kind: "power-off" },
    lastLines: ["one", "two\0"],
    errorText: "",
  });
  expect(rig.outputOf()).toBe("one\r\n\x1b[1mtwo\x1b[0m\0\n");
  expect(rig.leftovers()).toEqual([]);
});

const shutdown = (reason: string) =>
  `echo '{"event": "SHUTDOWN", "data": {"guest": true, "reason": "${reason}"}}' >&3`;

test.each([
  ["ends in order", `${resumed}; ${shutdown("guest-shutdown")}`, "power-off"],
  ["resets itself", `${resumed}; ${shutdown("guest-reset")}`, "reset"],
  ["panics", `${resumed}; ${shutdown("guest-panic")}`, "crash"],
  ["powers off as Unikraft does", `${resumed}; exit 83`, "power-off"],
  ["crashes as Unikraft does", `${resumed}; exit 85`, "crash"],
])("a guest that %s is told apart", async (_, script, kind) => {
  const rig = machineRig({ [qemu]: script });
  expect(await rig.run()).toMatchObject({ kind: "exited", ending: { kind } });
});

test.each([
  [1, 0],
  [15, 7],
])("exit status %i of QEMU is the guest's code %i, once it has run", async (status, code) => {
  const rig = machineRig({ [qemu]: `${resumed}; exit ${status}` });
  expect(await rig.run()).toMatchObject({ kind: "exited", ending: { kind: "code", code } });
});

test.each([
  ["complains", "echo 'no such device' >&2; exit 1", `${qemu} failed with status 1`],
  ["crashes", `${resumed}; kill -ABRT $$`, `${qemu} was ended by SIGABRT`],
  ["has a status that no guest gives", `${resumed}; exit 2`, `${qemu} failed with status 2`],
  [
    "is ended by others",
    `${resumed}; ${shutdown("host-signal")}`,
    `${qemu} was ended by something else (host-signal)`,
  ],
])("a QEMU that %s has failed", async (_, script, message) => {
  const rig = machineRig({ [qemu]: script });
  expect(await rig.run()).toMatchObject({ kind: "failed", message });
});

test("what QEMU complains of is part of the problem", async () => {
  const script = "echo Booting; printf 'port 80 is taken\\nbye\\n' >&2; exit 1";
  const rig = machineRig({ [qemu]: script });
  expect(problemOf(await rig.run())).toBe(`qemu-system-x86_64 failed with status 1
  port 80 is taken
  bye
its last output was:
  Booting`);
});

test("a QEMU that cannot be started has failed", async () => {
  const rig = machineRig({ [qemu]: "#!/no/such/interpreter\n" });
  expect(await rig.run()).toMatchObject({
    kind: "failed",
    message: expect.stringMatching(/^qemu-system-x86_64 cannot be started: spawn .* ENOENT$/),
  });
  expect(rig.leftovers()).toEqual([]);
});

test("a command line that no program takes is a failure, too", async () => {
  const rig = machineRig({ [qemu]: "" });
  expect(await rig.run({ args: ["x".repeat(200_000)] })).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("E2BIG"),
  });
});

test("a machine is stopped once it says what was expected, in however many pieces", async () => {
  const rig = machineRig({ [qemu]: `printf rea; cat "$GATE"; printf dy; ${wait}` });
  rig.fifo("gate");
  const output = collect((text) => {
    if (text === "rea") void writeFile(rig.at("gate"), "");
  });
  const env = { PATH: `${rig.at("bin")}:/usr/bin:/bin`, GATE: rig.at("gate") };
  const host = { env, kill: process.kill.bind(process), workingDirectory: "/" };
  const outcome = await rig.run({}, { expect: "ready", stdout: output.stream, host });
  expect(outcome).toEqual({ kind: "expected" });
  expect(output.textOf()).toBe("ready");
  expect(rig.leftovers()).toEqual([]);
});

test("the last words before the end count as expected, too", async () => {
  const rig = machineRig({ [qemu]: "printf ready; exit 1" });
  expect(await rig.run({}, { expect: "ready" })).toEqual({ kind: "expected" });
});

test("a guest that ends without what was expected has a problem", async () => {
  const rig = machineRig({ [qemu]: "echo steady" });
  expect(problemOf(await rig.run({}, { expect: "ready" }))).toBe(
    'the machine powered off, without saying "ready"\nits last output was:\n  steady',
  );
});

test("a machine that takes too long is stopped, and it is said what was waited for", async () => {
  const rig = machineRig({ [qemu]: wait });
  const outcome = await rig.run({}, { expect: "ready", timeoutMs: 20 });
  expect(outcome).toMatchObject({ kind: "timed-out", timeoutMs: 20, awaited: "ready" });
  expect(problemOf(outcome)).toBe(
    'the machine did not say "ready" within 0.02 s\nit printed nothing',
  );
});

test("abort stops a machine, and all that it started", async () => {
  const rig = machineRig({ [qemu]: `cat <&3 & echo $$ $! up; ${wait}` });
  const controller = new AbortController();
  const output = collect((text) => text.includes("up") && controller.abort());
  const outcome = await rig.run({}, { stdout: output.stream, signal: controller.signal });
  expect(outcome).toEqual({ kind: "stopped" });
  expect(problemOf(outcome)).toBeUndefined();
  const [shell] = output.textOf().split(" ").map(Number);
  expect(isRunning(shell ?? 0)).toBe(false);
  expect(rig.leftovers()).toEqual([]);
});

test("a machine that does not listen is killed", async () => {
  const rig = machineRig({ [qemu]: `trap '' TERM; echo up; while :; do ${wait}; done` });
  const options = { expect: "up", graceMs: 20 };
  expect(await rig.run({}, options)).toEqual({ kind: "expected" });
});

test("nothing is started after abort", async () => {
  const rig = machineRig({ [qemu]: "echo started" });
  expect(await rig.run({}, { signal: AbortSignal.abort() })).toEqual({ kind: "stopped" });
  expect(rig.outputOf()).toBe("");
});

test("a machine is stopped when nobody reads its output any more", async () => {
  const rig = machineRig({ [qemu]: `echo up; ${wait}` });
  const broken = new Writable({ write: (_chunk, _, done) => done(new Error("EPIPE")) });
  expect(await rig.run({}, { stdout: broken })).toEqual({ kind: "stopped" });
});

test("a reader that hangs does not keep a machine from being stopped", async () => {
  const rig = machineRig({ [qemu]: `${resumed}; yes` });
  const hung = new Writable({ write: () => undefined });
  expect(await rig.run({}, { stdout: hung, timeoutMs: 20 })).toMatchObject({ kind: "timed-out" });
});

/** More than one piece can hold, and less than makes a program wait. */
const flood = "head -c 150000 /dev/zero | tr '\\000' u";

test.each([
  ["has ended", flood, "SIGKILL", { kind: "exited", ending: { kind: "power-off" } }],
  ["said what was expected", `${flood}; ${wait}`, "SIGTERM", { kind: "expected" }],
])("abort ends the wait for a reader that hangs when the guest %s", async (...row) => {
  const [, script, lastSignal, outcome] = row;
  const rig = machineRig({ [qemu]: script });
  const controller = new AbortController();
  const hung = new Writable({ write: () => undefined, highWaterMark: 1 });
  const host = {
    env: { PATH: `${rig.at("bin")}:/usr/bin:/bin` },
    workingDirectory: "/",
    kill: (processId: number, signal: NodeJS.Signals | 0) => {
      if (signal === lastSignal) controller.abort();
      process.kill(processId, signal);
    },
  };
  const expected = outcome.kind === "expected" ? { expect: "uuu" } : {};
  const options = { ...expected, host, stdout: hung, signal: controller.signal };
  expect(await rig.run({}, options)).toMatchObject(outcome);
});

test("what a program leaves running does not keep a machine from ending", async () => {
  const rig = machineRig({ [qemu]: `${wait} & echo over` });
  expect(await rig.run()).toMatchObject({ kind: "exited", lastLines: ["over"] });
});

test("QEMU finds kernel and initrd under plain names", async () => {
  const rig = machineRig({ [qemu]: 'for name in *; do echo "$name: $(cat "$name")"; done' });
  await rig.run({ name: "-my app, 2", initrd: "initrd" });
  expect(rig.outputOf()).toBe("_my_app__2: the kernel\n_my_app__2.initrd: the initrd\n");
});

test("the kernel is told what spec and options say", async () => {
  const rig = machineRig({ [qemu]: "" });
  rig.write("config", "CONFIG_LIBUKNETDEV_EINFO_LIBPARAM=y\nCONFIG_LIBUKLIBPARAM=y\n");
  const starts: MachineStart[] = [];
  await rig.run(
    { args: ["a.b=c", "--", "x y"], env: ["A=1", "B=1"], config: "config" },
    {
      env: ["B=2", "PATH"],
      kernelArgs: ["d.e=f"],
      ports: [{ hostAddress: undefined, hostPort: 8080, guestPort: 80, protocol: "tcp" }],
      memoryBytes: 2 ** 30,
      started: (start) => starts.push(start),
    },
  );
  const [{ argv, ...start } = { argv: [] }] = starts;
  expect(start).toEqual({
    acceleration: { kind: "emulation", reason: `there is no ${rig.at("nothing")}` },
    memoryBytes: 2 ** 30,
    commandLine:
      "d.e=f a.b=c netdev.ip=10.0.2.15/24:10.0.2.2:10.0.2.3 " +
      `env.vars=[ "A=1" "B=2" "PATH=${rig.at("bin")}:/usr/bin:/bin" ] -- "x y"`,
    warnings: ["the kernel ignores the environment, as LIBPOSIX_ENVIRON_LIBPARAM is off"],
  });
  expect(argv.join(" ")).toContain("-m 1024M ");
});

test("an address that the user gives is the only one", async () => {
  const rig = machineRig({ [qemu]: "" });
  rig.write("config", "CONFIG_LIBUKNETDEV_EINFO_LIBPARAM=y\n");
  const lines: string[] = [];
  const ports = [{ hostAddress: undefined, hostPort: 1, guestPort: 1, protocol: "tcp" }] as const;
  const kernelArgs = ["netdev.ip=10.0.2.16/24"];
  const started = (start: MachineStart) => lines.push(start.commandLine);
  await rig.run({ config: "config" }, { ports, kernelArgs, started });
  await rig.run({}, { ports, started });
  expect(lines).toEqual(["netdev.ip=10.0.2.16/24 --", ""]);
});

test.each([
  [
    { platform: "xen" },
    "images for the platform xen cannot be run, only qemu, fc, hvt, spt and virtio",
  ],
  [{ architecture: "arm" }, "no arm machines can be run"],
  [{ env: ["=x"] }, "=x is not of the form K=V"],
])("%j is refused", async (part, reason) => {
  const rig = machineRig({ [qemu]: "echo started" });
  expect(await rig.run(part)).toEqual({ kind: "refused", reasons: [reason] });
  expect(rig.outputOf()).toBe("");
});

test("a QEMU that is missing is named, with how to get it", async () => {
  const rig = machineRig({});
  const host = { env: { PATH: rig.at("bin") }, kill: () => undefined, workingDirectory: "/" };
  expect(problemOf(await rig.run({}, { host }))).toBe(`qemu-system-x86_64 is not installed
install qemu-system-x86_64, or name one in KRAFTKIT_QEMU:
  Debian, Ubuntu  sudo apt install qemu-system-x86
  Fedora          sudo dnf install qemu-system-x86
  Alpine          sudo apk add qemu-system-x86_64
  macOS           brew install qemu`);
});

test("another QEMU can be named", async () => {
  const rig = machineRig({ "my-qemu": "echo mine" });
  const env = { PATH: "/usr/bin:/bin", KRAFTKIT_QEMU: "bin/my-qemu" };
  const host = { env, kill: () => undefined, workingDirectory: rig.at(".") };
  await rig.run({}, { host });
  expect(rig.outputOf()).toBe("mine\n");
});
