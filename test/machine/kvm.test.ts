import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import type { MachineStart } from "../../src/machine/monitor.ts";
import { KvmProbe } from "../../src/machine/kvm-probe.ts";
import { problemOf } from "../../src/machine/outcome.ts";
import { qemuGuestOf } from "../../src/machine/qemu.ts";
import { machineRig } from "./machine-rig.ts";

const qemu = "qemu-system-x86_64";
/** Does `script` for the trial guest, and otherwise ends in order. */
const forTrial = (script: string) => `case "$*" in *reboot-timeout*) ${script};; esac`;

async function accelerationFrom(script: string, options = {}) {
  const rig = machineRig({ [qemu]: forTrial(script) });
  const starts: MachineStart[] = [];
  const kvm = rig.probe("kvm", options);
  await rig.run({}, { kvm, started: (start) => starts.push(start) });
  return starts[0]?.acceleration;
}

test("KVM is used where a trial guest gets through", async () => {
  expect(await accelerationFrom("exit 0")).toEqual({ kind: "kvm" });
});

test("QEMU emulates where the trial guest fails, and says why", async () => {
  const script = `echo '${qemu}: error: failed to set MSR 0x10a' >&2; kill -ABRT $$`;
  expect(await accelerationFrom(script)).toEqual({
    kind: "emulation",
    reason: "KVM does not work here: failed to set MSR 0x10a",
  });
});

test("QEMU emulates where the trial guest does not end", async () => {
  expect(await accelerationFrom("exec tail -f /dev/null", { timeoutMs: 50 })).toEqual({
    kind: "emulation",
    reason: "KVM does not work here: a trial guest did not end within 50 ms",
  });
});

test("KVM is tried once, however many machines there are", async () => {
  const rig = machineRig({ [qemu]: forTrial('echo tried >> "$0.log"') });
  const kvm = rig.probe("kvm");
  await Promise.all([rig.run({}, { kvm }), rig.run({}, { kvm })]);
  await rig.run({}, { kvm });
  expect(readFileSync(rig.at(`bin/${qemu}.log`), "utf8")).toBe("tried\n");
});

test("KVM is not tried when emulation was asked for", async () => {
  const rig = machineRig({ [qemu]: forTrial("echo tried >&2") });
  const starts: MachineStart[] = [];
  const started = (start: MachineStart) => starts.push(start);
  await rig.run({}, { kvm: rig.probe("kvm"), acceleration: "emulation", started });
  expect(starts[0]?.acceleration).toEqual({ kind: "emulation", reason: "it was asked for" });
});

test("KVM runs guests of the machine's own architecture only", () => {
  const probe = new KvmProbe({ host: { architecture: "x64" } });
  expect(probe.deviceProblem(qemuGuestOf("arm64")!)).toBe(
    "KVM on this machine (x64) runs no arm64 guests",
  );
});

test("Firecracker reads its machine from a file, and its guests may end by a reset", async () => {
  const rig = machineRig({ [qemu]: "", firecracker: 'echo "$@"; cat "$3"; ls' });
  const spec = { platform: "fc", name: "app_fc-x86_64", initrd: "initrd", args: ["x"] };
  const outcome = await rig.run(spec, { kvm: rig.probe("kvm") });
  expect(outcome).toMatchObject({ kind: "exited", ending: { kind: "power-off" } });
  expect(rig.outputOf()).toBe(`--no-api --config-file app_fc-x86_64.json
{
  "boot-source": {
    "kernel_image_path": "app_fc-x86_64",
    "boot_args": "app_fc-x86_64 x",
    "initrd_path": "app_fc-x86_64.initrd"
  },
  "drives": [],
  "machine-config": {
    "vcpu_count": 1,
    "mem_size_mib": 64
  }
}
app_fc-x86_64
app_fc-x86_64.initrd
app_fc-x86_64.json
`);
});

test("Firecracker's own failure is not the guest's", async () => {
  const rig = machineRig({ [qemu]: "", firecracker: "echo 'bad kernel' >&2; exit 1" });
  const outcome = await rig.run({ platform: "fc" }, { kvm: rig.probe("kvm") });
  expect(problemOf(outcome)).toBe(
    "firecracker failed with status 1\n  bad kernel\nit printed nothing",
  );
});

const instead = "run the image for the platform qemu instead";

test("Firecracker without KVM is refused", async () => {
  const broken = machineRig({ [qemu]: "exit 1", firecracker: "" });
  expect(await broken.run({ platform: "fc" }, { kvm: broken.probe("kvm") })).toEqual({
    kind: "refused",
    reasons: [`Firecracker needs KVM, but KVM does not work here: it exited with 1; ${instead}`],
  });
  const absent = machineRig({ [qemu]: "", firecracker: "" });
  expect(await absent.run({ platform: "fc" })).toEqual({
    kind: "refused",
    reasons: [`Firecracker needs KVM, but there is no ${absent.at("nothing")}; ${instead}`],
  });
});

test("Firecracker has neither ports nor emulation", async () => {
  const rig = machineRig({ firecracker: "" });
  const ports = [{ hostAddress: undefined, hostPort: 1, guestPort: 1, protocol: "tcp" }] as const;
  expect(await rig.run({ platform: "fc" }, { ports })).toMatchObject({ kind: "refused" });
  expect(await rig.run({ platform: "fc" }, { acceleration: "emulation" })).toEqual({
    kind: "refused",
    reasons: [`Firecracker cannot emulate; ${instead}`],
  });
});

test("a Firecracker that is missing is named, with how to get it", async () => {
  const rig = machineRig({});
  const host = { env: { PATH: rig.at("bin") }, kill: () => undefined, workingDirectory: "/" };
  expect(problemOf(await rig.run({ platform: "fc" }, { host }))).toBe(
    "firecracker is not installed\n" +
      "put the program firecracker of a Firecracker release on your PATH (Linux only),\n" +
      `or ${instead}`,
  );
});
