import { type TargetResult, attribute, defineRule } from "../../src/index.ts";
import { imageOf } from "./image.ts";
import { packageProgram } from "./program/package.ts";

/** An OCI image layout: of one image, or an index over those of several targets. */
export const ociRule = defineRule({
  name: "unikraft_oci",
  description: "packages images as OCI layout",
  attributes: { images: attribute.labels },
  analyze: (context): TargetResult => {
    const results = context.attributes.images.map((label) => context.dependency(label));
    const images = results.flatMap((result) => imageOf.of(result) ?? []);
    const [first] = images;
    // Why an image cannot be had is reported where that turned out.
    if (first === undefined || images.length < results.length) return { outputs: [] };
    const { kraftfile, name } = first.spec.project;
    const layout = context.output("image");
    const targets = images.map(
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
    const inputs = targets.flatMap(({ kernel, initrd, config, images = [] }) =>
      [kernel, initrd ?? [], config ?? [], images.map((image) => image.config)].flat(),
    );
    context.action({
      kind: "program",
      mnemonic: "Package",
      program: `unikraft/${packageProgram.name}`,
      version: packageProgram.version,
      args: [layout, JSON.stringify({ name, sourceDateEpoch: context.sourceDateEpoch, targets })],
      inputs,
      outputs: [layout],
    });
    return { outputs: [layout] };
  },
});
