// The options of commands that may build Dockerfiles. Knows no command.

import { posix } from "node:path";

import { Option } from "clipanion";

import type { Flag } from "../workspace/text-layer.ts";
import type { KraftContext } from "./context.ts";

/** Fields for a command; see {@link dockerfileFlagsOf}. Named as KraftKit names them. */
export const dockerfileOptions = {
  executor: () =>
    Option.String("--dockerfile", {
      description: "what builds Dockerfiles: auto, embedded, buildkit, buildah",
    }),
  args: () =>
    Option.Array("--build-arg", [], {
      description: "a value for an ARG of Dockerfiles; NAME alone takes the variable's",
    }),
  target: () =>
    Option.String("--build-target", {
      description: "the stage of Dockerfiles to build (the last)",
    }),
  secrets: () =>
    Option.Array("--build-secret", [], {
      description: "a file that RUN --mount=type=secret gets",
    }),
};

interface DockerfileFields {
  readonly context: KraftContext;
  readonly dockerfile: string | undefined;
  readonly buildArgs: readonly string[];
  readonly buildTarget: string | undefined;
  readonly buildSecrets: readonly string[];
}

/** The settings that the fields of a command state. */
export function dockerfileFlagsOf(fields: DockerfileFields): Flag[] {
  const { dockerfile, buildArgs, buildTarget, buildSecrets, context } = fields;
  const { env, workingDirectory } = context.host;
  const args = buildArgs.flatMap((arg) => {
    if (arg.includes("=")) return arg;
    const value = env[arg];
    return value === undefined ? [] : `${arg}=${value}`;
  });
  const secrets = buildSecrets.map((secret) => {
    const parts = new Map(secret.split(",").map((part) => [nameOf(part), valueOf(part)]));
    const path = parts.get("src") ?? parts.get("source") ?? "";
    return `${parts.get("id") ?? ""}=${posix.resolve(workingDirectory, path)}`;
  });
  return [
    ...(dockerfile === undefined
      ? []
      : [{ name: "--dockerfile", key: "dockerfile.executor" as const, text: dockerfile }]),
    ...mapFlag("--build-arg", "dockerfile.args", args),
    ...mapFlag("--build-secret", "dockerfile.secrets", secrets),
    ...(buildTarget === undefined
      ? []
      : [{ name: "--build-target", key: "dockerfile.target" as const, text: buildTarget }]),
  ];
}

function mapFlag(name: string, key: Flag["key"], parts: readonly string[]): Flag[] {
  return parts.length === 0 ? [] : [{ name, key, text: parts.join(","), parts }];
}

function nameOf(part: string): string {
  return part.split("=", 1)[0] ?? part;
}

function valueOf(part: string): string {
  return part.slice(nameOf(part).length + 1);
}
