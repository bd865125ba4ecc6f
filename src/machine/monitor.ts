// Which virtual machine monitor boots a machine, and how it is started. Starts none but to try.

import type { Host } from "../base/host.ts";
import { findProgram } from "../sandbox/program-file.ts";
import { firecrackerArguments, firecrackerConfig, firecrackerProgram } from "./firecracker.ts";
import { firecrackerHelp, qemuHelp, solo5Help } from "./installation-help.ts";
import type { KvmProbe } from "./kvm-probe.ts";
import type { MonitorCommand } from "./monitor-process.ts";
import type { MachineOutcome } from "./outcome.ts";
import type { PortMapping } from "./port.ts";
import { type Acceleration, type QemuGuest, qemuArguments, qemuGuestOf } from "./qemu.ts";
import { type AttachedDevice, filesOfDevices, tenderArguments } from "./solo5.ts";
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
  /** Those that the kernel has names for. */
  readonly devices: readonly AttachedDevice[];
  /** Of the application. */
  readonly args: readonly string[];
  readonly commandLine: string;
  /** What the kernel will pass over, a sentence each. */
  readonly warnings: readonly string[];
}

/** What is about to be started, for people. */
export interface MachineStart {
  readonly argv: readonly string[];
  /** `process`: the guest is one of this machine's own processes, which needs no other. */
  readonly acceleration: Acceleration | { readonly kind: "process" };
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
  /** Whether its exit status is the guest's own; absent: no. */
  readonly givesGuestStatus?: true;
  /** Variables that it gets besides the user's own; absent: none. */
  readonly env?: Readonly<Record<string, string>>;
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
    case "hvt":
    case "spt":
      return Promise.resolve(tenderFor(machine, guest, options));
    case "qemu":
    case "virtio":
      return qemuFor(machine, guest, options);
    case "fc":
      return firecrackerFor(machine, guest, options);
    default:
      return Promise.resolve(
        refused(
          `images for the platform ${machine.platform} cannot be run, only qemu, fc, hvt, spt and virtio`,
        ),
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
  const { links, copies } = filesOfDevices(machine.devices);
  const argv = [program, ...args] as const;
  return {
    kind: "monitor",
    program: guest.program,
    argv,
    control: "descriptor-3",
    links: { ...linksOf(machine), ...links },
    copies,
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

/** A tender of Solo5, which has the devices of the guest by their names. */
function tenderFor(
  machine: Machine,
  guest: QemuGuest,
  { host, kvm, acceleration }: MonitorOptions,
): Monitor | NoMonitor {
  const name = `solo5-${machine.platform}`;
  const program = findProgram(name, host.env["PATH"] ?? "", host.workingDirectory);
  if (program === undefined) {
    return { kind: "missing-program", message: `${name} is not installed`, help: solo5Help(name) };
  }
  const isVirtual = machine.platform === "hvt";
  const asked = acceleration === "emulation" ? "emulation was asked for" : undefined;
  const problem = isVirtual ? (asked ?? kvm.deviceProblem(guest)) : undefined;
  if (problem !== undefined) {
    return refused(
      `${name} needs KVM, but ${problem}; run what is linked for spt or virtio instead`,
    );
  }
  const { links, copies } = filesOfDevices(machine.devices);
  const argv = [program, ...tenderArguments(machine, machine.name)] as const;
  return {
    kind: "monitor",
    program: name,
    argv,
    control: "none",
    givesGuestStatus: true,
    links: { ...linksOf(machine), ...links },
    copies,
    files: {},
    start: startOf(machine, argv, { kind: isVirtual ? "kvm" : "process" }),
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
  acceleration: MachineStart["acceleration"],
): Monitor["start"] {
  return { argv, acceleration, memoryBytes, commandLine };
}

function refused(reason: string): NoMonitor {
  return { kind: "refused", reasons: [reason] };
}
