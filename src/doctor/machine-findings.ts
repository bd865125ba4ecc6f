// Whether images can be booted here, and how fast. Starts trial guests.

import type { Host } from "../base/host.ts";
import { firecrackerProgram } from "../machine/firecracker.ts";
import { firecrackerHelp, solo5Help } from "../machine/installation-help.ts";
import type { KvmProbe } from "../machine/kvm-probe.ts";
import { findQemu } from "../machine/monitor.ts";
import { type QemuGuest, qemuGuestOf } from "../machine/qemu.ts";
import type { Label } from "../label/label.ts";
import type { MonitorSpec } from "../rule/rule.ts";
import { findProgram } from "../sandbox/program-file.ts";
import type { Finding } from "./finding.ts";
import type { MachineNeed } from "./needs.ts";

/** What looking takes. */
export interface MachineContext {
  readonly host: Pick<Host, "env" | "workingDirectory">;
  readonly kvm: KvmProbe;
}

/** What is known of the machines that images are for. None of it keeps them from being built. */
export async function machineFindings(
  machines: readonly MachineNeed[],
  context: MachineContext,
): Promise<Finding[]> {
  const found = await Promise.all(machines.map((machine) => findingsFor(machine, context)));
  return found.flat();
}

/** Of a monitor that a rule set names: the kernel needs none where it is a program itself. */
function ownMonitorFindings(
  { program, help }: MonitorSpec,
  labels: readonly Label[],
  { host }: MachineContext,
): Finding[] {
  if (program === undefined) return [];
  const found = findProgram(program, host.env["PATH"] ?? "", host.workingDirectory);
  const finding = { subject: program, affects: labels };
  if (found !== undefined) return [{ ...finding, verdict: "good", detail: found }];
  const detail = "not installed: images cannot be run";
  return [{ ...finding, verdict: "limited", detail, ...(help !== undefined && { help }) }];
}

async function findingsFor(need: MachineNeed, context: MachineContext): Promise<Finding[]> {
  const { platform, architecture, labels, monitor } = need;
  if (monitor !== undefined) return ownMonitorFindings(monitor, labels, context);
  const { host, kvm } = context;
  const guest = qemuGuestOf(architecture);
  const limited = (subject: string, detail: string, more: Partial<Finding> = {}): Finding => {
    return { subject, verdict: "limited", detail, affects: labels, ...more };
  };
  if (platform === "spt" || platform === "hvt") {
    const name = `solo5-${platform}`;
    const tender = findProgram(name, host.env["PATH"] ?? "", "/");
    const help = solo5Help(name);
    const program: Finding =
      tender === undefined
        ? limited(name, "not installed: binaries cannot be run", { help })
        : { subject: name, verdict: "good", detail: tender, affects: labels };
    if (platform === "spt" || guest === undefined) return [program];
    const problem = kvm.deviceProblem(guest);
    const subject = `KVM for hvt/${architecture}`;
    if (problem === undefined) {
      return [program, { subject, verdict: "good", detail: "can be opened", affects: labels }];
    }
    return [program, limited(subject, `${problem}: binaries cannot be run`, kvmHelp(problem))];
  }
  if (guest === undefined || !["qemu", "fc", "virtio"].includes(platform)) {
    const detail = `images for ${platform}/${architecture} are built, but cannot be run`;
    return [limited(`${platform}/${architecture}`, detail)];
  }
  const qemu = findQemu(guest, host);
  if (platform !== "fc") {
    const name = host.env["KRAFTKIT_QEMU"] || guest.program;
    if (qemu === undefined) {
      return [limited(name, "not installed: images cannot be run", { program: guest.program })];
    }
    const good: Finding = { subject: name, verdict: "good", detail: qemu, affects: labels };
    return [good, await kvmFinding(guest, qemu)];
  }
  const firecracker = findProgram(firecrackerProgram, host.env["PATH"] ?? "", "/");
  const program: Finding =
    firecracker === undefined
      ? limited(firecrackerProgram, "not installed: images cannot be run", {
          help: firecrackerHelp,
        })
      : { subject: firecrackerProgram, verdict: "good", detail: firecracker, affects: labels };
  return [program, await kvmFinding(guest, qemu)];

  async function kvmFinding(of: QemuGuest, program: string | undefined): Promise<Finding> {
    const problem = program === undefined ? kvm.deviceProblem(of) : await kvm.problem(of, program);
    const subject = `KVM for ${platform}/${architecture}`;
    if (problem === undefined)
      return { subject, verdict: "good", detail: "works", affects: labels };
    const effect =
      platform === "fc" ? "images cannot be run" : "the CPU of machines is emulated, which is slow";
    return limited(subject, `${problem}: ${effect}`, kvmHelp(problem));
  }
}

function kvmHelp(problem: string): { readonly help?: string } {
  return problem.includes("group kvm") ? { help: 'sudo usermod -aG kvm "$USER"' } : {};
}
