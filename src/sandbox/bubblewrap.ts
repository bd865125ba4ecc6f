// How a program is run by bubblewrap. Starts nothing.

import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { type FixedEtc, makeFixedEtc, sandboxUser } from "./fixed-etc.ts";
import type { Mount } from "./stage.ts";

/** Where every action finds its input root, so that paths in outputs are the same everywhere. */
export const sandboxRoot = "/kraft";

/** The machine as an action in bubblewrap sees it; the same for all actions of a build. */
export interface Bubblewrap {
  /** Absolute. */
  readonly program: string;
  /** Options for directories of the machine. */
  readonly machine: readonly string[];
  readonly etc: FixedEtc;
  /** Whether some of the machine's directories are below those that actions may write to. */
  readonly isScratchMounted: boolean;
}

/** What an action sees besides the machine. */
export interface Enclosure {
  /** The input root. */
  readonly root: string;
  readonly mounts: readonly Mount[];
  readonly network: boolean;
}

/** One action to be run in there. */
export interface WrappedCommand extends Enclosure {
  readonly argv: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  /** The working directory, below the input root. */
  readonly cwd: ExecPath;
}

/** Where distributions have programs and what they load. */
const machineDirectories = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** Where package managers beside the distribution's have theirs. */
const otherDirectories = ["/opt", "/nix/store", "/gnu/store"];

/** The machine with the programs of `path`; its /etc is made below `directory`. */
export function openBubblewrap(program: string, path: string, directory: string): Bubblewrap {
  const inPath = path
    .split(":")
    .filter((one) => one.startsWith("/") && !isCovered(one))
    .flatMap(withNeighbours);
  const wanted = [...machineDirectories, ...otherDirectories, ...inPath];
  const shown = [...new Set(wanted)].filter((one) => existsSync(one));
  const isScratchMounted = shown.some((one) =>
    scratchDirectories.some((scratch) => one.startsWith(`${scratch}/`)),
  );
  const machine = shown.flatMap(showDirectory);
  return { program, machine, etc: makeFixedEtc(directory), isScratchMounted };
}

/** The environment that needs no say: it names places inside. */
export const wrappedPlaces = { HOME: sandboxUser.home, TMPDIR: "/tmp" } as const;

/** What actions may write to, besides the input root: in memory, and empty when they begin. */
export const scratchDirectories = ["/tmp", sandboxUser.home, "/dev/shm"] as const;

/** The whole argv that runs `command`, itself to be run without environment. */
export function wrap(bubblewrap: Bubblewrap, command: WrappedCommand): [string, ...string[]] {
  const { argv, env, cwd } = command;
  const options = [
    ["--chdir", insideOf(cwd)],
    // Not by inheritance, as LD_PRELOAD and its like are for the action and not for bubblewrap.
    ...Object.keys(env)
      .sort()
      .map((name) => ["--setenv", name, env[name]!]),
  ];
  return [...enclose(bubblewrap, command), ...options.flat(), "--", ...argv];
}

/** The whole argv of a shell in there that is called `name`, an absolute path below /tmp. */
export function wrapShell(
  bubblewrap: Bubblewrap,
  enclosure: Enclosure,
  name: string,
): [string, ...string[]] {
  return [...enclose(bubblewrap, enclosure), "--symlink", "/bin/sh", name, "--", name];
}

function enclose(
  { program, machine, etc }: Bubblewrap,
  { root, mounts, network }: Enclosure,
): [string, ...string[]] {
  const user = String(sandboxUser.id);
  const etcNames = network ? [...etc.always, ...etc.network] : etc.always;
  const options = [
    ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    network ? [] : ["--unshare-net"],
    ["--uid", user, "--gid", user, "--hostname", "kraft", "--die-with-parent"],
    // First, as a directory of PATH may be below /tmp.
    ["--proc", "/proc", "--dev", "/dev"],
    ...scratchDirectories.map((directory) => ["--tmpfs", directory]),
    machine,
    ["--ro-bind", etc.directory, "/etc"],
    ...etcNames.map((name) => ["--ro-bind", `/etc/${name}`, `/etc/${name}`]),
    ["--bind", root, sandboxRoot],
    ...mounts.map(({ directory, path }) => ["--ro-bind", directory, insideOf(path)]),
    ["--remount-ro", "/dev", "--remount-ro", "/"],
  ];
  return [program, ...options.flat()];
}

/** What programs of a `bin` load: their libraries and headers, but nothing of a home's documents. */
function withNeighbours(directory: string): string[] {
  const plain = posix.normalize(directory).replace(/\/$/, "");
  if (posix.basename(plain) !== "bin") return [directory];
  const prefix = posix.dirname(plain);
  // The last is where ocaml-solo5 0.8 has its compiler, which is a prefix of its own.
  const names = ["include", "lib", "lib64", "libexec", "solo5-sysroot"];
  return [directory, ...names.map((name) => posix.join(prefix, name))];
}

/** Where the action finds `path` of its input root. */
export function insideOf(path: ExecPath): string {
  return posix.join(sandboxRoot, path);
}

function isCovered(directory: string): boolean {
  const tops = [...machineDirectories, ...otherDirectories];
  return tops.some((top) => directory === top || directory.startsWith(`${top}/`));
}

/** /bin and its like are links into /usr on most machines, and stay so. */
function showDirectory(path: string): string[] {
  return lstatSync(path).isSymbolicLink()
    ? ["--symlink", readlinkSync(path), path]
    : ["--ro-bind", path, path];
}
