// What Firecracker is told. Pure.

import { mebibytesOf } from "./size.ts";

/** The name of its program. */
export const firecrackerProgram = "firecracker";

/** Its arguments: no socket, a machine from a file, the serial console on stdout. */
export function firecrackerArguments(configFile: string): string[] {
  return ["--no-api", "--config-file", configFile];
}

/** A machine for Firecracker. It has no network: that takes a tap device, which needs root. */
export interface FirecrackerMachine {
  readonly memoryBytes: number;
  /** Names of files in its working directory. */
  readonly kernelFile: string;
  readonly initrdFile: string | undefined;
  readonly commandLine: string;
}

/** The text of its configuration file. Source: Firecracker, docs/getting-started.md. */
export function firecrackerConfig(machine: FirecrackerMachine): string {
  const { memoryBytes, kernelFile, initrdFile, commandLine } = machine;
  const config = {
    "boot-source": {
      kernel_image_path: kernelFile,
      boot_args: commandLine,
      ...(initrdFile === undefined ? {} : { initrd_path: initrdFile }),
    },
    // Releases before 1.5 refuse a file without drives.
    drives: [],
    "machine-config": { vcpu_count: 1, mem_size_mib: mebibytesOf(memoryBytes) },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
