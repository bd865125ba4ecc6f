import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, expect, onTestFinished, test } from "vitest";

import { KvmProbe } from "../../src/machine/kvm-probe.ts";
import { type RunOptions, runMachine } from "../../src/machine/machine.ts";
import type { MachineStart } from "../../src/machine/monitor.ts";
import { problemOf } from "../../src/machine/outcome.ts";
import { findProgram } from "../../src/sandbox/program-file.ts";
import { collect, temporaryDirectory } from "./machine-rig.ts";

const path = process.env["PATH"] ?? "";

/** How a kernel ends, in instructions. */
const endings = {
  "power-off": "mov $0x604, %dx; mov $0x2000, %ax; outw %ax, %dx",
  reset: "lidt no_interrupts; int3",
  crash: "mov $0x501, %dx; mov $42, %ax; outw %ax, %dx",
  code: "mov $0xf4, %dx; mov $7, %al; outb %al, %dx",
  none: "",
};

/** Boots a kernel of a few instructions in the real QEMU; skips the test where that cannot be. */
async function boot(
  context: TestContext,
  ending: keyof typeof endings,
  options: Partial<RunOptions & { args: readonly string[] }> = {},
) {
  for (const program of ["qemu-system-x86_64", "gcc", "ld"]) {
    if (findProgram(program, path, "/") === undefined) context.skip(`${program} is not installed`);
  }
  if (process.arch !== "x64") context.skip("gcc here makes no code for x86");
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory, name);
  const source = join(import.meta.dirname, "multiboot.S");
  execFileSync("gcc", ["-m32", "-c", `-DEND=${endings[ending]}`, "-o", at("kernel.o"), source]);
  execFileSync("ld", ["-m", "elf_i386", "-Ttext=0x100000", "-o", at("kernel"), at("kernel.o")]);
  const output = collect();
  const { args = [], ...rest } = options;
  const host = {
    env: process.env,
    kill: (processId: number, signal: NodeJS.Signals | 0) => void process.kill(processId, signal),
    workingDirectory: directory,
    architecture: process.arch,
  };
  const outcome = await runMachine(
    { platform: "qemu", architecture: "x86_64", kernel: "kernel", name: "tiny", args, env: [] },
    {
      host,
      kvm: new KvmProbe({ host }),
      temporaryDirectory: directory,
      locate: at,
      stdout: output.stream,
      signal: new AbortController().signal,
      acceleration: "emulation",
      ...rest,
    },
  );
  return { outcome, text: output.textOf() };
}

test("QEMU boots a kernel, which gets its name and its arguments", async (context) => {
  const { outcome, text } = await boot(context, "power-off", { args: ["a", "b c"] });
  expect(outcome).toMatchObject({ kind: "exited", ending: { kind: "power-off" } });
  expect(text).toBe('tiny a "b c"\r\n');
});

test.for(["reset", "crash"] as const)("QEMU tells a %s from a power-off", async (kind, context) => {
  const { outcome } = await boot(context, kind);
  expect(outcome).toMatchObject({ kind: "exited", ending: { kind } });
});

test("QEMU hands on the code of a guest", async (context) => {
  const { outcome } = await boot(context, "code", { args: ["x"] });
  expect(problemOf(outcome)).toBe("the machine ended with code 7\nits last output was:\n  tiny x");
});

test("a guest that does not power off is stopped when it has said enough", async (context) => {
  const { outcome } = await boot(context, "none", { args: ["ready"], expect: "tiny ready\r\n" });
  expect(outcome).toEqual({ kind: "expected" });
});

test("QEMU is found to work with KVM or not, and boots either way", async (context) => {
  const starts: MachineStart[] = [];
  const started = (start: MachineStart) => starts.push(start);
  const { outcome } = await boot(context, "power-off", { acceleration: "auto", started });
  expect(problemOf(outcome)).toBeUndefined();
  const [start] = starts;
  if (start?.acceleration.kind === "emulation") {
    expect(start.acceleration.reason).toMatch(
      /^(KVM does not work here: |there is no |you may not )/,
    );
  }
});

test("QEMU says itself which port is taken", async (context) => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const hostPort = typeof address === "object" ? (address?.port ?? 0) : 0;
  const { outcome } = await boot(context, "power-off", {
    ports: [{ hostAddress: "127.0.0.1", hostPort, guestPort: 80, protocol: "tcp" }],
  });
  expect(outcome).toMatchObject({
    kind: "failed",
    message: "qemu-system-x86_64 failed with status 1",
    errorText: expect.stringMatching(/Could not set up host forwarding rule/),
  });
});
