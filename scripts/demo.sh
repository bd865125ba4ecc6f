#!/usr/bin/env bash
# Builds the smallest example and boots it, after installing what that takes.
set -euo pipefail
cd "$(dirname "$0")/.."
cross=()
# The example is of x86-64, whatever this machine is.
if [ "$(uname -m)" != x86_64 ]; then cross=(x86_64-linux-gnu-gcc=gcc-x86-64-linux-gnu); fi
bash scripts/install-packages.sh "${cross[@]}" gcc=gcc /usr/include/stdio.h=libc6-dev make=make flex=flex \
  bison=bison qemu-system-x86_64=qemu-system-x86
[ -e dist/main.js ] || npm run --silent build
exec node dist/main.js run --timeout 120 //examples/hello:qemu-x86_64
