// The images that a Dockerfile begins with → the actions that open them.

import type { Report } from "../diagnostic/diagnostic.ts";
import type { StageAction } from "./build-actions.ts";
import { FormatError } from "../format/format-error.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import { formatPlatform, imageNameOf, type ImagePlatform } from "./platform.ts";
import { type ChosenBase, type DockerfileRequest, dockerfileAction } from "./request.ts";
import type { Resolved } from "./resolve.ts";

/**
 * The actions that make each image of `resolved` into a layer, or find it for a builder, and then
 * plan again. Undefined when one has an impossible name, which was reported.
 */
export function imageActions(
  resolved: Resolved,
  {
    request,
    isForBuilder,
  }: { readonly request: DockerfileRequest; readonly isForBuilder: boolean },
  report: Report,
): StageAction[] | undefined {
  const actions: StageAction[] = [];
  const bases: Record<string, NonNullable<DockerfileRequest["bases"]>[string]> = {};
  const chosenBases: Record<string, ChosenBase> = {};
  for (const [number, [image, platform]] of [...resolved.images].entries()) {
    const given = request.images[imageNameOf(image)];
    const layout = given ?? `${request.work}/image${number}`;
    const reference = referenceOf(imageNameOf(image), resolved, report);
    if (reference === undefined) continue;
    if (given === undefined) {
      actions.push({
        kind: "fetch",
        mnemonic: "Fetch",
        subject: image,
        source: { kind: "image", reference, platform: wantedPlatformOf(platform) },
        inputs: [],
        outputs: [layout],
        resources: { network: 1 },
      });
    }
    const name = `${request.work}/base${number}`;
    if (isForBuilder) {
      const chosen = { layout, index: `${name}.index.json`, config: `${name}.json` };
      chosenBases[image] = chosen;
      actions.push(choosingAction(chosen, { image, platform, request }));
      continue;
    }
    const base = {
      layer: `${name}.layer`,
      names: `${name}.names`,
      config: `${name}.json`,
      layout,
    };
    bases[image] = base;
    actions.push({
      kind: "program",
      mnemonic: "Image",
      subject: `${imageNameOf(image)} for ${formatPlatform(platform)}`,
      program: `${request.ruleSet}/image-open`,
      version: 2,
      args: [layout, platform.architecture, base.layer, base.names, base.config],
      inputs: [layout],
      outputs: [base.layer, base.names, base.config],
    });
  }
  const known = isForBuilder ? chosenBases : bases;
  if (Object.keys(known).length < resolved.images.size) return undefined;
  const next = { ...request, actions: `${request.work}/actions.json` };
  const again = isForBuilder ? { ...next, chosenBases } : { ...next, bases };
  return [...actions, dockerfileAction(again)];
}

/** A builder opens images itself: all that is to be known is which one, and what it says. */
function choosingAction(
  { layout, index, config }: ChosenBase,
  about: {
    readonly image: string;
    readonly platform: ImagePlatform;
    readonly request: DockerfileRequest;
  },
): StageAction {
  const { image, platform, request } = about;
  return {
    kind: "program",
    mnemonic: "Image",
    subject: `${image} for ${formatPlatform(platform)}`,
    program: `${request.ruleSet}/image-choose`,
    version: 1,
    args: [layout, platform.architecture, config, index],
    inputs: [layout],
    outputs: [config, index],
  };
}

/** The full name of `image`; undefined when it is none, which is reported. */
function referenceOf(image: string, { dockerfile }: Resolved, report: Report): string | undefined {
  try {
    return formatReference(parseReference(image, "docker"));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const stage = dockerfile.stages.find(({ base }) => base === image);
    const at = stage === undefined ? {} : { at: stage.at };
    const { message } = error;
    report({ severity: "error", code: "bad-dockerfile", message, ...at });
    return undefined;
  }
}

function wantedPlatformOf({ os, architecture, variant }: ImagePlatform) {
  return { os, architecture, ...(variant !== "" && { variant }) };
}
