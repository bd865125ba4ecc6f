#!/usr/bin/env bash
# Builds BuildKit's daemon and client where they are missing, as no distribution has them: what the
# engine makes of Dockerfiles is compared with theirs. And for who has docker, its plugin buildx.
# Where that cannot be, these tests are skipped.
set -euo pipefail

version=v0.26.2 buildx=v0.30.1
plugins=/usr/local/lib/docker/cli-plugins
hasDaemon() { command -v buildkitd >/dev/null 2>&1 && command -v buildctl >/dev/null 2>&1; }
hasPlugin() { ! command -v docker >/dev/null 2>&1 || docker buildx version >/dev/null 2>&1; }
if hasDaemon && hasPlugin; then exit 0; fi
if ! command -v go >/dev/null 2>&1 || [ ! -w /usr/local/bin ]; then
  echo "BuildKit is not installed, and cannot be built here: what needs it is skipped" >&2
  exit 0
fi
skip() {
  echo "$1 cannot be built here: what needs it is skipped" >&2
  exit 0
}
# In the module itself: its go.mod has what "go install" refuses.
enter() {
  local described
  described=$(timeout 5m go mod download -json "$1") || return 1
  cd "$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<< "$described")"
}
export CGO_ENABLED=0 GOFLAGS=-mod=readonly
if ! hasDaemon; then
  echo "Building BuildKit $version"
  enter "github.com/moby/buildkit@$version" || skip BuildKit
  for program in buildctl buildkitd; do
    timeout 10m go build -o "/usr/local/bin/$program" "./cmd/$program" || skip BuildKit
  done
fi
if ! hasPlugin; then
  echo "Building buildx $buildx"
  enter "github.com/docker/buildx@$buildx" || skip buildx
  mkdir -p "$plugins"
  timeout 15m go build -o "$plugins/docker-buildx" ./cmd/buildx || skip buildx
fi
