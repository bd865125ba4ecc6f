// Boots images in virtual machines. Knows no target and no cache: of files only where they are.

import { readFileSync, statSync } from "node:fs";
import type { Writable } from "node:stream";

import type { ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import type { MachineSpec } from "../rule/rule.ts";
import { commandLineOf } from "./command-line.ts";
import { environmentOf } from "./environment.ts";
import { isEnabled, type KernelConfig, parseKernelConfig } from "./kernel-config.ts";
import type { KvmProbe } from "./kvm-probe.ts";
import { type Machine, type MachineStart, type Monitor, monitorFor } from "./monitor.ts";
import { runMonitor } from "./monitor-process.ts";
import { outcomeOf } from "./monitor-outcome.ts";
import type { MachineOutcome } from "./outcome.ts";
import { ownMonitorOf } from "./own-monitor.ts";
import type { PortMapping } from "./port.ts";
import { defaultMemoryBytes } from "./size.ts";
import { type DeviceWords, isSolo5, solo5MachineOf } from "./solo5.ts";
import { splitAtStop } from "./stop-word.ts";
import { withDirectory } from "./work-place.ts";

/** What running a machine takes, and how it is to be. */
export interface RunOptions {
  readonly host: Pick<Host, "env" | "kill" | "workingDirectory">;
  readonly kvm: KvmProbe;
  /** Where a directory can be made for as long as the machine runs. */
  readonly temporaryDirectory: string;
  /** Where a file of the spec is on the disk; absolute. */
  readonly locate: (path: ExecPath) => string;
  /** Gets the bytes of the serial console as they come; is not ended. */
  readonly stdout: Writable;
  /** Stops the machine. */
  readonly signal: AbortSignal;
  /** The machine is stopped as soon as the guest has printed this, which is then a success. */
  readonly expect?: string;
  /** Milliseconds that the machine may run; no limit unless said. */
  readonly timeoutMs?: number;
  /** Milliseconds that the monitor has to end in order when stopped; 2000 unless said. */
  readonly graceMs?: number;
  /** `emulation`: never KVM. Otherwise KVM where it works. */
  readonly acceleration?: "auto" | "emulation";
  /** Unless said, at least 64 MiB, and four times what is loaded. */
  readonly memoryBytes?: number;
  readonly ports?: readonly PortMapping[];
  /** `library.parameter=value` each. */
  readonly kernelArgs?: readonly string[];
  /** Each `K=V`, or `K` for the value that the host has; they win over those of the spec. */
  readonly env?: readonly string[];
  /** What the devices of a guest are that has names for them; absent: none is attached. */
  readonly devices?: DeviceWords;
  /** Told what is about to be started. */
  readonly started?: (start: MachineStart) => void;
}

/**
 * Boots `spec`, and waits until the guest ends or is stopped. No file is left behind, and no
 * process: there is nothing that KraftKit's `--rm` would have to remove. What goes wrong is a case
 * of the outcome; a file that is not where `locate` says throws.
 */
export async function runMachine(spec: MachineSpec, options: RunOptions): Promise<MachineOutcome> {
  if (spec.monitor !== undefined) {
    return startMonitor(ownMonitorOf(spec, spec.monitor, options), [], options);
  }
  const machine = isSolo5(spec.platform) ? solo5MachineOf(spec, options) : machineOf(spec, options);
  if (machine.kind === "refused") return machine;
  const { host, kvm, acceleration = "auto" } = options;
  const monitor = await monitorFor(machine, { host, kvm, acceleration });
  return startMonitor(monitor, machine.warnings, options);
}

type NoMonitor = Exclude<Awaited<ReturnType<typeof monitorFor>>, Monitor>;

async function startMonitor(
  monitor: Monitor | NoMonitor,
  warnings: readonly string[],
  options: RunOptions,
): Promise<MachineOutcome> {
  if (monitor.kind !== "monitor") return monitor;
  return withDirectory(options.temporaryDirectory, monitor, async (workingDirectory) => {
    if (options.signal.aborted) return { kind: "stopped" };
    const { argv, control, env } = monitor;
    const { host } = options;
    options.started?.({ ...monitor.start, warnings });
    const end = await runMonitor(
      { argv, control, workingDirectory, env: { ...host.env, ...env } },
      { ...options, kill: host.kill },
    );
    return outcomeOf(end, { monitor, expect: options.expect, timeoutMs: options.timeoutMs });
  });
}

type Refused = Extract<MachineOutcome, { kind: "refused" }>;

/** User networking gives a guest this address, unless the guest asks for one, and it may not. */
const userAddress = "10.0.2.15/24:10.0.2.2:10.0.2.3";

function machineOf(spec: MachineSpec, options: RunOptions): Machine | Refused {
  const { host, locate, ports = [], devices } = options;
  const named = Object.keys({ ...devices?.block, ...devices?.net });
  if (named.length > 0) {
    const reason = `${spec.kernel} declares no devices: only kernels of Solo5 do`;
    return { kind: "refused", reasons: [reason] };
  }
  const kernelPath = locate(spec.kernel);
  const initrdPath = spec.initrd === undefined ? undefined : locate(spec.initrd);
  const config =
    spec.config === undefined
      ? undefined
      : parseKernelConfig(readFileSync(locate(spec.config), "utf8"));
  const { kernelArgs: stated, args } = splitAtStop(spec.args);
  const kernelArgs = [...(options.kernelArgs ?? []), ...stated];
  const name = plainName(spec.name);
  const commandLine = commandLineOf({
    platform: spec.platform === "fc" ? "fc" : "qemu",
    architecture: spec.architecture,
    name,
    kernelArgs,
    interfaces: ports.length > 0 && wantsAddress(kernelArgs, config) ? [userAddress] : [],
    fstab: [],
    hasInitrd: initrdPath !== undefined,
    initrdFormat: spec.initrdFormat,
    env: environmentOf([...spec.env, ...(options.env ?? [])], host.env),
    args,
    config,
  });
  if (commandLine.kind === "refused") return commandLine;
  const { memoryBytes = defaultMemoryBytes(sizeOf(kernelPath), sizeOf(initrdPath)) } = options;
  return {
    kind: "machine",
    platform: spec.platform,
    architecture: spec.architecture,
    name,
    kernelPath,
    initrdPath,
    memoryBytes,
    ports,
    devices: [],
    args,
    commandLine: commandLine.text,
    warnings: commandLine.warnings,
  };
}

function wantsAddress(kernelArgs: readonly string[], config: KernelConfig | undefined): boolean {
  if (config === undefined || !isEnabled(config, "CONFIG_LIBUKNETDEV_EINFO_LIBPARAM")) return false;
  return !kernelArgs.some((one) => one.startsWith("netdev.ip="));
}

/** The kernel gets it as a word and QEMU as the name of a file, so nothing is left to quote. */
function plainName(name: string): string {
  return name.replace(/^[^\w]|[^\w.+-]/g, "_") || "kernel";
}

function sizeOf(path: string | undefined): number {
  return path === undefined ? 0 : statSync(path).size;
}
