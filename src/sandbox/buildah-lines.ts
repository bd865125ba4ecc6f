// Buildah, or podman, as lines of shell. Sources: buildah-build(1), containers-storage.conf(5).

import { quoteWord } from "../base/shell-word.ts";
import { type BuilderCommand, type BuilderPlaces, inBase, secretWords } from "./image-builder.ts";

/**
 * Has the builder of `build` build in a storage of its own, which builds share: it locks what it
 * has to, and images go by their content there, never by a name that another build may move.
 */
export function buildahLines(
  { build, output, sourceDateEpoch }: BuilderCommand,
  places: BuilderPlaces,
): string[] {
  const { builder, bases, args, target, platform } = build;
  const words = [
    `--platform ${quoteWord(platform)}`,
    ...(target === undefined ? [] : [`--target ${quoteWord(target)}`]),
    ...Object.entries(args).map(([name, value]) => `--build-arg ${quoteWord(`${name}=${value}`)}`),
    ...bases.map(({ name }, i) => {
      return `--build-context ${quoteWord(`${name}=docker-image://`)}"$image${i}"`;
    }),
    ...secretWords(build, places),
    ...(build.rights.includes("network.host") ? ["--network host"] : []),
    ...(build.rights.includes("security.insecure") ? ["--cap-add all"] : []),
  ];
  return [
    `store=${quoteWord(places.storage)}`,
    'mkdir -p "$store/temporary"',
    // Cache mounts are kept there.
    'export TMPDIR="$store/temporary"',
    // As root it would leave its storage mounted, where nobody could remove it any more.
    'private= && [ "$(id -u)" != 0 ] || private="unshare --mount --propagation private"',
    ...driverLines(builder),
    `builder() { $private ${builder} --root "$store/$driver" --runroot "$store/$driver-run" --storage-driver "$driver" "$@"; }`,
    ...pruneLines,
    // By a path without capitals, which is made a name of the image, though none is ever asked for.
    'cd "$work"',
    ...bases.map((_, i) => `image${i}=$(builder pull --quiet oci:layout${i})`),
    "layers=true",
    ...bases.map(({ index }) => `! grep -q kraft-graph.history ${inBase(index)} || layers=false`),
    ...differenceLines(sourceDateEpoch),
    'set -- build --isolation chroot --layers="$layers" --pull-never --force-rm',
    ...words.map((word) => `set -- "$@" ${word}`),
    'builder "$@" --iidfile "$work/image" --file "$work/file/Dockerfile" "$work/context"',
    `builder push --quiet "$(cat "$work/image")" oci:${inBase(output)}`,
  ];
}

/** Found out once: overlay is refused on some file systems, where whole copies are made instead. */
function driverLines(builder: string): string[] {
  return [
    "driver=vfs",
    'if [ -e "$store/overlay" ]; then driver=overlay',
    'elif [ ! -e "$store/vfs" ]; then',
    '  probe="$store/.probe-$$"',
    `  if $private ${builder} --root "$probe/root" --runroot "$probe/run" --storage-driver overlay info > /dev/null 2>&1; then`,
    "    driver=overlay",
    "  fi",
    '  rm -rf "$probe"',
    "fi",
  ];
}

/**
 * Without overlays, what changed is found by comparing size and time of files: those of the context
 * must have another time than those of a base, which often have that of the epoch, and than each
 * other, where one is copied over another; so there is but one comparison, with the base. For make
 * all have the same time.
 */
function differenceLines(sourceDateEpoch: number): string[] {
  const time = sourceDateEpoch === 0 ? 86_399 : sourceDateEpoch - 1;
  const touch = `touch --no-dereference --date=@${time} {} +`;
  return [
    'if [ "$driver" != overlay ]; then',
    `  layers=false; find "$work/context" ! -type d -exec ${touch}`,
    "fi",
  ];
}

/**
 * Once a month all images go, when no other build has the storage. Not by their age: that of a base
 * is years, and nobody tells when it was used.
 */
const pruneLines = [
  'exec 9> "$store/lock"',
  'if [ -n "$(find "$store/since" -mtime +30 2> /dev/null)" ] && flock --nonblock 9; then',
  "  builder rmi --all --force > /dev/null 2>&1 || :",
  '  rm -f "$store/since"',
  "fi",
  "flock --shared 9",
  '[ -e "$store/since" ] || : > "$store/since"',
];
