// What carries out Dockerfiles, by the settings and by what this machine can.

import type { ImageBuilder } from "../action/image-build.ts";
import type { DockerfileExecutor } from "../rule/rule.ts";
import { problemWithImageRuns } from "../sandbox/image-probe.ts";
import { findProgram } from "../sandbox/program-file.ts";
import type { Settings } from "../workspace/config.ts";

/** What deciding asks of the machine. */
export interface ExecutorMachine {
  /** Whether there is a program of that name for actions. */
  readonly hasProgram: (name: string) => boolean;
  /** Why no RUN can be run by the engine; undefined when they can. */
  readonly obstacle: () => string | undefined;
}

/** Where BuildKit is when nobody says where. Source: BuildKit, "buildctl". */
export const usualBuildkit = "unix:///run/buildkit/buildkitd.sock";

/**
 * Decides as settings say. `auto` is the engine where it works: it needs no daemon, and what it
 * makes is kept for each instruction. Else it is BuildKit if its address was given, else buildah.
 */
export function executorOf(
  { values }: Settings,
  { hasProgram, obstacle }: ExecutorMachine = machineOf(values["build.path"].value),
): DockerfileExecutor {
  const wanted = values["dockerfile.executor"].value;
  const address = values["dockerfile.buildkit"].value;
  const builder = (name: ImageBuilder): DockerfileExecutor => {
    return { kind: "builder", builder: name, isForRunsOnly: wanted === "auto" };
  };
  const client = address === "docker" ? "docker" : "buildctl";
  const daemonless = hasProgram("buildah") || !hasProgram("podman") ? "buildah" : "podman";
  if (wanted === "embedded") return { kind: "embedded" };
  if (wanted === "buildkit") return builder(client);
  if (wanted === "buildah") return builder(daemonless);
  const problem = obstacle();
  if (problem === undefined) return { kind: "embedded" };
  if (address !== undefined && hasProgram(client)) return builder(client);
  if (hasProgram(daemonless)) return builder(daemonless);
  const ways = "install buildah or podman, or set dockerfile.buildkit to the address of BuildKit";
  return { kind: "embedded", obstacle: `${problem}; ${ways}` };
}

function machineOf(path: string): ExecutorMachine {
  return {
    hasProgram: (name) => findProgram(name, path, "/") !== undefined,
    obstacle: () => problemWithImageRuns(path),
  };
}
