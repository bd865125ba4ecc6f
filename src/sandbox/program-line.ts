// What the machine is to run for a request, in which sandbox. Starts nothing.

import type { ImageBuild } from "../action/image-build.ts";
import { pathBelow } from "../base/path-below.ts";
import { type Bubblewrap, type Enclosure, insideOf, wrap, wrappedPlaces } from "./bubblewrap.ts";
import type { CommandLine } from "./command-line.ts";
import type { findProgram } from "./program-file.ts";
import { builderLine } from "./image-builder.ts";
import { imageLine } from "./image-run.ts";
import type { RunPlace } from "./run-place.ts";
import type { SandboxOptions, SandboxRequest } from "./sandbox.ts";
import type { SandboxChoice } from "./sandbox-choice.ts";
import type { Staged } from "./stage.ts";

/** A request with its input root. */
export interface PlacedRequest {
  readonly request: SandboxRequest;
  readonly place: RunPlace;
  readonly staged: Staged;
  readonly find: typeof findProgram;
}

/** The line, itself not in bubblewrap, or what it is to be in there. */
export interface ProgramLine extends CommandLine {
  /** Absent when it is not run by bubblewrap. */
  readonly enclosed?: EnclosedLine;
}

/** A program as bubblewrap is to run it. */
export interface EnclosedLine {
  readonly bubblewrap: Bubblewrap;
  readonly enclosure: Enclosure;
  /** With paths as they are inside. */
  readonly line: CommandLine;
}

/** The line; a sentence when there is no such program. */
export function programLineOf(
  { request, place, staged, find }: PlacedRequest,
  choice: Exclude<SandboxChoice, { kind: "unusable" }>,
  options: SandboxOptions,
): ProgramLine | string {
  const { image, build, cwd = ".", network } = request;
  const { root } = place;
  const isWrapped = choice.kind === "bwrap" && !isOwnSandbox(request);
  const argv =
    image !== undefined
      ? argvInImage(request, image, options)
      : build !== undefined
        ? argvOfBuild(request, build, options)
        : request.argv;
  if (typeof argv === "string") return argv;
  const own = image === undefined ? request.env : {};
  const env = envOf({ place, isWrapped, own }, options);
  const directory = pathBelow(root, cwd);
  const [name, ...args] = argv;
  // Where it is in bubblewrap may be a mount, which cannot be seen from here.
  const isInside = isWrapped && name.includes("/") && !name.startsWith("/");
  const program = isInside ? name : find(name, env["PATH"] ?? "", directory);
  if (program === undefined) return absence(name, env["PATH"] ?? "");
  if (!isWrapped) return { argv: [program, ...args], env, directory };
  const { bubblewrap } = choice;
  const enclosure = { root, network, mounts: staged.mounts };
  const command = { argv: [program, ...args] as const, env };
  const inside = insideOf(cwd);
  // Bubblewrap tells programs where they are.
  const line = { ...command, env: { ...env, PWD: inside }, directory: inside };
  return {
    argv: wrap(bubblewrap, { ...command, ...enclosure, cwd }),
    env: {},
    directory: root,
    enclosed: { bubblewrap, enclosure, line },
  };
}

/** Whether it takes care itself of what its program sees: a tree of layers does, and a builder. */
export function isOwnSandbox({ image, build }: SandboxRequest): boolean {
  return image !== undefined || build !== undefined;
}

function argvOfBuild(
  { outputs: [output = ""] }: SandboxRequest,
  build: ImageBuild,
  { builderPlaces, sourceDateEpoch = 0 }: SandboxOptions,
): SandboxRequest["argv"] | string {
  if (builderPlaces === undefined) throw new Error("bug: there are no places for builders");
  return builderLine({ build, output, sourceDateEpoch }, builderPlaces);
}

function argvInImage(
  { argv, env, network, outputs: [output = ""] }: SandboxRequest,
  image: NonNullable<SandboxRequest["image"]>,
  { imagePlaces }: SandboxOptions,
): SandboxRequest["argv"] | string {
  if (imagePlaces === undefined) throw new Error("bug: there are no places for trees of layers");
  return imageLine({ ...image, argv, env, network, output }, imagePlaces);
}

/** What is the same for all actions, but for paths, and what an action says itself. */
function envOf(
  {
    place,
    isWrapped,
    own,
  }: { place: RunPlace; isWrapped: boolean; own: Readonly<Record<string, string>> },
  { path, sourceDateEpoch }: SandboxOptions,
): Record<string, string> {
  return {
    PATH: path,
    ...(isWrapped ? wrappedPlaces : { HOME: place.home, TMPDIR: place.temporary }),
    LC_ALL: "C",
    LANG: "C",
    TZ: "UTC",
    ...(sourceDateEpoch !== undefined && { SOURCE_DATE_EPOCH: String(sourceDateEpoch) }),
    ...own,
  };
}

function absence(name: string, path: string): string {
  return name.includes("/")
    ? `there is no program ${name}`
    : `there is no program ${name} in PATH, which is ${path}`;
}
