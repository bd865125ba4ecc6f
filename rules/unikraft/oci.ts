import {
  type ExecPath,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  type RuleContext,
} from "../../src/index.ts";
import { imageOf } from "./image.ts";
import { layersBy } from "./layers.ts";
import { type Compression, packageProgram, type PackageTarget } from "./program/package.ts";

/** An OCI image layout: of one image, or an index over those of several targets. */
export const ociRule = defineRule({
  name: "unikraft_oci",
  description: "packages images as OCI layout",
  attributes: {
    images: attribute.labels,
    compress: optional(attribute.oneOf("none", "gzip", "zstd"), "none" as const),
  },
  analyze: (context): TargetResult => {
    const { compress } = context.attributes;
    const results = context.attributes.images.map((label) => context.dependency(label));
    const images = results.flatMap((result) => imageOf.of(result) ?? []);
    const [first] = images;
    // Why an image cannot be had is reported where that turned out.
    if (first === undefined || images.length < results.length) return { outputs: [] };
    const { kraftfile, name } = first.spec.project;
    const layout = context.output("image");
    const plain = images.map(
      ({
        machine: { platform, architecture, kernel, initrd, config, args, env, images = [] },
      }) => ({
        platform,
        architecture,
        kernel,
        ...(initrd === undefined ? {} : { initrd }),
        ...(config === undefined ? {} : { config }),
        args,
        env: env.filter((variable) => variable.includes("=")),
        labels: kraftfile.labels,
        ...(images.length > 0 && { images }),
      }),
    );
    const targets = compress === "none" ? plain : withLayers(plain, compress, context);
    context.action({
      kind: "program",
      mnemonic: "Package",
      program: `unikraft/${packageProgram.name}`,
      version: packageProgram.version,
      args: [layout, JSON.stringify({ name, sourceDateEpoch: context.sourceDateEpoch, targets })],
      inputs: targets.flatMap(inputsOf),
      outputs: [layout],
    });
    return { outputs: [layout] };
  },
});

function withLayers(
  targets: readonly PackageTarget[],
  compression: Compression,
  context: Pick<RuleContext<never>, "action" | "output">,
): PackageTarget[] {
  const layerOf = layersBy(compression, context);
  return targets.map((target) => ({
    ...target,
    layers: {
      compression,
      kernel: layerOf(target.kernel, "kernel"),
      ...(target.initrd !== undefined && { initrd: layerOf(target.initrd, "initrd") }),
    },
  }));
}

/** What packaging reads: of files that have layers of their own, these. */
function inputsOf({ kernel, initrd, layers, config, images = [] }: PackageTarget): ExecPath[] {
  const files =
    layers === undefined
      ? [kernel, initrd ?? []]
      : [layers.kernel, layers.initrd ?? []].flat().map(({ tar, compressed }) => [tar, compressed]);
  return [files.flat(), config ?? [], images.map((image) => image.config)].flat();
}
