// Lines of shell around a command in a tree of layers: layers come in, and one more goes out.

import type { ExecPath } from "../action/action.ts";
import { quoteWord } from "../base/shell-word.ts";

/** Layers that no command has used for two weeks, and what killed ones left. */
export const pruneLines = [
  "find . -maxdepth 1 -name '*.used' -mtime +14 | while read -r used; do",
  '  rm -rf "${used%.used}" "$used"',
  "done",
  "find . -maxdepth 1 '(' -name '.run-*' -o -name '.new-*' ')' -mtime +1 -exec rm -rf {} +",
];

/** Two commands may unpack the same layer at once: the first to rename wins. */
export const unpackFunction = [
  "unpack() {",
  '  [ -n "$overlays" ] || return 0',
  '  [ ! -d "$2" ] || { : > "$2.used"; return 0; }',
  "  draft=$(mktemp -d .new-XXXXXX)",
  '  chmod 755 "$draft"',
  '  tar --extract --file "$1" --directory "$draft" --numeric-owner $owners --same-permissions \\',
  "    --delay-directory-restore --xattrs --xattrs-include='*' --warning=no-timestamp",
  '  mv -T "$draft" "$2" 2> /dev/null || { rm -rf "$draft"; [ -d "$2" ]; }',
  '  : > "$2.used"',
  "}",
];

/**
 * `place PATH` sets `placed` to where PATH of the tree is on the machine: symbolic links lead
 * nowhere out of the tree.
 */
export const placeFunction = [
  "place() {",
  "  left=$1 placed= count=0",
  '  while [ -n "$left" ]; do',
  "    case $left in */*) name=${left%%/*} left=${left#*/};; *) name=$left left=;; esac",
  "    case $name in",
  "    ''|.) continue;;",
  "    ..) placed=${placed%/*}; continue;;",
  "    esac",
  '    if [ -L "$root$placed/$name" ] && [ "$count" -lt 40 ]; then',
  '      count=$((count + 1)) target=$(readlink "$root$placed/$name")',
  "      case $target in /*) placed=;; esac",
  "      left=$target/$left",
  "    else placed=$placed/$name; fi",
  "  done",
  "  placed=$root$placed",
  "}",
];

/** The same bytes for the same changes: times of files are not told. */
export function packLines(output: ExecPath): string[] {
  return [
    'find "$run/upper" -type s -delete',
    'tar --create --file "$base"/' +
      quoteWord(output) +
      ' --directory "$run/upper" --format=pax --sort=name \\',
    "  --mtime=\"@${SOURCE_DATE_EPOCH:-0}\" --numeric-owner --xattrs --xattrs-include='*' \\",
    "  --xattrs-exclude='*.overlay.[!o]*' --xattrs-exclude='*.overlay.origin' \\",
    "  --pax-option=exthdr.name=%d/pax/%f,delete=atime,delete=ctime .",
  ];
}
