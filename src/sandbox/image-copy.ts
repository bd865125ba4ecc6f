// Trees of layers as copies, where the machine refuses overlay file systems: in containers whose own
// root is one, and on old kernels. As lines of shell; starts nothing.

import type { ExecPath } from "../action/action.ts";
import { quoteWord } from "../base/shell-word.ts";

/**
 * `stack TARGET OWN LOWER LAYER…` makes the tree of layers at `TARGET`: an overlay of the directories
 * `LOWER`, the topmost first, which takes what is written to `OWN/upper`; or a copy of the tars
 * `LAYER…`, the lowest first, on `OWN/stubs` if that is there. `isCopy` tells which.
 */
export const stackFunction = [
  "stack() {",
  "  target=$1 own=$2 lower=$3 isCopy=; shift 3",
  '  if [ -n "$overlays" ] && mount -t overlay overlay \\',
  '    -o "userxattr,index=off,lowerdir=$lower,upperdir=$own/upper,workdir=$own/work" "$target" \\',
  '    2> "$run/refused"; then return 0; fi',
  // It may be only too many layers at once; else nothing is unpacked in vain for a day.
  '  mkdir -p "$run/try/upper" "$run/try/work" "$run/try/root" "$run/try/none"',
  '  [ -z "$overlays" ] || mount -t overlay overlay -o "userxattr,index=off,lowerdir=$run/try/none,upperdir=$run/try/upper,workdir=$run/try/work" "$run/try/root" 2> /dev/null || : > .no-overlay',
  '  [ ! -d "$own/stubs" ] || cp -a "$own/stubs/." "$target"',
  '  for layer in "$@"; do lay "$layer" "$target"; done',
  // So that what is mounted in it goes with it.
  '  mount --bind "$target" "$target"',
  "  isCopy=yes",
  "}",
  "lay() {",
  // What it hides goes first: all that is in a directory, and directories where it has something else.
  "  tar --list --verbose --verbose --xattrs --quoting-style=literal --file \"$1\" | sed -n '/^d/h;/^  x: *[0-9]* [a-z]*\\.overlay\\.opaque$/{x;s/^[^ ]* *[^ ]* *[^ ]* *[^ ]* *[^ ]* //p;x;}' |",
  '    while IFS= read -r name; do rm -rf "$2/${name%/}"; done',
  '  tar --list --quoting-style=literal --file "$1" | while IFS= read -r name; do',
  "    case $name in */) continue;; esac",
  '    [ ! -d "$2/$name" ] || [ -L "$2/$name" ] || rm -rf "$2/$name"',
  "  done",
  '  tar --extract --file "$1" --directory "$2" --numeric-owner $owners --same-permissions \\',
  "    --delay-directory-restore --xattrs --xattrs-include='*' --xattrs-exclude='*.overlay.*' --warning=no-timestamp",
  '  find "$2" -xdev -type c -exec sh -c \'for at; do [ "$(stat -c %t:%T "$at")" != 0:0 ] || rm -f "$at"; done\' sh {} +',
  "}",
];

/** `layers` as words of the script. */
export function tarsOf(layers: readonly ExecPath[]): string {
  return layers.map((path) => `"$base"/${quoteWord(path)}`).join(" ");
}

/** Writes down what the copy at `$run/root` has, before a command changes it. */
export const beforeLines = ['[ -z "$isCopy" ] || seen > "$run/before"'];

/**
 * What a command changed in the copy, put into `$run/upper` as an overlay would have it. No file is
 * changed without its ctime: what is mounted in between takes longer than a tick of its clock.
 */
export const changesFunction = [
  "seen() {",
  "  find \"$run/root\" -xdev -mindepth 1 -printf '%i %C@ %P\\0' | LC_ALL=C sort -z",
  "}",
  "names() {",
  "  sed -z 's/^[^ ]* [^ ]* //' \"$1\" | LC_ALL=C sort -z",
  "}",
  "changes() {",
  '  find "$run/root" -xdev -type s -delete',
  '  seen > "$run/after"',
  '  LC_ALL=C comm -z -13 "$run/before" "$run/after" > "$run/changed"',
  '  names "$run/before" > "$run/names-before"; names "$run/after" > "$run/names-after"',
  // With the directories above, whose modes and owners an unpacked layer would have to guess.
  '  names "$run/changed" | xargs -0 -r sh -c \'for path; do while :; do printf "./%s\\0" "$path"; case $path in */*) path=${path%/*};; *) break;; esac; done; done\' sh |',
  '    LC_ALL=C sort -zu > "$run/list"',
  '  tar --create --directory "$run/root" --no-recursion --null --files-from="$run/list" --numeric-owner --xattrs --xattrs-include=\'*\' |',
  "    tar --extract --directory \"$run/upper\" --numeric-owner $owners --same-permissions --delay-directory-restore --xattrs --xattrs-include='*'",
  '  LC_ALL=C comm -z -23 "$run/names-before" "$run/names-after" |',
  '    xargs -0 -r sh -euc \'root=$1 upper=$2; shift 2; for path; do case $path in */*) above=$root/${path%/*};; *) above=$root;; esac; if [ -d "$above" ] && [ ! -L "$above" ]; then mknod "$upper/$path" c 0 0; fi; done\' sh "$run/root" "$run/upper"',
  "}",
];
