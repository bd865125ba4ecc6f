// What an image says of itself besides its files. Source: OCI image-spec, "Image Configuration".

import { type StatedConfig, statedConfigOf } from "../format/stated-config.ts";
import type { Healthcheck } from "./instruction.ts";

/** The config of an image, as far as Dockerfiles set it, and as they go on from it. */
export interface ImageConfig extends Omit<StatedConfig, "platform" | "diffIds"> {
  /** Absent: nobody asks. */
  readonly healthcheck?: Healthcheck;
}

/** The config of an image that says nothing. */
export const emptyConfig: ImageConfig = configOfImage({});

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

/** What an image says of how it is started. */
export interface StartingImage {
  /** An {@link ImageConfig} as JSON. */
  readonly text: string;
  /** Whether its arguments, if it has any, count before those that are given. */
  readonly givesArgs: boolean;
}

/**
 * `given` with what `images` add, of which each counts before those behind it: variables that are
 * not known yet; and of the first that has any and may give them, its entry point and command.
 *
 * Source: kraftkit.md §5.1.
 */
export function startOfImages(images: readonly StartingImage[], given: Start): Start {
  let args: readonly string[] | undefined;
  const env = new Map(given.env.map((variable) => [nameOf(variable), variable]));
  for (const { text, givesArgs } of images) {
    const { entrypoint, cmd, env: own } = JSON.parse(text) as ImageConfig;
    const words = givesArgs ? [...entrypoint, ...cmd] : [];
    if (words.length > 0) args ??= words;
    for (const variable of own) {
      if (!env.has(nameOf(variable))) env.set(nameOf(variable), variable);
    }
  }
  return { args: args ?? given.args, env: [...env.values()] };
}

function nameOf(variable: string): string {
  return variable.split("=", 1)[0] ?? variable;
}
