#!/usr/bin/env bash
# Builds BuildKit's daemon and client where they are missing, as no distribution has them: what the
# engine makes of Dockerfiles is compared with theirs. Where that cannot be, these tests are skipped.
set -euo pipefail

version=v0.26.2
if command -v buildkitd >/dev/null 2>&1 && command -v buildctl >/dev/null 2>&1; then exit 0; fi
if ! command -v go >/dev/null 2>&1 || [ ! -w /usr/local/bin ]; then
  echo "BuildKit is not installed, and cannot be built here: what needs it is skipped" >&2
  exit 0
fi
echo "Building BuildKit $version"
skip() {
  echo "BuildKit cannot be built here: what needs it is skipped" >&2
  exit 0
}
# In the module itself: its go.mod has what "go install" refuses.
described=$(timeout 5m go mod download -json "github.com/moby/buildkit@$version") || skip
cd "$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<< "$described")"
export CGO_ENABLED=0 GOFLAGS=-mod=readonly
for program in buildctl buildkitd; do
  timeout 10m go build -o "/usr/local/bin/$program" "./cmd/$program" || skip
done
