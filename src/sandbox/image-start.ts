// How the program of a command is started in its tree, as lines of shell. Starts nothing.

import type { ImageMount } from "../action/image-root.ts";
import { quoteWord } from "../base/shell-word.ts";
import type { ImageCommand, ImagePlaces } from "./image-run.ts";

/** What programs in containers may do by default. Source: Docker's default capabilities. */
const capabilities =
  "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service," +
  "+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

/** The function `start`, which runs the program in the tree, as the user that is wanted. */
export function startLines({ root, argv, env }: ImageCommand, places: ImagePlaces): string[] {
  const [user = "", group = ""] = root.user.split(":");
  const secrets = secretVariables(root.mounts, places);
  const isKnown = (name: string): boolean => secrets.has(name) || Object.hasOwn(env, name);
  const variables = Object.keys(env)
    .filter((name) => !secrets.has(name))
    .map((name) => `${name}=${env[name] ?? ""}`);
  const agents = root.mounts.flatMap((mount) =>
    mount.kind === "ssh" && places.sshAgent !== undefined ? [`SSH_AUTH_SOCK=${mount.target}`] : [],
  );
  const bounds = root.isPrivileged ? "" : `--bounding-set ${capabilities} `;
  return [
    `user=${quoteWord(user === "" ? "0" : user)} group=${quoteWord(group)} home=/ groups=`,
    ...accountLines,
    // By its path, as PATH is soon the tree's.
    "nsenter=$(command -v nsenter)",
    "start() {",
    `  place ${quoteWord(root.directory)}`,
    '  mkdir -p "$placed"',
    '  inside=${placed#"$root"}',
    `  set -- ${environmentWord(secrets)} ${[...variables, ...agents].map(quoteWord).join(" ")}`,
    ...(isKnown("HOME") ? [] : ['  set -- "$@" "HOME=$home"']),
    `  set -- "$@" "$nsenter" --root="$root" --wdns="\${inside:-/}" --setuid="$uid" --`,
    `  set -- "$@" ${argv.map(quoteWord).join(" ")}`,
    '  groups=--groups=$gid$groups; [ -z "$isSingle" ] || groups=--keep-groups',
    `  exec setpriv --regid="$gid" "$groups" ${bounds}-- "$@" < /dev/null`,
    "}",
  ];
}

/** The files of secrets that are given as variables, by the names of these. */
function secretVariables(
  mounts: readonly ImageMount[],
  { secrets }: ImagePlaces,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const mount of mounts) {
    if (mount.kind !== "secret" || mount.variable === undefined) continue;
    const file = secrets.get(mount.id);
    if (file !== undefined) found.set(mount.variable, file);
  }
  return found;
}

/**
 * The words before `NAME=VALUE...` and the program that gets nothing else. Secrets are read by a
 * shell that becomes that program: everyone on the machine may read the arguments of processes, but
 * their environment only who owns them.
 */
function environmentWord(secrets: ReadonlyMap<string, string>): string {
  if (secrets.size === 0) return "env -i";
  const names = [...secrets.keys()];
  const script = [
    // A shell drops the line feeds at the end, which belong to the secret.
    ...[...secrets.values()].map(
      (file, i) => `_${i}=$(cat ${quoteWord(file)} && echo .) || exit 1`,
    ),
    ...names.map((name, i) => `export ${name}="\${_${i}%.}"`),
    'exec "$0" "$@"',
  ].join("\n");
  // Shells have variables of their own.
  const own = ["PATH", "PWD", "OLDPWD", "SHLVL", "_"].filter((name) => !secrets.has(name));
  const unset = own.map((name) => `-u ${name}`).join(" ");
  return `env -i PATH="$PATH" /bin/sh -c ${quoteWord(script)} "$(command -v env)" ${unset}`;
}

/** Finds the ids of `user` and `group` in the tree, and what else belongs to the user. */
const accountLines = [
  "uid= gid= found=",
  "place etc/passwd",
  'if [ -f "$placed" ]; then',
  "  while IFS=: read -r name _ id primary _ directory _; do",
  '    [ "$user" = "$name" ] || [ "$user" = "$id" ] || continue',
  "    uid=$id gid=$primary home=$directory known=$name; break",
  '  done < "$placed"',
  "fi",
  'case $user in *[!0-9]*) [ -n "$uid" ] || { echo "/etc/passwd knows no user $user" >&2; exit 1; };;',
  "*) uid=${uid:-$user} gid=${gid:-0};; esac",
  "place etc/group",
  'if [ -f "$placed" ]; then',
  "  while IFS=: read -r name _ id members; do",
  '    if [ -n "$group" ] && { [ "$group" = "$name" ] || [ "$group" = "$id" ]; }; then gid=$id found=$id; fi',
  '    case ",$members," in *",${known:-},"*) [ -z "${known:-}" ] || [ -n "$group" ] || groups=$groups,$id;; esac',
  '  done < "$placed"',
  "fi",
  'case $group in *[!0-9]*) [ -n "$found" ] || { echo "/etc/group knows no group $group" >&2; exit 1; };;',
  "?*) gid=${found:-$group};; esac",
];
