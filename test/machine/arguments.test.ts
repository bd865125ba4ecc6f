import { expect, test } from "vitest";

import { firecrackerConfig } from "../../src/machine/firecracker.ts";
import { qemuHelp } from "../../src/machine/installation-help.ts";
import { type QemuMachine, qemuArguments, qemuGuestOf } from "../../src/machine/qemu.ts";

function lineOf(architecture: string, machine: Partial<QemuMachine> = {}): string {
  const guest = qemuGuestOf(architecture);
  if (guest === undefined) throw new Error(`no ${architecture}`);
  return qemuArguments({
    guest,
    acceleration: { kind: "emulation", reason: "" },
    name: "app",
    memoryBytes: 64 * 2 ** 20,
    ports: [],
    devices: [],
    kernelFile: "app",
    initrdFile: undefined,
    commandLine: "",
    ...machine,
  }).join(" ");
}

const bare = "-nodefaults -no-user-config -no-reboot -display none -vga none -monitor none";
const rest =
  "-m 64M -smp 1 -rtc base=utc -serial stdio " +
  "-S -chardev socket,id=control,fd=3 -mon chardev=control,mode=control";
const exits =
  "-device isa-debug-exit,iobase=0xf4,iosize=4 -device isa-debug-exit,iobase=0x501,iosize=2";

test("QEMU emulates a PC for x86_64, with devices to end it by", () => {
  expect(lineOf("x86_64")).toBe(
    `-name app -machine pc -accel tcg -cpu max ${bare} ${rest} ${exits} -kernel app`,
  );
});

test("QEMU emulates its virtual board for arm64", () => {
  expect(lineOf("arm64")).toBe(
    `-name app -machine virt -accel tcg -cpu max ${bare} ${rest} -kernel app`,
  );
});

test("QEMU uses the host's processor with KVM", () => {
  const acceleration = { kind: "kvm" } as const;
  expect(lineOf("x86_64", { acceleration })).toContain(
    "-machine pc -accel kvm -cpu host,+x2apic,-pmu ",
  );
  expect(lineOf("arm64", { acceleration })).toContain(
    "-machine virt,gic-version=host -accel kvm -cpu host ",
  );
});

test("QEMU gets initrd, command line and odd amounts of memory", () => {
  const line = lineOf("arm64", {
    initrdFile: "app.initrd",
    commandLine: "a.b=c -- x",
    memoryBytes: 100_000_000,
  });
  expect(line).toContain(" -m 96M ");
  expect(line).toMatch(/ -kernel app -initrd app\.initrd -append a\.b=c -- x$/);
});

test("all ports share one network interface", () => {
  const ports = [
    { hostAddress: undefined, hostPort: 8080, guestPort: 80, protocol: "tcp" },
    { hostAddress: "127.0.0.1", hostPort: 53, guestPort: 5353, protocol: "udp" },
  ] as const;
  expect(lineOf("x86_64", { ports })).toContain(
    " -netdev user,id=network,hostfwd=tcp::8080-:80,hostfwd=udp:127.0.0.1:53-:5353" +
      " -device virtio-net-pci,netdev=network ",
  );
});

test("no QEMU is known for other architectures", () => {
  expect(qemuGuestOf("riscv64")).toBeUndefined();
});

test("Firecracker is configured by a file", () => {
  const machine = { memoryBytes: 2 ** 26, kernelFile: "app", commandLine: "app x" };
  expect(JSON.parse(firecrackerConfig({ ...machine, initrdFile: "app.initrd" }))).toEqual({
    "boot-source": { kernel_image_path: "app", boot_args: "app x", initrd_path: "app.initrd" },
    drives: [],
    "machine-config": { vcpu_count: 1, mem_size_mib: 64 },
  });
  expect(firecrackerConfig({ ...machine, initrdFile: undefined })).not.toContain("initrd");
});

test("whoever lacks QEMU is told what to install", () => {
  expect(qemuGuestOf("arm64")).toBeDefined();
  expect(
    qemuHelp(qemuGuestOf("arm64")!),
  ).toBe(`install qemu-system-aarch64, or name one in KRAFTKIT_QEMU:
  Debian, Ubuntu  sudo apt install qemu-system-arm
  Fedora          sudo dnf install qemu-system-aarch64
  Alpine          sudo apk add qemu-system-aarch64
  macOS           brew install qemu`);
});
