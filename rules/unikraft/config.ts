import {
  type Label,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import {
  type MakePlaces,
  hiddenFrom,
  irrelevantToOptions,
  kernelFileName,
  makeLine,
  placesOf,
  quote,
  toolsOf,
} from "./make.ts";
import type { ImageSpec } from "./project.ts";
import { defconfig } from "./program/defconfig.ts";
import { resolvedConfig } from "./program/resolved-config.ts";
import { rootfsFile } from "./rootfs.ts";
import { embedsRootfs, requestedSettings } from "./settings.ts";

/** The resolved options of an image. */
export const configFile = provider<string>("unikraft.config");

/** How the reader of Kraftfiles hands an image to the rules. */
export const imageSpec = attribute.checked<ImageSpec>("an image");

/** Where the sandbox's fixed root is, which stands in options for wherever the input root is. */
export const fixedRoot = "/kraft";

/**
 * `.config`: what is asked for, resolved by the core's own Kconfig. Three steps, as a change in one
 * often stops there: the request in canonical form, the core's answer, and the answer checked
 * against the request and freed of paths.
 */
export const configRule = defineRule({
  name: "unikraft_config",
  description: "resolves the options of an image",
  attributes: { spec: imageSpec, rootfs: optional(attribute.label, undefined) },
  analyze: (context): TargetResult => {
    const { spec, rootfs } = context.attributes;
    const places = placesOf(spec, context);
    if (places === undefined) return { outputs: [] };
    const embedded = embeddedRootfs(spec, rootfs, (label) =>
      rootfsFile.of(context.dependency(label)),
    );
    const settings = requestedSettings(spec.project, spec.target, embedded);
    const directories = [places.core, ...places.libraries, places.app];
    const request = context.output("defconfig");
    const answer = context.output("answer.config");
    const config = context.output(`.config.${kernelFileName(spec)}`);
    const request_ = JSON.stringify({ settings, libraries: librariesOf(spec, places) });
    context.action({
      kind: "program",
      mnemonic: "Defconfig",
      program: `unikraft/${defconfig.name}`,
      version: defconfig.version,
      args: [request, request_, ...directories],
      inputs: directories,
      without: withoutSources(spec, places),
      outputs: [request],
    });
    context.action({
      kind: "command",
      mnemonic: "Configure",
      argv: ["sh", "-ec", configureScript(spec, places, { ...context, request, answer })],
      env: {},
      inputs: [...directories, request],
      without: withoutSources(spec, places),
      outputs: [answer],
      tools: toolsOf(spec),
    });
    context.action({
      kind: "program",
      mnemonic: "CheckConfig",
      program: `unikraft/${resolvedConfig.name}`,
      version: resolvedConfig.version,
      args: [config, answer, places.core, JSON.stringify(settings)],
      inputs: [answer],
      outputs: [config],
    });
    return {
      outputs: [config],
      providers: configFile.give(config),
      layout: { [`.config.${kernelFileName(spec)}`]: config },
    };
  },
});

/** Where the kernel will find the root file system that it is to have inside. */
function embeddedRootfs(
  { project, target }: ImageSpec,
  rootfs: Label | undefined,
  fileOf: (label: Label) => string | undefined,
): string | undefined {
  if (rootfs === undefined || !embedsRootfs(project, target)) return undefined;
  const file = fileOf(rootfs);
  return file === undefined ? undefined : `${fixedRoot}/${file}`;
}

function librariesOf(
  { project }: ImageSpec,
  { libraries }: MakePlaces,
): { name: string; path: string }[] {
  return libraries.map((path, i) => ({ name: project.libraries[i]?.name ?? "", path }));
}

function withoutSources(spec: ImageSpec, places: MakePlaces): Record<string, readonly string[]> {
  const hidden = hiddenFrom(spec, places);
  const all = [places.core, ...places.libraries, places.app];
  return Object.fromEntries(
    all.map((path) => [path, [...(hidden[path] ?? []), ...irrelevantToOptions]]),
  );
}

interface Steps {
  readonly output: (name: string) => string;
  readonly sourceDateEpoch: number;
  readonly request: string;
  readonly answer: string;
}

function configureScript(image: ImageSpec, places: MakePlaces, steps: Steps): string {
  const { output, sourceDateEpoch, request, answer } = steps;
  const scratch = output("make");
  const goal = `UK_DEFCONFIG="$root"/${quote(request)} defconfig`;
  const call = { image, places, scratch, config: answer, sourceDateEpoch, goal };
  // An app need not have a makefile of its own, but the core wants to read one.
  return [`root=$PWD`, `mkdir -p ${quote(scratch)}`, makeLine(call)].join("\n");
}
