#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# config-submenu.sh -o OUTPUT [-r PARENT | -c DIRECTORY:DIRECTORY]...
#
# Writes a Config.uk that sources those of the directories in PARENT, and of the directories in
# the list, where they have one. Prints OUTPUT, for `source "$(shell,...)"`.
set -eu
LC_ALL=C
export LC_ALL

output=
text='# Written by config-submenu.sh.'
add() {
	if [ -f "$1/Config.uk" ]; then
		text="$text
source \"$1/Config.uk\""
	fi
}

while getopts o:r:c: option; do
	case $option in
	o) output=$OPTARG ;;
	r) for directory in "$OPTARG"/*/; do add "${directory%/}"; done ;;
	c)
		IFS=:
		for directory in $OPTARG; do add "$directory"; done
		unset IFS
		;;
	*) exit 2 ;;
	esac
done

# A file that is newer than what was made from it would have all be made again.
if [ ! -f "$output" ] || [ "$(cat "$output")" != "$text" ]; then
	printf '%s\n' "$text" >"$output"
fi
printf '%s\n' "$output"
