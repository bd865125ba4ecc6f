// How a command is run in a tree of layers: an overlay of them is its root. Starts nothing.
//
// By a script of shell, as mounts have to be made by programs of the machine in namespaces of their
// own. Layers are unpacked once for all commands; what a command changes is packed as one more.

import { type ImageMount, type ImageRoot, treeOfMount } from "../action/image-root.ts";
import type { ExecPath } from "../action/action.ts";
import { quoteWord } from "../base/shell-word.ts";
import { beforeLines, changesFunction, stackFunction, tarsOf } from "./image-copy.ts";
import { packLines, placeFunction, pruneLines, unpackFunction } from "./image-layers.ts";
import { bindLines, locksIn, mostLocks, mountLines, stubLines } from "./image-mounts.ts";
import { startLines } from "./image-start.ts";

/** Where layers and caches of commands are kept, and what the user hands over. */
export interface ImagePlaces {
  /** Absolute: layers that were unpacked, and changes while commands run. */
  readonly layers: string;
  /** Absolute: what cache mounts hold. */
  readonly caches: string;
  /** Absolute paths of files with secrets, by id. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Absolute path of the socket of ssh's agent; undefined: there is none. */
  readonly sshAgent: string | undefined;
}

/** A command to run in a tree. */
export interface ImageCommand {
  readonly root: ImageRoot;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly network: boolean;
  /** The layer to leave. */
  readonly output: ExecPath;
  /** A name for each layer that tells its content, usable in a path. */
  readonly layerNames: ReadonlyMap<ExecPath, string>;
}

/** The line that runs `command` in its input root; or a sentence why it cannot be. */
export function imageLine(
  command: ImageCommand,
  places: ImagePlaces,
): readonly [string, ...string[]] | string {
  const missing = missingFor(command.root.mounts, places);
  if (missing !== undefined) return missing;
  const inner = innerScript(command, places).join("\n");
  const outer = unshareLines(inner, command.network ? [] : ["--net"]);
  return ["sh", "-c", outer.join("\n")];
}

/** Lines that have `inner`, a script, run as root of namespaces of its own. */
export function unshareLines(inner: string, more: readonly string[] = []): string[] {
  const flags = ["--mount --uts --ipc --pid --fork --kill-child --propagation private", ...more];
  return [
    "set -eu",
    'missing() { echo "RUN needs the program $1 of this machine" >&2; exit 1; }',
    "for program in unshare mount nsenter setpriv tar; do",
    '  command -v "$program" > /dev/null || missing "$program"',
    "done",
    'if [ "$(id -u)" = 0 ]; then set --',
    // Without a range of ids, all files can belong to nobody but root.
    'elif command -v newuidmap > /dev/null && grep -q "^$(id -un 2> /dev/null):" /etc/subuid 2> /dev/null; then',
    "  set -- --user --map-root-user --map-auto",
    "else set -- --user --map-root-user; fi",
    `exec unshare "$@" ${flags.join(" ")} /bin/sh -c ${quoteWord(inner)}`,
  ];
}

function missingFor(mounts: readonly ImageMount[], places: ImagePlaces): string | undefined {
  if (locksIn(mounts).length > mostLocks) {
    return `a RUN can have ${mostLocks} caches to itself, and not more: share some of them`;
  }
  for (const mount of mounts) {
    if (mount.kind === "secret" && mount.isRequired && !places.secrets.has(mount.id)) {
      return `the secret ${mount.id} is required, and was not given: use --build-secret id=${mount.id},src=PATH`;
    }
    if (mount.kind === "ssh" && mount.isRequired && places.sshAgent === undefined) {
      return "the agent of ssh is required, and SSH_AUTH_SOCK does not say where it is";
    }
  }
  return undefined;
}

function innerScript(command: ImageCommand, places: ImagePlaces): string[] {
  const { root, output } = command;
  const { layers, mounts } = root;
  const stacked = `stack "$run/root" "$run" "$lower" ${tarsOf(layers)}`;
  return [
    "set -eu",
    "umask 022",
    "base=$PWD",
    `mkdir -p ${quoteWord(places.layers)}`,
    `cd ${quoteWord(places.layers)}`,
    "run=$(mktemp -d .run-XXXXXX)",
    "leave() {",
    '  cd "$store"',
    '  for at in "$run/root" "$run/try/root" "$run"/mounts/*/root "$run"/files/secret*; do',
    '    [ ! -d "$at" ] || umount -R -l "$at" 2> /dev/null || :',
    "  done",
    "}",
    "trap 'leave; rm -rf \"$run\"' EXIT",
    "store=$PWD",
    // Where a single user is mapped, files can belong to nobody else, and groups stay what they are.
    "owners=--same-owner isSingle=",
    '[ "$(cat /proc/self/setgroups 2> /dev/null)" != deny ] || owners=--no-same-owner isSingle=yes',
    'mkdir "$run/upper" "$run/work" "$run/root" "$run/stubs" "$run/mounts" "$run/files"',
    'chmod 755 "$run" "$run/upper" "$run/stubs"',
    'overlays=yes; [ -z "$(find .no-overlay -mtime -1 2> /dev/null)" ] || overlays=',
    ...unpackFunction,
    ...placeFunction,
    ...[...new Set([...layers, ...mounts.flatMap((one) => treeOfMount(one)?.layers ?? [])])].map(
      (path) => `unpack "$base"/${quoteWord(path)} ${nameOf(path, command)}`,
    ),
    ...stackFunction,
    ...changesFunction,
    ...pruneLines,
    ...bindLines(mounts, (path) => nameOf(path, command)),
    ...stubLines(mounts, root.directory, places),
    `lower=${[...layers]
      .reverse()
      .map((path) => nameOf(path, command))
      .join(":")}`,
    "lower=${lower:+$lower:}$run/stubs",
    stacked,
    "root=$store/$run/root isStacked=yes",
    "stubs",
    `[ -z "$again" ] || { umount "$run/root"; ${stacked}; }`,
    ...beforeLines,
    ...mountLines(mounts, places, (path) => nameOf(path, command)),
    ...startLines(command, places),
    "status=0",
    "(start) || status=$?",
    "leave",
    '[ "$status" = 0 ] || exit "$status"',
    '[ -z "$isCopy" ] || changes',
    ...packLines(output),
  ];
}

function nameOf(path: ExecPath, { layerNames }: ImageCommand): string {
  const name = layerNames.get(path);
  if (name === undefined) throw new Error(`bug: ${path} is no layer that is an input`);
  return name;
}
