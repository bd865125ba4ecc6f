// What the config of an image says, whoever wrote it. Source: OCI image-spec, "Image Configuration".

import type { OciPlatform } from "./image-config.ts";

/** All that is read of a config; what it lacks is empty. */
export interface StatedConfig {
  readonly platform: OciPlatform;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `K=V` each, in order. */
  readonly env: readonly string[];
  /** Empty: the root. */
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
  /** Digests of layers as they are unpacked, in their order. */
  readonly diffIds: readonly string[];
}

/** What the JSON `document` of a config states; of fields that are of another type, nothing. */
export function statedConfigOf(document: unknown): StatedConfig {
  const outer = recordOf(document);
  const config = recordOf(outer["config"]);
  const labels = Object.entries(recordOf(config["Labels"]));
  return {
    platform: platformOf(outer),
    entrypoint: textsOf(config["Entrypoint"]),
    cmd: textsOf(config["Cmd"]),
    env: textsOf(config["Env"]),
    workingDirectory: textOf(config["WorkingDir"]),
    user: textOf(config["User"]),
    labels: Object.fromEntries(labels.map(([name, value]) => [name, textOf(value)])),
    exposed: Object.keys(recordOf(config["ExposedPorts"])),
    volumes: Object.keys(recordOf(config["Volumes"])),
    stopSignal: textOf(config["StopSignal"]),
    shell: textsOf(config["Shell"]),
    triggers: textsOf(config["OnBuild"]),
    author: textOf(outer["author"]),
    diffIds: textsOf(recordOf(outer["rootfs"])["diff_ids"]),
  };
}

function platformOf(config: Readonly<Record<string, unknown>>): OciPlatform {
  const version = textOf(config["os.version"]);
  const features = textsOf(config["os.features"]);
  return {
    architecture: textOf(config["architecture"]),
    os: textOf(config["os"]),
    ...(version !== "" && { "os.version": version }),
    ...(features.length > 0 && { "os.features": features }),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? { ...value } : {};
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
