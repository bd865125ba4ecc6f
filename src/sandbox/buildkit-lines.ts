// BuildKit's clients as lines of shell: buildctl for a daemon by its address, and docker for the
// daemon of Docker. Sources: BuildKit, "docs/reference/buildctl.md"; Docker, "docker buildx build".

import { quoteWord } from "../base/shell-word.ts";
import { type BuilderCommand, type BuilderPlaces, inBase, secretWords } from "./image-builder.ts";

/** Has the daemon at the address of `places` build. */
export function buildctlLines(
  { build, output, sourceDateEpoch }: BuilderCommand,
  places: BuilderPlaces,
): string[] {
  const { buildkit, ca, certificate, key } = places;
  const tls = [
    ...(ca === undefined ? [] : [`--tlscacert ${quoteWord(ca)}`]),
    ...(certificate === undefined ? [] : [`--tlscert ${quoteWord(certificate)}`]),
    ...(key === undefined ? [] : [`--tlskey ${quoteWord(key)}`]),
  ];
  const options = [
    "filename=Dockerfile",
    `platform=${build.platform}`,
    ...(build.target === undefined ? [] : [`target=${build.target}`]),
    ...Object.entries(build.args).map(([name, value]) => `build-arg:${name}=${value}`),
    `build-arg:SOURCE_DATE_EPOCH=${sourceDateEpoch}`,
  ];
  const bases = build.bases.flatMap(({ name }, i) => [
    `--oci-layout layout${i}="$work/layout${i}"`,
    `--opt ${quoteWord(`context:${name}=oci-layout://layout${i}@`)}"$digest${i}"`,
  ]);
  return [
    `set -- buildctl --addr ${quoteWord(buildkit)} ${tls.join(" ")}`,
    'set -- "$@" build --progress plain --frontend dockerfile.v0',
    'set -- "$@" --local context="$work/context" --local dockerfile="$work/file"',
    ...options.map((option) => `set -- "$@" --opt ${quoteWord(option)}`),
    ...[...bases, ...secretWords(build, places)].map((word) => `set -- "$@" ${word}`),
    ...build.rights.map((right) => `set -- "$@" --allow ${right}`),
    `"$@" --output ${outputWord(output)}`,
  ];
}

/** Has the builder that docker uses build, which is its own daemon unless the user chose another. */
export function dockerLines(
  { build, output, sourceDateEpoch }: BuilderCommand,
  places: BuilderPlaces,
): string[] {
  const args = { ...build.args, SOURCE_DATE_EPOCH: String(sourceDateEpoch) };
  const words = [
    `--platform ${quoteWord(build.platform)}`,
    ...(build.target === undefined ? [] : [`--target ${quoteWord(build.target)}`]),
    ...Object.entries(args).map(([name, value]) => `--build-arg ${quoteWord(`${name}=${value}`)}`),
    ...build.bases.map(({ name }, i) => {
      return `--build-context ${quoteWord(`${name}=oci-layout://`)}"$work/layout${i}@$digest${i}"`;
    }),
    ...secretWords(build, places),
    ...build.rights.map((right) => `--allow ${right}`),
  ];
  return [
    ...storeFunction,
    "set -- docker buildx build --progress plain --provenance=false --sbom=false",
    ...words.map((word) => `set -- "$@" ${word}`),
    `set -- "$@" --file "$work/file/Dockerfile" --output ${outputWord(output)} "$work/context"`,
    '"$@" || { status=$?; store; exit "$status"; }',
  ];
}

/** Says what else there is, if docker's own builder cannot hand over images; of others it says nothing. */
const storeFunction = [
  "store() {",
  "  driver=$(docker buildx inspect 2> /dev/null | sed -n 's/^Driver: *//p') || return 0",
  '  [ "$driver" = docker ] || return 0',
  "  version=$(docker version --format '{{.Server.Version}}' 2> /dev/null) || return 0",
  "  case $(docker info --format '{{.DriverStatus}}' 2> /dev/null) in *io.containerd.*) return 0;; esac",
  '  echo "Docker $version keeps images in a way that it cannot export: this takes Docker 25 or newer with the \\',
  'containerd image store (the default from 29; before, \\"containerd-snapshotter\\": true under \\"features\\" in \\',
  'daemon.json). Or use a builder of its own, as \\"docker buildx create --use\\" makes one, or build with \\',
  '--dockerfile=embedded, which needs no Docker, or --dockerfile=buildah" >&2',
  "}",
];

/** Uncompressed, as it is read once, at once. */
function outputWord(output: string): string {
  return `type=oci,tar=false,compression=uncompressed,dest=${inBase(output)}`;
}
