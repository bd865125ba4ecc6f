// What is made for who asks about the options of an image, and not for who builds it.

import type { ExecPath, RuleContext } from "../../src/index.ts";
import { fixedRoot, seen } from "./expand/layout.ts";
import { makeLine, quote, toolsOf } from "./make.ts";
import { menuTree } from "./program/menu-tree.ts";
import { options, type OptionsRequest } from "./program/options.ts";
import type { ImageSpec } from "./project.ts";
import type { RequestedSetting } from "./settings.ts";
import type { Staging } from "./staging.ts";

/** What an image's options follow from. */
export interface OptionSources {
  readonly spec: ImageSpec;
  readonly staging: Staging;
  readonly settings: readonly RequestedSetting[];
  /** The defconfig, which another action makes. */
  readonly request: ExecPath;
  /** What the core made of it. */
  readonly config: ExecPath;
}

type Context = Pick<RuleContext<unknown>, "action" | "output" | "sourceDateEpoch">;

/** The groups `options` and `menu` of a target; see `OptionSupport`. */
export function optionGroups(
  sources: OptionSources,
  context: Context,
): Readonly<Record<string, () => readonly ExecPath[]>> {
  return {
    options: () => [addFacts(sources, addEnvironment(sources, context), context)],
    menu: () => [addMenu(sources, addEnvironment(sources, context), context)],
  };
}

/** What the core tells conf, in which Config.uk files find where they are. */
function addEnvironment(
  { spec, staging, request }: OptionSources,
  { action, output, sourceDateEpoch }: Context,
): ExecPath {
  const environment = output("conf.environment");
  const call = makeLine({
    image: spec,
    places: staging.seen,
    scratch: seen.build,
    config: seen.config,
    sourceDateEpoch,
    goal: 'UK_DEFCONFIG="$root"/defconfig defconfig',
  });
  const script = [
    "root=$PWD",
    `mkdir -p ${seen.tools}`,
    // In place of conf: the core makes none where there is one.
    `printf '#!/bin/sh\\nenv -0 > "%s"\\n' "$root/seen" > ${seen.tools}/conf`,
    `chmod +x ${seen.tools}/conf`,
    // It looks for the .config afterwards, which nobody wrote.
    `${call} > log 2>&1 || test -s seen || { cat log >&2; exit 1; }`,
    `sort -z seen | sed -z "s|$root|${fixedRoot}|g" | grep -zv '^_=' > environment`,
  ].join("\n");
  action({
    kind: "command",
    mnemonic: "ConfEnvironment",
    argv: ["sh", "-ec", script],
    env: {},
    inputs: [...Object.values(staging.skeletons), request],
    outputs: [environment],
    mounts: { ...skeletonMounts(staging), [request]: "defconfig", [environment]: "environment" },
    tools: [...toolsOf(spec), "env", "sort", "grep"],
  });
  return environment;
}

function addFacts(
  { spec, staging, settings, request, config }: OptionSources,
  environment: ExecPath,
  { action, output }: Context,
): ExecPath {
  const facts = output("options.json");
  const { places, seen: seenPlaces } = staging;
  const pairs = [
    [seenPlaces.core, places.core],
    [seenPlaces.app, places.app],
    ...seenPlaces.libraries.map((path, i) => [path, places.libraries[i] ?? path]),
  ].map(([at = "", path = ""]) => [at, path.replace(/^external\//, "@")]);
  const words: OptionsRequest = { settings, places: Object.fromEntries(pairs) };
  action({
    kind: "program",
    mnemonic: "Options",
    subject: spec.targetName,
    program: `unikraft/${options.name}`,
    version: options.version,
    args: ["options", "environment", "defconfig", "config", JSON.stringify(words)],
    inputs: [...Object.values(staging.skeletons), request, config, environment],
    outputs: [facts],
    mounts: {
      ...skeletonMounts(staging),
      [request]: "defconfig",
      [config]: "config",
      [environment]: "environment",
      [facts]: "options",
    },
  });
  return facts;
}

function addMenu(
  { spec, staging, request }: OptionSources,
  environment: ExecPath,
  { action, output, sourceDateEpoch }: Context,
): ExecPath {
  const menu = output("menu");
  const places = staging.seen;
  const lines = ['UK_DEFCONFIG="$root"/defconfig defconfig', "menuconfig"].map((goal) =>
    makeLine({
      image: spec,
      places,
      scratch: seen.build,
      config: seen.config,
      sourceDateEpoch,
      goal,
    }),
  );
  action({
    kind: "program",
    mnemonic: "Menu",
    subject: spec.targetName,
    program: `unikraft/${menuTree.name}`,
    version: menuTree.version,
    args: [
      "menu",
      JSON.stringify(lines.map((line) => `root=$PWD\nmkdir -p ${quote(seen.build)}\n${line}`)),
      ...Object.keys(staging.skeletons),
    ],
    inputs: [...Object.values(staging.skeletons), request, environment],
    outputs: [menu],
    mounts: {
      ...skeletonMounts(staging),
      [request]: "defconfig",
      [environment]: "environment",
      [menu]: "menu",
    },
  });
  return menu;
}

function skeletonMounts({ skeletons }: Staging): Record<ExecPath, ExecPath> {
  return Object.fromEntries(Object.entries(skeletons).map(([at, path]) => [path, at]));
}
