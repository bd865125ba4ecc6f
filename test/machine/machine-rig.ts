import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { onTestFinished } from "vitest";

import { KvmProbe } from "../../src/machine/kvm-probe.ts";
import { type RunOptions, runMachine } from "../../src/machine/machine.ts";
import type { MachineSpec } from "../../src/rule/rule.ts";

/** A fresh directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "kraft-machine-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Calls `onText` with all that was printed so far, whenever there is more. */
export function collect(onText: (text: string) => void = () => undefined) {
  const chunks: Buffer[] = [];
  const textOf = () => Buffer.concat(chunks).toString();
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      onText(textOf());
      done();
    },
  });
  return { stream, textOf };
}

/** Runs until the test lets it go, or it is ended. */
export const wait = "cat <&3 >/dev/null";
/** Takes in what QEMU is told, and lets the machine run. */
export const resumed = `read -r _ <&3; read -r _ <&3; echo '{"event": "RESUME"}' >&3`;

/**
 * Runs machines by programs of the test: `programs` are lines of shell by name, which can also
 * say what QEMU says on descriptor 3. A device for KVM is there only in `withKvm`.
 */
export function machineRig(programs: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory, name);
  for (const name of ["bin", "work"]) mkdirSync(at(name));
  for (const [name, script] of Object.entries(programs)) {
    const text = script.startsWith("#!") ? script : `#!/bin/sh\n${script}\n`;
    writeFileSync(join(directory, "bin", name), text, { mode: 0o755 });
  }
  for (const name of ["kernel", "initrd", "kvm"]) writeFileSync(at(name), `the ${name}`);
  const probe = (device: string, options = {}) =>
    new KvmProbe({ host: { architecture: "x64" }, device: at(device), ...options });
  const output = collect();
  const spec: MachineSpec = {
    platform: "qemu",
    architecture: "x86_64",
    kernel: "kernel",
    name: "app_qemu-x86_64",
    args: [],
    env: [],
  };
  const defaults: RunOptions = {
    host: {
      env: { PATH: `${at("bin")}:/usr/bin:/bin` },
      kill: (processId, signal) => void process.kill(processId, signal),
      workingDirectory: directory,
    },
    kvm: probe("nothing"),
    temporaryDirectory: at("work"),
    locate: at,
    stdout: output.stream,
    signal: new AbortController().signal,
  };
  return {
    at,
    probe,
    outputOf: output.textOf,
    run: (part: Partial<MachineSpec> = {}, options: Partial<RunOptions> = {}) =>
      runMachine({ ...spec, ...part }, { ...defaults, ...options }),
    write: (name: string, text: string) => writeFileSync(at(name), text),
    /** A gate that `cat <name>` waits at until something is written to it. */
    fifo: (name: string) => execFileSync("mkfifo", [at(name)]),
    /** What is left in the directory for machines. */
    leftovers: () => readdirSync(at("work")),
  };
}

/** Whether a process with this id has not ended. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
