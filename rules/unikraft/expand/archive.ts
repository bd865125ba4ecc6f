// Archives of upstream projects, as libraries have the core fetch them. Knows no tree.

import type { Action, ExecPath, WithoutOwner } from "../../../src/index.ts";
import { pathsIn } from "./layout.ts";
import type { Step } from "./make-plan.ts";

/** One file to be fetched. */
export interface Archive {
  /** Where the core looks for it. */
  readonly path: ExecPath;
  /** Tried in order. */
  readonly urls: readonly string[];
}

/**
 * What `step` fetches; undefined when it fetches nothing, or in a way of its own.
 *
 * Source: Unikraft, support/build/Makefile.rules (`fetchas`, `fetchas2`).
 */
export function archiveOf(step: Step): Archive | undefined {
  const [path] = pathsIn(step.target);
  if (path === undefined) return undefined;
  const urls = step.commands.flatMap((line) => {
    const calls = line.matchAll(/\bwget(?:\s+-[^O\s]\S*)*\s+-O\s+(\S+)\s+(\S+)/g);
    return [...calls].map(([, file = "", url = ""]) => ({
      file,
      url: url.replaceAll(/["']/g, ""),
    }));
  });
  if (urls.length === 0 || urls.some(({ file }) => pathsIn(file)[0] !== path)) return undefined;
  return { path, urls: urls.map(({ url }) => url) };
}

/** What a file must be, as `sha256:<hex>`. */
export type Checksum = string;

/**
 * The checksums that `step` compares files with, by file.
 *
 * Source: Unikraft, support/build/Makefile.rules (`chksum_cmd`).
 */
export function checksumsOf(step: Step): ReadonlyMap<ExecPath, readonly Checksum[]> {
  const found = new Map<ExecPath, Checksum[]>();
  for (const line of step.commands) {
    const [, algorithm = "", file = "", sum = ""] = checksumLine.exec(line) ?? [];
    const [path] = pathsIn(file);
    if (path === undefined) continue;
    const checksum = `${algorithm.toLowerCase()}:${sum.toLowerCase()}`;
    found.set(path, [...(found.get(path) ?? []), checksum]);
  }
  return found;
}

/** Whether `line` only compares a file with its checksum, which fetching has done already. */
export function isChecksumLine(line: string): boolean {
  return checksumLine.test(line);
}

const checksumLine =
  /^if ! \[\[ "`\S*?(md5|sha1|sha256|sha512)sum (?:-b )?- < "([^"`]+)"`" =~ \^"?([0-9a-fA-F]+)"?\[\[:space:\]\] \]\]/i;

/** Fetches `archive`. Where no checksum is known, whatever comes first is kept, as by its URL. */
export function fetchAction(
  { path, urls }: Archive,
  checksums: readonly Checksum[],
  { outside, mounts }: Pick<PlacedPaths, "outside" | "mounts">,
): WithoutOwner<Action> {
  return {
    kind: "command",
    mnemonic: "Fetch",
    subject: urls[0] ?? path,
    argv: ["sh", "-c", fetchScript, "fetch", path, checksums.join(" "), ...urls],
    env: {},
    inputs: [],
    outputs: [outside(path)],
    mounts,
    tools: ["sh", "wget?", "curl?"],
    network: true,
    resources: { network: 1 },
  };
}

/** How paths of actions are told from those of the graph. */
export interface PlacedPaths {
  /** The path of the graph behind a path that actions see. */
  readonly outside: (path: ExecPath) => ExecPath;
  readonly mounts: Readonly<Record<ExecPath, ExecPath>>;
}

const fetchScript = `
out=$1 sums=$2
shift 2
mkdir -p "\${out%/*}"
get() {
  if command -v wget > /dev/null; then wget -nv --tries=3 --timeout=60 -O "$out" "$1" 2> "$out.log"
  elif command -v curl > /dev/null; then curl -fsSL --retry 2 -o "$out" "$1" 2> "$out.log"
  else echo "neither wget nor curl is installed" > "$out.log"; false
  fi
}
for url; do
  get "$url" && break
  sed "s|^|$url: |" "$out.log" >&2
  rm -f "$out"
done
[ -f "$out" ] || { echo "cannot fetch \${out##*/}: none of its addresses gives it" >&2; exit 1; }
for sum in $sums; do
  is=$("\${sum%%:*}sum" - < "$out") && is=\${is%% *}
  [ "$is" = "\${sum#*:}" ] && continue
  echo "$url gives another file than the library wants: its \${sum%%:*} is $is, not \${sum#*:}" >&2
  exit 1
done
`;
