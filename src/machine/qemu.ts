// The command lines of QEMU. Pure.

import { assertNever } from "../base/brand.ts";
import type { PortMapping } from "./port.ts";
import { mebibytesOf } from "./size.ts";
import { type AttachedDevice, qemuDevices } from "./solo5.ts";

/** What runs the guest's instructions. */
export type Acceleration =
  /** The host's processor. */
  | { readonly kind: "kvm" }
  /** QEMU's own translator. `reason`: why not KVM, for people. */
  | { readonly kind: "emulation"; readonly reason: string };

/** A machine for QEMU. */
export interface QemuMachine {
  readonly guest: QemuGuest;
  readonly acceleration: Acceleration;
  readonly name: string;
  readonly memoryBytes: number;
  readonly ports: readonly PortMapping[];
  readonly devices: readonly AttachedDevice[];
  /**
   * Names of files in QEMU's working directory. Plain: the kernel sees its file's name as the
   * first word of its command line, and QEMU splits that of the initrd at commas and blanks.
   */
  readonly kernelFile: string;
  readonly initrdFile: string | undefined;
  readonly commandLine: string;
}

/** What QEMU needs to know of an architecture. */
export interface QemuGuest {
  readonly architecture: "x86_64" | "arm64";
  readonly program: string;
  /** What to install, as the distribution calls it. */
  readonly packages: Readonly<Record<"debian" | "fedora" | "alpine", string>>;
  /** The CPU model under KVM. Source: KraftKit, machine/qemu. */
  readonly hostCpu: string;
  /** `Host.architecture` of machines that can run it with KVM. */
  readonly hostArchitecture: string;
}

const guests: readonly QemuGuest[] = [
  {
    architecture: "x86_64",
    program: "qemu-system-x86_64",
    packages: {
      debian: "qemu-system-x86",
      fedora: "qemu-system-x86",
      alpine: "qemu-system-x86_64",
    },
    hostCpu: "host,+x2apic,-pmu",
    hostArchitecture: "x64",
  },
  {
    architecture: "arm64",
    program: "qemu-system-aarch64",
    packages: {
      debian: "qemu-system-arm",
      fedora: "qemu-system-aarch64",
      alpine: "qemu-system-aarch64",
    },
    hostCpu: "host",
    hostArchitecture: "arm64",
  },
];

/** The guest that Unikraft calls `architecture`; undefined when none is known. */
export function qemuGuestOf(architecture: string): QemuGuest | undefined {
  return guests.find((guest) => guest.architecture === architecture);
}

/**
 * The arguments of QEMU for `machine`. The serial console is on stdin and stdout. It stands still
 * until it is told on file descriptor 3, in QMP, to go on; there it tells why it ends.
 */
export function qemuArguments(machine: QemuMachine): string[] {
  const { guest, acceleration, memoryBytes, kernelFile, initrdFile, commandLine } = machine;
  return [
    ["-name", machine.name],
    bareMachine(guest, acceleration),
    ["-m", `${mebibytesOf(memoryBytes)}M`, "-smp", "1", "-rtc", "base=utc"],
    ["-serial", "stdio"],
    controlOnDescriptor3,
    networkOf(machine.ports),
    qemuDevices(machine.devices),
    exitDevices(guest),
    ["-kernel", kernelFile],
    initrdFile === undefined ? [] : ["-initrd", initrdFile],
    commandLine === "" ? [] : ["-append", commandLine],
  ].flat();
}

/**
 * The arguments of QEMU for a guest that runs a few instructions and then ends QEMU with status
 * 0: on x86 the firmware finds nothing to boot and resets; on arm64 two words in memory ask PSCI
 * for SYSTEM_OFF. Source: Arm DEN 0022, PSCI.
 */
export function trialArguments(guest: QemuGuest, acceleration: Acceleration): string[] {
  const machine = [...bareMachine(guest, acceleration), "-m", "64M", "-serial", "none"];
  switch (guest.architecture) {
    case "x86_64":
      return [...machine, "-boot", "reboot-timeout=1"];
    case "arm64":
      return [
        machine,
        ["-device", `loader,addr=${trialAddress},data=0x72b0800052800100,data-len=8`],
        ["-device", `loader,addr=${trialAddress + 8},data=0x14000000d4000002,data-len=8`],
        ["-device", `loader,addr=${trialAddress},cpu-num=0`],
      ].flat();
    default:
      return assertNever(guest.architecture);
  }
}

/** In memory, above the device tree that QEMU puts at its start. */
const trialAddress = 0x4080_0000;

const controlOnDescriptor3 = [
  ["-S", "-chardev", "socket,id=control,fd=3"],
  ["-mon", "chardev=control,mode=control"],
].flat();

function bareMachine(guest: QemuGuest, acceleration: Acceleration): string[] {
  const board = guest.architecture === "x86_64" ? "pc" : "virt";
  // A host's interrupt controller of version 3 cannot play version 2, which is QEMU's default.
  const controller = board === "virt" && acceleration.kind === "kvm" ? ",gic-version=host" : "";
  return [
    ["-machine", board + controller],
    acceleration.kind === "kvm"
      ? ["-accel", "kvm", "-cpu", guest.hostCpu]
      : ["-accel", "tcg", "-cpu", "max"],
    ["-nodefaults", "-no-user-config", "-no-reboot"],
    ["-display", "none", "-vga", "none", "-monitor", "none"],
  ].flat();
}

/** One interface for all ports: with one each, all would have the same address and one work. */
function networkOf(ports: readonly PortMapping[]): string[] {
  if (ports.length === 0) return [];
  const forwards = ports.map(
    ({ protocol, hostAddress = "", hostPort, guestPort }) =>
      `,hostfwd=${protocol}:${hostAddress}:${hostPort}-:${guestPort}`,
  );
  return [
    ["-netdev", `user,id=network${forwards.join("")}`],
    ["-device", "virtio-net-pci,netdev=network"],
  ].flat();
}

/**
 * Where a guest can write an exit code: at 0xf4, as most kernels do, and at 0x501, where Unikraft
 * reports a crash. Without the second, QEMU would end as after an orderly power-off.
 */
function exitDevices(guest: QemuGuest): string[] {
  if (guest.architecture !== "x86_64") return [];
  return [
    ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"],
    ["-device", "isa-debug-exit,iobase=0x501,iosize=2"],
  ].flat();
}
