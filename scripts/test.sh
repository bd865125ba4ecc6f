#!/usr/bin/env bash
# Installs what the tests need, then runs every check. A test that fails is tried once more, and named as flaky
# if it passes then. The last line counts the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install-packages.sh gcc=gcc /usr/include/stdio.h=libc6-dev make=make patch=patch flex=flex bison=bison bwrap=bubblewrap \
  qemu-system-x86_64=qemu-system-x86 cpio=cpio bsdtar=libarchive-tools skopeo=skopeo \
  umoci=umoci docker-registry=docker-registry htpasswd=apache2-utils busybox=busybox-static strace=strace unshare=util-linux git=git g++=g++ unzip=unzip tar=tar zip=zip xz=xz-utils /usr/sbin/sshd=openssh-server ssh=openssh-client chromium=chromium bzip2=bzip2 zsh=zsh fish=fish groff=groff-base python3=python3 zstd=zstd openssl=openssl curl=curl \
  buildah=buildah podman=podman runc=runc nsenter=util-linux setpriv=util-linux fsck.erofs=erofs-utils sqfstar=squashfs-tools e2fsck=e2fsprogs mmdebstrap=mmdebstrap \
  aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu /usr/sbin/nginx=nginx-light fcgiwrap=fcgiwrap clang=clang javac=default-jdk-headless \
  /usr/share/bazel/A-server.jar=bazel-bootstrap /usr/src/bazel-bootstrap/CODEBASE.md=bazel-bootstrap-source
bash scripts/install-bazel-remote.sh
bash scripts/install-docker.sh
bash scripts/install-buildkit.sh
npx tsc --noEmit
npx tsc --noEmit -p src/page/client
npx oxlint --type-aware --deny-warnings src rules test scripts
npx biome format .
npx vitest run --retry=1 --reporter=default --reporter=./scripts/count-reporter.mjs "$@"
