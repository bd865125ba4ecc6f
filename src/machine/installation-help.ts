// How virtual machine monitors are installed. Pure.

import type { QemuGuest } from "./qemu.ts";

/** How to get QEMU for `guest`, a line per system. */
export function qemuHelp({ program, packages }: QemuGuest): string {
  return [
    `install ${program}, or name one in KRAFTKIT_QEMU:`,
    `  Debian, Ubuntu  sudo apt install ${packages.debian}`,
    `  Fedora          sudo dnf install ${packages.fedora}`,
    `  Alpine          sudo apk add ${packages.alpine}`,
    "  macOS           brew install qemu",
  ].join("\n");
}

/** How to get Firecracker. */
export const firecrackerHelp = [
  "put the program firecracker of a Firecracker release on your PATH (Linux only),",
  "or run the image for the platform qemu instead",
].join("\n");

/** How to get `program` of Solo5. */
export function solo5Help(program: string): string {
  return [
    `put the program ${program} of Solo5 on your PATH: opam install solo5,`,
    "or from https://github.com/Solo5/solo5",
  ].join("\n");
}
