// How a program of the machine builds a Dockerfile: by a script of shell, as there is a context to
// unpack and an end to tidy up. Starts nothing.

import type { ExecPath } from "../action/action.ts";
import type { BuildSecret, ImageBuild } from "../action/image-build.ts";
import { quoteWord } from "../base/shell-word.ts";
import { buildahLines } from "./buildah-lines.ts";
import { buildctlLines, dockerLines } from "./buildkit-lines.ts";

/** Where builders are and keep what they have, and what the user hands over. */
export interface BuilderPlaces {
  /** The address of BuildKit, such as `unix:///run/buildkit/buildkitd.sock`. */
  readonly buildkit: string;
  /** Absolute paths of PEM files, for an address with TLS. */
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Absolute: what programs without a daemon keep of images. */
  readonly storage: string;
  /** As for commands in trees of layers. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly sshAgent: string | undefined;
  /** What leads builders to their own settings. */
  readonly env: Readonly<Record<string, string>>;
}

/** A Dockerfile to build. */
export interface BuilderCommand {
  readonly build: ImageBuild;
  /** The OCI layout to leave. */
  readonly output: ExecPath;
  /** In seconds since 1970: no file is younger, where the builder can do that. */
  readonly sourceDateEpoch: number;
}

/** The line that carries out `command` in its input root; or a sentence why it cannot be. */
export function builderLine(
  command: BuilderCommand,
  places: BuilderPlaces,
): readonly [string, ...string[]] | string {
  const missing = missingFor(command.build, places);
  if (missing !== undefined) return missing;
  const { build } = command;
  const variables = Object.entries(places.env).map(
    ([name, value]) => `export ${name}=${quoteWord(value)}`,
  );
  const script = [
    "set -eu",
    "umask 022",
    "base=$PWD",
    'work=$(mktemp -d "${TMPDIR:-/tmp}/image-XXXXXX")',
    "trap 'rm -rf \"$work\"' EXIT",
    "trap 'exit 143' TERM INT",
    ...variables,
    'mkdir "$work/context" "$work/file"',
    `tar --extract --file ${inBase(build.context)} --directory "$work/context" --same-permissions --delay-directory-restore`,
    `cp ${inBase(build.dockerfile)} "$work/file/Dockerfile"`,
    ...layoutFunction,
    ...build.bases.map(({ layout, index }, i) => `layout ${i} ${inBase(layout)} ${inBase(index)}`),
    ...linesOf(command, places),
  ];
  return ["sh", "-c", script.join("\n")];
}

function linesOf(command: BuilderCommand, places: BuilderPlaces): string[] {
  switch (command.build.builder) {
    case "buildctl":
      return buildctlLines(command, places);
    case "docker":
      return dockerLines(command, places);
    case "buildah":
    case "podman":
      return buildahLines(command, places);
  }
}

/** `path` of the input root, as a word of the script. */
export function inBase(path: ExecPath): string {
  return `"$base"/${quoteWord(path)}`;
}

/** `--secret` and `--ssh` for what is there of `build`. */
export function secretWords(
  { secrets, agents }: ImageBuild,
  { secrets: files, sshAgent }: BuilderPlaces,
): string[] {
  const given = secrets.flatMap(({ id }) => {
    const file = files.get(id);
    return file === undefined ? [] : [`--secret ${quoteWord(`id=${id},src=${file}`)}`];
  });
  const sockets = sshAgent === undefined ? [] : agents;
  return [...given, ...sockets.map(({ id }) => `--ssh ${quoteWord(`${id}=${sshAgent}`)}`)];
}

/** `layout N LAYOUT INDEX` makes `$work/layoutN`, with one image only, whose digest is `$digestN`. */
const layoutFunction = [
  "layout() {",
  '  mkdir -p "$work/layout$1/blobs/sha256"',
  // A builder may write beside the blobs, but not to them.
  '  for blob in "$2"/blobs/sha256/*; do ln -s "$blob" "$work/layout$1/blobs/sha256/"; done',
  '  cp "$3" "$work/layout$1/index.json"',
  '  echo \'{"imageLayoutVersion":"1.0.0"}\' > "$work/layout$1/oci-layout"',
  '  digest=$(sed -n \'s/.*"digest": *"\\([^"]*\\)".*/\\1/p\' "$3")',
  '  eval "digest$1=\\$digest"',
  "}",
];

function missingFor(
  { secrets, agents }: ImageBuild,
  { secrets: files, sshAgent }: BuilderPlaces,
): string | undefined {
  const isMissing = ({ id, isRequired }: BuildSecret) => isRequired && !files.has(id);
  const missing = secrets.find(isMissing);
  if (missing !== undefined) {
    const { id } = missing;
    return `the secret ${id} is required, and was not given: use --build-secret id=${id},src=PATH`;
  }
  if (sshAgent === undefined && agents.some(({ isRequired }) => isRequired)) {
    return "the agent of ssh is required, and SSH_AUTH_SOCK does not say where it is";
  }
  return undefined;
}
