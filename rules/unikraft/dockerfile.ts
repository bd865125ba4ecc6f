// Dockerfiles that Kraftfiles name: where they are, and what is built of them.

import { posix } from "node:path";

import {
  dockerfileAction,
  type DockerfileRequest,
  type DockerfileSettings,
  type ExecPath,
  type LoadContext,
  parsePlatform,
  type RuleContext,
} from "../../src/index.ts";
import type { Rootfs } from "./kraftfile/rootfs.ts";

/** A Dockerfile with its context; paths are relative to the package, or absolute. */
export interface ProjectDockerfile {
  readonly path: string;
  readonly isFound: boolean;
  readonly context: string;
  /** Which files of the context are none; absent: nothing says so. */
  readonly ignoreFile?: string;
  readonly hostArchitecture: string;
  readonly settings: DockerfileSettings;
}

const noSettings: DockerfileSettings = { images: {}, args: {}, target: undefined };

/**
 * The Dockerfile that `rootfs` is made from; undefined when it is made from something else. Its
 * context is the package, unless the Kraftfile says which directory it is.
 *
 * Source: kraftkit.md §1.11, §4.1, §4.5.
 */
export function dockerfileOf(
  { path, type, dockerfile }: Rootfs,
  found: "file" | "directory" | undefined,
  context: LoadContext,
): ProjectDockerfile | undefined {
  const isNamed = type === undefined && /dockerfile/i.test(path) && found !== "directory";
  if (type !== "dockerfile" && !isNamed) return undefined;
  const isContext = dockerfile !== undefined || found === "directory";
  const directory = isContext ? path : ".";
  const file = isContext ? posix.resolve("/", dockerfile ?? "Dockerfile").slice(1) : path;
  const place = isContext ? posix.join(directory, file) : file;
  // Source: Docker, ".dockerignore files": the file's own goes before that of the context.
  const ignoreFiles = [`${place}.dockerignore`, posix.join(directory, ".dockerignore")];
  const ignoreFile = ignoreFiles.find((one) => context.kindOf(one) === "file");
  return {
    path: place,
    isFound: context.kindOf(place) === "file",
    context: directory,
    hostArchitecture: context.hostArchitecture,
    settings: context.dockerfiles ?? noSettings,
    ...(ignoreFile !== undefined && { ignoreFile }),
  };
}

/** Where what is made of a Dockerfile goes, and how. */
export type DockerfileOutputs = Pick<DockerfileRequest, "tree" | "packing" | "config">;

/** Adds the action that reads `dockerfile`, and lists those that build it. */
export function buildDockerfile(
  dockerfile: ProjectDockerfile,
  outputs: DockerfileOutputs,
  {
    attributes,
    component,
    output,
    action,
    sourceDateEpoch,
  }: RuleContext<{
    readonly architecture: string;
  }>,
): void {
  const { path, context, ignoreFile, settings, hostArchitecture } = dockerfile;
  const { target, args, images, executor } = settings;
  const at = (name: string, place: string): ExecPath =>
    component(name, { kind: "directory", directory: place });
  const platformOf = (architecture: string) =>
    parsePlatform(architecture) ?? { os: "linux", architecture, variant: "" };
  const place = at("dockerfile", path);
  action(
    dockerfileAction({
      ...outputs,
      ruleSet: "unikraft",
      path: place,
      dockerfile: place,
      context: at("rootfs", context),
      ...(ignoreFile !== undefined && { ignoreFile: at("dockerignore", ignoreFile) }),
      choice: {
        buildArgs: args,
        platform: platformOf(attributes.architecture),
        buildPlatform: platformOf(hostArchitecture),
        ...(target !== undefined && { target }),
      },
      images: Object.fromEntries(
        Object.entries(images).map(([name, directory]) => [
          name,
          at(`image-${name.replaceAll(/[^\w.-]/g, "-")}`, directory),
        ]),
      ),
      ...(executor !== undefined && { executor }),
      actions: output("dockerfile.json"),
      work: output("stages"),
      mtime: sourceDateEpoch,
    }),
  );
}
