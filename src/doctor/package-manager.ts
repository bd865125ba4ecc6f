// How programs are installed on this system. Knows the names of packages, and installs nothing.

import { readFileSync } from "node:fs";

import { debianPackageOf } from "../engine/debian-package.ts";

/** How a distribution installs packages. */
export interface PackageManager {
  /** In front of the names of packages. */
  readonly command: string;
  /** Undefined when no package is known that has the program. */
  readonly packageOf: (program: string) => string | undefined;
}

/** The one of this system; undefined when it is none of those that are known. */
export function packageManager(osRelease = readOsRelease()): PackageManager | undefined {
  const field = (name: string): string =>
    new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const names = [field("ID"), ...field("ID_LIKE").split(" ")];
  return managers.find(({ systems }) => names.some((name) => systems.includes(name)))?.manager;
}

const headers = "libc headers";

const fedora: Readonly<Record<string, string>> = {
  [headers]: "glibc-devel",
  "aarch64-linux-gnu-": "gcc-aarch64-linux-gnu",
  bwrap: "bubblewrap",
  "g++": "gcc-c++",
  "qemu-system-aarch64": "qemu-system-aarch64",
  "qemu-system-x86_64": "qemu-system-x86",
};

const alpine: Readonly<Record<string, string>> = {
  [headers]: "musl-dev",
  bwrap: "bubblewrap",
  "g++": "g++",
  "qemu-system-aarch64": "qemu-system-aarch64",
  "qemu-system-x86_64": "qemu-system-x86_64",
};

const managers: readonly {
  readonly systems: readonly string[];
  readonly manager: PackageManager;
}[] = [
  {
    systems: ["debian", "ubuntu"],
    manager: {
      command: "sudo apt-get install",
      packageOf: (name) => (name === headers ? "libc6-dev" : debianPackageOf(name)),
    },
  },
  {
    systems: ["fedora", "rhel", "centos"],
    manager: { command: "sudo dnf install", packageOf: (name) => namedAs(fedora, name) },
  },
  {
    systems: ["alpine"],
    manager: { command: "sudo apk add", packageOf: (name) => namedAs(alpine, name) },
  },
];

/** Most programs have the same package everywhere. */
function namedAs(own: Readonly<Record<string, string>>, program: string): string | undefined {
  const prefix = /^[a-z0-9_]+-linux-gnu(?:eabihf)?-/.exec(program)?.[0];
  if (prefix !== undefined) return own[prefix];
  return own[program] ?? debianPackageOf(program);
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}
