import { readFileSync } from "node:fs";

import { FormatError } from "../format/format-error.ts";
import type { OciPlatform } from "../format/image-config.ts";

/** What the config of an image says. Source: image-spec, "Image Configuration". */
export interface ImageConfig {
  readonly platform: OciPlatform;
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
  /** `K=V` each. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Digests of layers as they are unpacked, in their order. */
  readonly diffIds: readonly string[];
}

/** The config in the file `path`. Throws a FormatError for what is none. */
export function readImageConfig(path: string): ImageConfig {
  const value = parsed(path);
  const features = textsIn(value["os.features"]);
  const version = value["os.version"];
  const config = recordOf(value["config"]);
  const labels = Object.entries(recordOf(config["Labels"]));
  return {
    platform: {
      architecture: textOf(value["architecture"]),
      os: textOf(value["os"]),
      ...(typeof version === "string" && version !== "" && { "os.version": version }),
      ...(features.length > 0 && { "os.features": features }),
    },
    entrypoint: textsIn(config["Entrypoint"]),
    args: textsIn(config["Cmd"]),
    env: textsIn(config["Env"]),
    labels: Object.fromEntries(labels.map(([name, text]) => [name, textOf(text)])),
    diffIds: textsIn(recordOf(value["rootfs"])["diff_ids"]),
  };
}

function parsed(path: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new FormatError(path, "is no config of an image");
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textsIn(value: unknown): readonly string[] {
  const all = Array.isArray(value) ? (value as unknown[]) : [];
  return all.filter((one) => typeof one === "string");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
