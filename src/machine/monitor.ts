// Which virtual machine monitor boots a machine, and how it is started. Starts none but to try.

import type { Host } from "../base/host.ts";
import { findProgram } from "../sandbox/program-file.ts";
import { firecrackerArguments, firecrackerConfig, firecrackerProgram } from "./firecracker.ts";
import { firecrackerHelp, qemuHelp } from "./installation-help.ts";
import type { KvmProbe } from "./kvm-probe.ts";
import type { MonitorCommand } from "./monitor-process.ts";
import type { MachineOutcome } from "./outcome.ts";
import type { PortMapping } from "./port.ts";
import { type Acceleration, type QemuGuest, qemuArguments, qemuGuestOf } from "./qemu.ts";
import type { WorkPlace } from "./work-place.ts";

/** A machine, with nothing left to decide but who runs it. */
export interface Machine {
  readonly kind: "machine";
  /** As Unikraft names it. */
  readonly platform: string;
  readonly architecture: string;
  /** Plain: letters, digits and `_.+-`. */
  readonly name: string;
  readonly kernelPath: string;
  readonly initrdPath: string | undefined;
  readonly memoryBytes: number;
  readonly ports: readonly PortMapping[];
  readonly commandLine: string;
  /** What the kernel will pass over, a sentence each. */
  readonly warnings: readonly string[];
}

/** What is about to be started, for people. */
export interface MachineStart {
  readonly argv: readonly string[];
  readonly acceleration: Acceleration;
  readonly memoryBytes: number;
  /** What the kernel is told. */
  readonly commandLine: string;
  readonly warnings: readonly string[];
}

/** A monitor, ready to be started. */
export interface Monitor extends WorkPlace, Pick<MonitorCommand, "argv" | "control"> {
  readonly kind: "monitor";
  /** The name of its program. */
  readonly program: string;
  readonly start: Omit<MachineStart, "warnings">;
}

/** What choosing takes. */
export interface MonitorOptions {
  readonly host: Pick<Host, "env" | "workingDirectory">;
  readonly kvm: KvmProbe;
  readonly acceleration: "auto" | "emulation";
}

type NoMonitor = Extract<MachineOutcome, { kind: "refused" | "missing-program" }>;

/** The monitor for `machine`, or why there is none. */
export function monitorFor(
  machine: Machine,
  options: MonitorOptions,
): Promise<Monitor | NoMonitor> {
  const guest = qemuGuestOf(machine.architecture);
  if (guest === undefined) {
    return Promise.resolve(refused(`no ${machine.architecture} machines can be run`));
  }
  switch (machine.platform) {
    case "qemu":
      return qemuFor(machine, guest, options);
    case "fc":
      return firecrackerFor(machine, guest, options);
    default:
      return Promise.resolve(
        refused(`images for the platform ${machine.platform} cannot be run, only qemu and fc`),
      );
  }
}

async function qemuFor(
  machine: Machine,
  guest: QemuGuest,
  { host, kvm, acceleration: wanted }: MonitorOptions,
): Promise<Monitor | NoMonitor> {
  const program = findQemu(guest, host);
  if (program === undefined) {
    const name = host.env["KRAFTKIT_QEMU"] || guest.program;
    return { kind: "missing-program", message: `${name} is not installed`, help: qemuHelp(guest) };
  }
  const problem = wanted === "emulation" ? "it was asked for" : await kvm.problem(guest, program);
  const acceleration: Acceleration =
    problem === undefined ? { kind: "kvm" } : { kind: "emulation", reason: problem };
  const args = qemuArguments({ ...machine, ...filesOf(machine), guest, acceleration });
  const argv = [program, ...args] as const;
  return {
    kind: "monitor",
    program: guest.program,
    argv,
    control: "descriptor-3",
    links: linksOf(machine),
    files: {},
    start: startOf(machine, argv, acceleration),
  };
}

async function firecrackerFor(
  machine: Machine,
  guest: QemuGuest,
  { host, kvm, acceleration }: MonitorOptions,
): Promise<Monitor | NoMonitor> {
  if (machine.ports.length > 0) {
    return refused("ports cannot be forwarded to Firecracker machines, only to those of QEMU");
  }
  if (acceleration === "emulation") {
    return refused("Firecracker cannot emulate; run the image for the platform qemu instead");
  }
  const program = findProgram(firecrackerProgram, host.env["PATH"] ?? "", host.workingDirectory);
  if (program === undefined) {
    const message = `${firecrackerProgram} is not installed`;
    return { kind: "missing-program", message, help: firecrackerHelp };
  }
  const problem = await kvmProblem(guest, { host, kvm });
  if (problem !== undefined) {
    return refused(
      `Firecracker needs KVM, but ${problem}; run the image for the platform qemu instead`,
    );
  }
  const configFile = `${machine.name}.json`;
  const argv = [program, ...firecrackerArguments(configFile)] as const;
  return {
    kind: "monitor",
    program: firecrackerProgram,
    argv,
    control: "none",
    links: linksOf(machine),
    files: { [configFile]: firecrackerConfig({ ...machine, ...filesOf(machine) }) },
    start: startOf(machine, argv, { kind: "kvm" }),
  };
}

/** QEMU is the better judge; without it there is only the device to look at. */
function kvmProblem(
  guest: QemuGuest,
  { host, kvm }: Pick<MonitorOptions, "host" | "kvm">,
): Promise<string | undefined> {
  const qemu = findQemu(guest, host);
  return qemu === undefined ? Promise.resolve(kvm.deviceProblem(guest)) : kvm.problem(guest, qemu);
}

/** Where QEMU is for `guest`: KraftKit's variable names another than the usual one. */
export function findQemu(guest: QemuGuest, { env, workingDirectory }: MonitorOptions["host"]) {
  return findProgram(env["KRAFTKIT_QEMU"] || guest.program, env["PATH"] ?? "", workingDirectory);
}

/** In the monitor's working directory. */
function filesOf({ name, initrdPath }: Machine) {
  return { kernelFile: name, initrdFile: initrdPath === undefined ? undefined : `${name}.initrd` };
}

function linksOf({ name, kernelPath, initrdPath }: Machine): Record<string, string> {
  const initrd = initrdPath === undefined ? {} : { [`${name}.initrd`]: initrdPath };
  return { ...initrd, [name]: kernelPath };
}

function startOf(
  { memoryBytes, commandLine }: Machine,
  argv: readonly string[],
  acceleration: Acceleration,
): Monitor["start"] {
  return { argv, acceleration, memoryBytes, commandLine };
}

function refused(reason: string): NoMonitor {
  return { kind: "refused", reasons: [reason] };
}
