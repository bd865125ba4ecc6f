// What an image says of itself besides its files. Source: OCI image-spec, "Image Configuration".

import { statedConfigOf } from "../format/stated-config.ts";
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
  // What an image was made of and for is no part of what Dockerfiles set.
  const { platform: _, diffIds: __, ...config } = statedConfigOf(document);
  return config;
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
