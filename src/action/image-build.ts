// A Dockerfile that a program of the machine builds as a whole, in place of the engine.

import type { ExecPath } from "./action.ts";

/** Programs that build Dockerfiles: clients of BuildKit, and those that need no daemon. */
export const imageBuilders = ["buildctl", "docker", "buildah", "podman"] as const;

export type ImageBuilder = (typeof imageBuilders)[number];

/** What a command builds. Its only output is a directory: an OCI layout with the image alone. */
export interface ImageBuild {
  readonly builder: ImageBuilder;
  readonly dockerfile: ExecPath;
  /** A tar of all that its instructions may read of the context. */
  readonly context: ExecPath;
  /** What is built on, so that the builder pulls nothing. */
  readonly bases: readonly BuildBase[];
  /** As in `linux/arm/v7`. */
  readonly platform: string;
  /** A stage; absent: the last. */
  readonly target?: string;
  /** Values of ARG. */
  readonly args: Readonly<Record<string, string>>;
  /** What the user hands over by name, which no key depends on. */
  readonly secrets: readonly BuildSecret[];
  /** The ids of ssh agents that it may use. */
  readonly agents: readonly BuildSecret[];
  /** What it may do beyond the usual. */
  readonly rights: readonly BuildRight[];
}

/** An image, as the Dockerfile names it. */
export interface BuildBase {
  readonly name: string;
  /** A directory: an OCI layout. */
  readonly layout: ExecPath;
  /** An index for it with that image alone. */
  readonly index: ExecPath;
}

/** A secret, or an agent. */
export interface BuildSecret {
  readonly id: string;
  readonly isRequired: boolean;
}

export const buildRights = ["network.host", "security.insecure"] as const;

/** As BuildKit names it. */
export type BuildRight = (typeof buildRights)[number];

/** What decides the result of a build, besides the content of its inputs. */
export function factsOfBuild(build: ImageBuild): (readonly [name: string, value: string])[] {
  const { builder, dockerfile, context, bases, platform, target, args, rights } = build;
  return [
    ["builder", builder],
    ["Dockerfile", dockerfile],
    ["build context", context],
    ...bases.map((base): [string, string] => [`base ${base.name}`, `${base.layout} ${base.index}`]),
    ["platform", platform],
    ["build target", target ?? ""],
    ...Object.keys(args)
      .sort()
      .map((name): [string, string] => [`build arg ${name}`, args[name] ?? ""]),
    ["secrets", idsOf(build.secrets)],
    ["agents", idsOf(build.agents)],
    ["rights", rights.join(" ")],
  ];
}

function idsOf(secrets: readonly BuildSecret[]): string {
  return secrets.map(({ id, isRequired }) => `${JSON.stringify(id)} ${isRequired}`).join(" ");
}
