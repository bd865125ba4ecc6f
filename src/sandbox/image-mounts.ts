// What a command in a tree of layers sees besides it, as lines of shell. Starts nothing.

import { createHash } from "node:crypto";

import type { ExecPath } from "../action/action.ts";
import { type ImageMount, treeOfMount } from "../action/image-root.ts";
import { quoteWord } from "../base/shell-word.ts";
import { tarsOf } from "./image-copy.ts";
import type { ImagePlaces } from "./image-run.ts";

/**
 * Makes what is mounted on, in a layer below all others: where the tree has it, it is not seen, and
 * where it has not, it is no part of what the command changed. `stubs` does so once more when the
 * tree is there, for paths through its links, and sets `again` if it is to be stacked again.
 */
export function stubLines(mounts: readonly ImageMount[], directory: string, places: ImagePlaces) {
  const directories = ["/proc", "/sys", "/dev", "/etc", directory];
  const files = ["/etc/resolv.conf", "/etc/hosts"];
  const either: string[] = [];
  for (const [i, mount] of mounts.entries()) {
    const { target } = mount;
    if (target === undefined || target.startsWith("/dev/") || isMissing(mount, places)) continue;
    if (mount.kind === "cache" || mount.kind === "tmpfs") directories.push(target);
    else if (mount.kind !== "bind") files.push(target);
    else
      either.push(
        `if [ -d "$from${i}" ]; then stub directory ${quoteWord(target)}`,
        `else stub file ${quoteWord(target)}; fi`,
      );
  }
  return [
    "isStacked= again=",
    ...stubFunction,
    "stubs() {",
    ...directories.map((path) => `  stub directory ${quoteWord(path)}`),
    ...files.map((path) => `  stub file ${quoteWord(path)}`),
    ...either.map((line) => `  ${line}`),
    "}",
    "stubs",
  ];
}

/** `stub KIND PATH`; a copy of the tree gets it before anyone looks what changes. */
const stubFunction = [
  "stub() {",
  "  at=$run/stubs$2",
  '  if [ -n "$isStacked" ]; then',
  '    place "$2"',
  '    [ ! -e "$placed" ] || return 0',
  '    if [ -n "$isCopy" ]; then at=$placed; else at=$run/stubs${placed#"$root"} again=yes; fi',
  "  fi",
  '  if [ "$1" = directory ]; then mkdir -p "$at"; else mkdir -p "${at%/*}"; : > "$at"; fi',
  "}",
];

/** Of what the user did not hand over nothing is seen, not even a place. */
function isMissing(mount: ImageMount, { secrets, sshAgent }: ImagePlaces): boolean {
  if (mount.kind === "secret") return !secrets.has(mount.id);
  return mount.kind === "ssh" && sshAgent === undefined;
}

/** Mounts the trees that are to be seen within the command's own, each as `$from<number>`. */
export function bindLines(
  mounts: readonly ImageMount[],
  nameOf: (layer: ExecPath) => string,
): string[] {
  return mounts.flatMap((mount, i) => {
    const tree = treeOfMount(mount);
    if (tree === undefined) return [];
    const lower = [...tree.layers]
      .reverse()
      .map((layer) => `${nameOf(layer)}:`)
      .join("");
    const own = `$run/mounts/${i}`;
    return [
      `mkdir -p "${own}/upper" "${own}/work" "${own}/root" "${own}/none"`,
      `chmod 755 "${own}/upper" "${own}/none"`,
      // What is written to it is forgotten; and no overlay is of a single layer and nothing else.
      `stack "${own}/root" "${own}" "${lower}${own}/none" ${tarsOf(tree.layers)}`,
      `root=$store/${own}/root; place ${quoteWord(tree.source)}; from${i}=$placed`,
      `[ -e "$from${i}" ] || { echo the mount: there is no ${quoteWord(tree.source)} >&2; exit 1; }`,
    ];
  });
}

/** Mounts what every command sees, then what it asks for. */
export function mountLines(
  mounts: readonly ImageMount[],
  places: ImagePlaces,
  nameOf: (layer: ExecPath) => string,
): string[] {
  const usual = mounts.some(({ target }) => target === "/etc/resolv.conf") ? [] : networkFiles;
  const locks = locksIn(mounts);
  const own = mounts.flatMap((mount, i) => {
    const descriptor = lockDescriptors[locks.indexOf(mount)];
    return linesOf(mount, { i, descriptor, nameOf }, places);
  });
  return [...systemLines, ...usual, ...own];
}

/** Source: OCI runtime-spec, "Default Filesystems" and "Default Devices". */
const systemLines = [
  'place proc; mount -t proc -o nosuid,nodev,noexec proc "$placed"',
  'place sys; mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$placed" 2> /dev/null || :',
  'place dev; mount -t tmpfs -o nosuid,mode=755,size=65536k tmpfs "$placed"; dev=$placed',
  "for name in null zero full random urandom tty; do",
  '  : > "$dev/$name"; mount --bind "/dev/$name" "$dev/$name"',
  "done",
  'mkdir "$dev/pts" "$dev/shm" "$dev/mqueue"',
  'mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$dev/pts" 2> /dev/null || :',
  'mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=65536k shm "$dev/shm"',
  'ln -s pts/ptmx "$dev/ptmx"; ln -s /proc/self/fd "$dev/fd"',
  'ln -s /proc/self/fd/0 "$dev/stdin"; ln -s /proc/self/fd/1 "$dev/stdout"',
  'ln -s /proc/self/fd/2 "$dev/stderr"; ln -s /proc/kcore "$dev/core"',
  "hostname buildkitsandbox 2> /dev/null || :",
];

