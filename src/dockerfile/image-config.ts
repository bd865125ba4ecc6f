// What an image says of itself besides its files. Source: OCI image-spec, "Image Configuration".

import type { Healthcheck } from "./instruction.ts";

/** The config of an image, as far as Dockerfiles set it, and as they go on from it. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `K=V` each, in order. */
  readonly env: readonly string[];
  /** Absolute; empty: the root. */
  readonly workingDirectory: string;
  /** `user` or `user:group`, by name or number; empty: root. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposed: readonly string[];
  readonly volumes: readonly string[];
  /** Empty: SIGTERM. */
  readonly stopSignal: string;
  /** Empty: `/bin/sh -c`. */
  readonly shell: readonly string[];
  /** Instructions for whoever builds on the image. */
  readonly triggers: readonly string[];
  readonly author: string;
  /** Absent: nobody asks. */
  readonly healthcheck?: Healthcheck;
}

/** The config of `scratch`. */
export const emptyConfig: ImageConfig = {
  entrypoint: [],
  cmd: [],
  env: [],
  workingDirectory: "",
  user: "",
  labels: {},
  exposed: [],
  volumes: [],
  stopSignal: "",
  shell: [],
  triggers: [],
  author: "",
};

/** The config that the JSON of an image's config blob states; what it lacks is empty. */
export function configOfImage(document: unknown): ImageConfig {
  const outer = recordOf(document);
  const config = recordOf(outer["config"]);
  return {
    entrypoint: textsOf(config["Entrypoint"]),
    cmd: textsOf(config["Cmd"]),
    env: textsOf(config["Env"]),
    workingDirectory: textOf(config["WorkingDir"]),
    user: textOf(config["User"]),
    labels: Object.fromEntries(
      Object.entries(recordOf(config["Labels"])).map(([name, value]) => [name, textOf(value)]),
    ),
    exposed: Object.keys(recordOf(config["ExposedPorts"])),
    volumes: Object.keys(recordOf(config["Volumes"])),
    stopSignal: textOf(config["StopSignal"]),
    shell: textsOf(config["Shell"]),
    triggers: textsOf(config["OnBuild"]),
    author: textOf(outer["author"]),
  };
}

/** What an application is started with. */
export interface Start {
  readonly args: readonly string[];
  /** `K=V` each. */
  readonly env: readonly string[];
}

/**
 * `given` with what the image adds whose config, an {@link ImageConfig} as JSON, is `text`: its
 * variables that are not given, and, if nobody states others, its entry point and command.
 *
 * Source: kraftkit.md §5.1.
 */
export function startOfImage(text: string, given: Start & { readonly givesArgs: boolean }): Start {
  const { entrypoint, cmd, env } = JSON.parse(text) as ImageConfig;
  const nameOf = (variable: string): string => variable.split("=", 1)[0] ?? variable;
  const names = new Set(given.env.map(nameOf));
  return {
    args: given.givesArgs ? [...entrypoint, ...cmd] : given.args,
    env: [...given.env, ...env.filter((variable) => !names.has(nameOf(variable)))],
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
