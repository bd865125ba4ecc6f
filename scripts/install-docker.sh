#!/usr/bin/env bash
# Puts the programs of Docker's daemon where they are missing into /usr/local/bin, out of the
# distribution's packages. These are not installed, as their daemon would start and make bridges: a
# test starts its own, in namespaces. Where that cannot be, it is skipped.
set -euo pipefail

target=/usr/local/bin
for name in dockerd containerd containerd-shim-runc-v2 docker; do
  command -v "$name" >/dev/null 2>&1 || missing="${missing:-} $name"
done
if [ -z "${missing:-}" ]; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1 || [ ! -w "$target" ]; then
  echo "Docker's daemon cannot be had here: what needs it is skipped" >&2
  exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
cd "$scratch"
apt-get download -qq docker.io containerd >/dev/null 2>&1 || true
for package in ./*.deb; do
  [ ! -f "$package" ] || dpkg-deb -x "$package" root
done
for name in $missing; do
  for file in root/usr/sbin/"$name" root/usr/bin/"$name"; do
    if [ -f "$file" ] && ! ldd "$file" 2>&1 | grep -q "not found"; then cp "$file" "$target/"; fi
  done
done
