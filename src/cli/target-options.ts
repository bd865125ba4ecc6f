// The options that all commands share which build or look at targets. Knows no command.

import { readFileSync } from "node:fs";
import { posix } from "node:path";

import { Option } from "clipanion";

import type { Choice } from "../engine/choose-targets.ts";
import type { RepositoryRequest } from "../engine/repository.ts";
import { nodeDisk, withFile } from "../workspace/disk.ts";
import type { Flag } from "../workspace/text-layer.ts";
import type { KraftContext } from "./context.ts";
import { offering, settingOption } from "./option-values.ts";

/** Fields for a command; see {@link repositoryRequest}. */
export const workspaceOptions = {
  kraftfile: () =>
    Option.String("-K,--kraftfile", {
      description:
        "the Kraftfile in place of that of the current directory; - is the standard input",
    }),
  configs: () =>
    offering(
      "--config",
      async (context) => (await import("./names-here.ts")).configNamesHere(context),
      Option.Array("--config", [], {
        description: "use the settings of this name under `configs` in kraft.workspace.yaml",
      }),
    ),
};

/** Fields for a command; see {@link choiceOf}. */
export const choiceOptions = {
  platform: (names = "--plat", description = "only targets for this platform: qemu, fc, xen") =>
    offering(
      names,
      async (context) => (await import("./names-here.ts")).attributesHere("platform", context),
      Option.String(names, { description }),
    ),
  architecture: (description = "only targets for this architecture: x86_64, arm64") =>
    offering(
      "--arch",
      async (context) => (await import("./names-here.ts")).attributesHere("architecture", context),
      Option.String("--arch", { description }),
    ),
  target: (description = "only targets of this name") =>
    offering(
      "--target",
      async (context) => (await import("./names-here.ts")).targetNamesHere(context),
      Option.String("--target", { description }),
    ),
};

/** Fields for a command that builds. */
export const buildOptions = {
  jobs: () =>
    Option.String("-j,--jobs", { description: "how many actions run at once (one per CPU)" }),
  keepGoing: () =>
    Option.Boolean("-k,--keep-going", {
      description: "after a failure, build what does not need it",
    }),
  sandbox: () =>
    settingOption(
      "--sandbox",
      "build.sandbox",
      "how actions are kept apart: auto, bwrap, links, none",
    ),
  compress: () =>
    settingOption(
      "--compress",
      "build.compress",
      "how root file systems are compressed: none, gzip, zstd",
    ),
  keepFileOwners: () =>
    Option.Boolean("--keep-file-owners", {
      description: "keep the owners of files in root file systems, rather than root's for all",
    }),
  events: () =>
    Option.String("--events", { description: "write what happens to this file, as lines of JSON" }),
  explain: () => Option.Boolean("--explain", false, { description: "say why each action runs" }),
  recheck: () =>
    Option.Boolean("--recheck", false, {
      description: "look at every action, even when no file seems to have changed",
    }),
};

/** Fields for a command that may have to fetch sources. */
export const sourceOptions = {
  locked: () =>
    Option.Boolean("--locked", false, {
      description: "refuse to add to kraft.lock.yaml: fail when it does not name a source",
    }),
  offline: () =>
    Option.Boolean("--offline", false, {
      description: "use no network: fail, and list what is not in the cache",
    }),
};

interface WorkspaceFields {
  readonly context: KraftContext;
  readonly kraftfile: string | undefined;
  readonly configs: readonly string[];
}

/** The workspace that a command is about, as its fields say. */
export function repositoryRequest(
  { context, kraftfile, configs }: WorkspaceFields,
  flags: readonly Flag[],
): RepositoryRequest {
  const { host, builtIn } = context;
  const own = { host, builtIn, configs, flags };
  if (kraftfile === undefined) return { ...own, replacement: undefined };
  const replacement = { file: kraftfile, ruleSet: "unikraft" };
  if (kraftfile !== "-") return { ...own, replacement };
  const text = readFileSync(0, "utf8");
  const disk = withFile(nodeDisk, posix.join(host.workingDirectory, kraftfile), text);
  return { ...own, replacement: { ...replacement, text }, disk };
}

interface ChoiceFields {
  readonly platform: string | undefined;
  readonly architecture: string | undefined;
  readonly target: string | undefined;
}

/** The targets that `patterns` and the fields of a command choose. */
export function choiceOf(
  patterns: readonly string[],
  { platform, architecture, target }: ChoiceFields,
): Choice {
  return { patterns, platform, architecture, name: target };
}