/** Copies, so that nothing of the machine can be written to. */
const networkFiles = [
  'cat /etc/resolv.conf > "$run/files/resolv.conf" 2> /dev/null || :',
  "printf '127.0.0.1\\tlocalhost buildkitsandbox\\n::1\\tlocalhost ip6-localhost ip6-loopback\\n' > \"$run/files/hosts\"",
  "for name in resolv.conf hosts; do",
  '  place "etc/$name"',
  // Where the tree has it as a link to what is not there, it goes without.
  '  [ ! -e "$placed" ] || mount --bind "$run/files/$name" "$placed"',
  "done",
];

/** Those of one digit are all that shells know; these nobody else uses. */
const lockDescriptors = [5, 6, 7, 8, 9];

/** How many caches a command can keep others out of. */
export const mostLocks = lockDescriptors.length;

/** The caches among `mounts` that no two commands use at once. */
export function locksIn(mounts: readonly ImageMount[]): readonly ImageMount[] {
  return mounts.filter((mount) => mount.kind === "cache" && mount.sharing !== "shared");
}

interface AmongMounts {
  readonly i: number;
  /** Of the lock that is to be held; undefined: none is. */
  readonly descriptor: number | undefined;
  readonly nameOf: (layer: ExecPath) => string;
}

function linesOf(mount: ImageMount, among: AmongMounts, places: ImagePlaces): string[] {
  const { i } = among;
  switch (mount.kind) {
    case "bind":
      return [
        `place ${quoteWord(mount.target)}; mount --bind "$from${i}" "$placed"`,
        ...(mount.isWritable ? [] : ['mount -o remount,bind,ro "$placed"']),
      ];
    case "cache":
      return cacheLines(mount, among, places);
    case "tmpfs": {
      const size = mount.sizeBytes === undefined ? "" : `,size=${mount.sizeBytes}`;
      return [
        `place ${quoteWord(mount.target)}; mount -t tmpfs -o mode=1777${size} tmpfs "$placed"`,
      ];
    }
    case "secret":
      return secretLines(mount, i, places);
    case "ssh":
      return sshLines(mount, places);
    case "text":
      return [
        `place ${quoteWord(mount.target)}; mkdir -p "\${placed%/*}"`,
        `printf %s ${quoteWord(mount.text)} > "$placed"; chmod 755 "$placed"`,
      ];
  }
}

function cacheLines(
  mount: ImageMount & { readonly kind: "cache" },
  { i, descriptor, nameOf }: AmongMounts,
  { caches }: ImagePlaces,
): string[] {
  const { id, target, mode, uid, gid, isWritable, base } = mount;
  // Any text may be an id; what begins with another tree is another cache, as for BuildKit.
  const parts = base === undefined ? [id] : [id, base.source, ...base.layers.map(nameOf)];
  const name = createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
  const quoted = quoteWord(`${caches}/${name}`);
  const made =
    base === undefined
      ? [`mkdir -p ${quoted}; chown ${uid}:${gid} ${quoted}; chmod ${mode} ${quoted}`]
      : [
          // Whole at once, as others may need it at the same time.
          `made=$(mktemp -d ${quoted}.XXXXXX); cp -a "$from${i}/." "$made"`,
          `mv -T "$made" ${quoted} 2> /dev/null || rm -rf "$made"`,
        ];
  return [
    `mkdir -p ${quoteWord(caches)}`,
    `if [ ! -d ${quoted} ]; then`,
    ...made,
    "fi",
    // Held until the command is over. One that is private waits too, rather than begin with nothing.
    ...(descriptor === undefined
      ? []
      : [`exec ${descriptor}> ${quoted}.lock; flock ${descriptor}`]),
    `place ${quoteWord(target)}; mount --bind ${quoted} "$placed"`,
    ...(isWritable ? [] : ['mount -o remount,bind,ro "$placed"']),
  ];
}

/** Kept in memory: on the disk nothing is left of it. */
function secretLines(
  mount: ImageMount & { readonly kind: "secret" },
  i: number,
  { secrets }: ImagePlaces,
): string[] {
  const { id, target, mode, uid, gid } = mount;
  const file = secrets.get(id);
  if (file === undefined || target === undefined) return [];
  const copy = `"$run/files/secret${i}/value"`;
  return [
    `mkdir "$run/files/secret${i}"; mount -t tmpfs -o mode=700 tmpfs "$run/files/secret${i}"`,
    `cat ${quoteWord(file)} > ${copy}; chown ${uid}:${gid} ${copy}; chmod ${mode} ${copy}`,
    `place ${quoteWord(target)}; mount --bind ${copy} "$placed"`,
    'mount -o remount,bind,ro "$placed"',
  ];
}

function sshLines(
  mount: ImageMount & { readonly kind: "ssh" },
  { sshAgent }: ImagePlaces,
): string[] {
  if (sshAgent === undefined) return [];
  return [`place ${quoteWord(mount.target)}; mount --bind ${quoteWord(sshAgent)} "$placed"`];
}
