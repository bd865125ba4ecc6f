// Where the actions of an image see the core, the libraries and the app. Knows no option.

import type { ExecPath, RuleContext } from "../../src/index.ts";
import { seen, seenLibrary } from "./expand/layout.ts";
import {
  hiddenFrom,
  type MakePlaces,
  makeLine,
  placesOf,
  quote,
  toolsOf,
  type PlaceContext,
} from "./make.ts";
import { skeleton } from "./program/skeleton.ts";
import type { ImageSpec } from "./project.ts";

/** The parts of an image as paths of the graph, and how actions see them. */
export interface Staging {
  /** Of the graph. */
  readonly places: MakePlaces;
  /** As actions see them. */
  readonly seen: MakePlaces;
  /** The places as mounts. */
  readonly mounts: Readonly<Record<ExecPath, ExecPath>>;
  /** What actions do not see of the places. */
  readonly without: Readonly<Record<ExecPath, readonly string[]>>;
  /** The same trees with empty sources, by where the whole ones are seen. */
  readonly skeletons: Readonly<Record<ExecPath, ExecPath>>;
  /** The directory of the tool that resolves options. */
  readonly tools: ExecPath;
}

type Context = PlaceContext & Pick<RuleContext<unknown>, "output">;

/** The staging of `spec`, with the actions that it takes; undefined when a part cannot be had. */
export function stagingOf(spec: ImageSpec, context: Context): Staging | undefined {
  const places = placesOf(spec, context);
  if (places === undefined) return undefined;
  const libraries = spec.project.libraries.map(({ name }) => seenLibrary(name));
  const pairs: (readonly [ExecPath, ExecPath])[] = [
    [places.core, seen.core],
    ...places.libraries.map((path, i) => [path, libraries[i] ?? ""] as const),
    [places.app, seen.app],
  ];
  const without = hiddenFrom(spec, places);
  const skeletons = pairs.map(([path, at]) => {
    const identity = JSON.stringify([path, without[path] ?? []]);
    const output = context.component(`skeleton.${at.replaceAll("/", ".")}`, {
      kind: "action",
      identity,
    });
    context.action({
      kind: "program",
      mnemonic: "Skeleton",
      subject: path === "." ? at : path,
      program: `unikraft/${skeleton.name}`,
      version: skeleton.version,
      args: ["skeleton", "source"],
      inputs: [path],
      ...(without[path] !== undefined && { without: { [path]: without[path] } }),
      outputs: [output],
      mounts: { [path]: "source", [output]: "skeleton" },
    });
    return [at, output] as const;
  });
  const tools = addTools(spec, places.core, new Map(skeletons), context);
  return {
    places,
    seen: { core: seen.core, app: seen.app, libraries },
    mounts: Object.fromEntries(pairs),
    without,
    skeletons: Object.fromEntries(skeletons),
    tools,
  };
}

/** The core's tool that resolves options, built once for all images. */
function addTools(
  spec: ImageSpec,
  core: ExecPath,
  skeletons: ReadonlyMap<ExecPath, ExecPath>,
  context: Context,
): ExecPath {
  const tools = context.component("kconfig", { kind: "action", identity: core });
  const source = skeletons.get(seen.core) ?? "";
  const output = `${tools}/conf`;
  const callFor = (goal: string, startsOnce = false): string =>
    makeLine({
      image: spec,
      places: { core: seen.core, app: "nothing", libraries: [] },
      scratch: "build",
      config: "build/.config",
      sourceDateEpoch: 0,
      name: "tools",
      crossCompiles: false,
      goal,
      startsOnce,
    });
  // A core may have no goal for the tool alone: then it writes its own options as well, for which
  // there is no app and no wish. What is wrong with the tool is told there.
  const script = [
    "root=$PWD",
    "mkdir -p build nothing tools",
    ": > empty",
    `${callFor('-j2 "$root"/build/kconfig/conf', true)} > alone 2>&1 ||`,
    callFor('UK_DEFCONFIG="$root"/empty defconfig'),
    `cp build/kconfig/conf ${quote(seen.tools)}.new`,
    `mv ${quote(seen.tools)}.new tools/conf`,
  ];
  context.action({
    kind: "command",
    mnemonic: "HostTools",
    subject: `${core}/support/kconfig`,
    argv: ["sh", "-ec", script.join("\n")],
    env: {},
    inputs: [source],
    outputs: [output],
    mounts: { [source]: seen.core, [tools]: "tools" },
    tools: toolsOf({
      ...spec,
      target: { ...spec.target, architecture: spec.project.hostArchitecture },
    }),
    resources: { cpu: 2 },
  });
  return tools;
}
