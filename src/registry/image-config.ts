import { FormatError } from "../format/format-error.ts";
import { type StatedConfig, statedConfigOf } from "../format/stated-config.ts";
import type { BlobPaths } from "./layout.ts";
import { wholeBytes } from "./whole-blob.ts";

/** What the config of a kernel's image says, in the words of Unikraft. */
export interface ImageConfig
  extends Pick<StatedConfig, "platform" | "entrypoint" | "env" | "labels" | "diffIds"> {
  /** `Cmd`: behind the entry point, if it has one. */
  readonly args: readonly string[];
}

/**
 * The config that is the blob `digest`. Throws a FormatError for what is none, and a FetchError for
 * one that is damaged or missing.
 */
export function readImageConfig(paths: BlobPaths, digest: string): ImageConfig {
  const value = parsed(wholeBytes(paths, digest), paths(digest));
  const { platform, entrypoint, cmd: args, env, labels, diffIds } = statedConfigOf(value);
  return { platform, entrypoint, args, env, labels, diffIds };
}

function parsed(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new FormatError(path, "is no config of an image");
  }
}
