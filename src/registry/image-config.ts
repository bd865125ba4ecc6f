import { readFileSync } from "node:fs";

import { FormatError } from "../format/format-error.ts";
import { type StatedConfig, statedConfigOf } from "../format/stated-config.ts";

/** What the config of a kernel's image says, in the words of Unikraft. */
export interface ImageConfig
  extends Pick<StatedConfig, "platform" | "entrypoint" | "env" | "labels" | "diffIds"> {
  /** `Cmd`: behind the entry point, if it has one. */
  readonly args: readonly string[];
}

/** The config in the file `path`. Throws a FormatError for what is none. */
export function readImageConfig(path: string): ImageConfig {
  const { platform, entrypoint, cmd: args, env, labels, diffIds } = statedConfigOf(parsed(path));
  return { platform, entrypoint, args, env, labels, diffIds };
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new FormatError(path, "is no config of an image");
  }
}
