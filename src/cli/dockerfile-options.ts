// The options of commands that may build Dockerfiles. Knows no command.

import { posix } from "node:path";

import { Option, UsageError } from "clipanion";

import type { Flag } from "../workspace/text-layer.ts";
import type { KraftContext } from "./context.ts";
import { settingOption } from "./option-values.ts";

/** Fields for a command; see {@link dockerfileFlagsOf}. Named as KraftKit names them. */
export const dockerfileOptions = {
  executor: () =>
    settingOption(
      "--dockerfile",
      "dockerfile.executor",
      "what builds Dockerfiles: auto, embedded, buildkit, buildah",
    ),
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
      description: "a file or variable that RUN --mount=type=secret gets",
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
  const secrets = buildSecrets.map((secret) => secretOf(secret, { env, workingDirectory }));
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

/**
 * `ID=PATH` or `ID=env:NAME`, as the setting has it. Throws a UsageError. Where nothing is said of the
 * place, it is the variable named as the secret is, else the file.
 *
 * Source: Docker, "docker buildx build --secret".
 */
function secretOf(
  secret: string,
  { env, workingDirectory }: Pick<KraftContext["host"], "env" | "workingDirectory">,
): string {
  const parts = new Map(secret.split(",").map((part) => [nameOf(part), valueOf(part)]));
  const type = parts.get("type");
  const problem = (what: string): UsageError => {
    return new UsageError(`--build-secret ${secret}: ${what}`);
  };
  const strange = [...parts.keys()].find((name) => !secretParts.has(name));
  if (strange !== undefined) throw problem(`"${strange}" is none of id, src, env, type`);
  if (type !== undefined && type !== "file" && type !== "env")
    throw problem("the type is file or env");
  const id = parts.get("id") ?? "";
  if (id === "") throw problem("it needs an id, such as id=token,src=PATH");
  const file = parts.get("src") ?? parts.get("source");
  const variable = parts.get("env") ?? (type === "env" ? file : undefined);
  const name = variable ?? (file === undefined && env[id] !== undefined ? id : undefined);
  if (name !== undefined) return `${id}=env:${name}`;
  return `${id}=${posix.resolve(workingDirectory, file ?? id)}`;
}

const secretParts: ReadonlySet<string> = new Set(["id", "src", "source", "env", "type"]);

function nameOf(part: string): string {
  return part.split("=", 1)[0] ?? part;
}

function valueOf(part: string): string {
  return part.slice(nameOf(part).length + 1);
}
