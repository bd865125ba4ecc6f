import type { Declaration, LoadContext, Source, Span } from "../../src/index.ts";
import { type KraftTarget, readKraftfile } from "./kraftfile/kraftfile.ts";
import { targetLabelsOf } from "./kraftfile/target-label.ts";
import { type ImageSpec, type Project, isLabel, projectOf, targetsOf } from "./project.ts";
import { imageFor } from "./runtime.ts";
import { surplusVariables } from "./settings.ts";

/** The targets of a package with a Kraftfile: for each entry of `targets`, an image and its parts. */
export function loadKraftfile(file: Source, context: LoadContext): readonly Declaration[] {
  const kraftfile = readKraftfile(file, context);
  if (kraftfile === undefined) return [];
  const project = projectOf(kraftfile, context);
  const targets = targetsOf(project);
  const labels = targetLabelsOf(targets);
  const images = targets.map((target, i) => ({ project, target, targetName: labels[i] ?? "" }));
  for (const { target } of images) warnOfSurplus(project, target, context);
  const compress = context.compressLayers ?? "none";
  const standard = defaultOf(images, context.hostArchitecture);
  return [
    ...images.flatMap((image) => {
      const runtime = runtimeLabel(image, context);
      return imageDeclarations(image, { isDefault: image === standard, runtime, compress });
    }),
    ...rootfsDeclarations(project, targets, context.hostArchitecture),
    ...indexDeclaration(project, images, compress),
  ];
}

/** A kernel that is built has room for so many variables, and no more. */
function warnOfSurplus(project: Project, target: KraftTarget, { report }: LoadContext): void {
  const surplus = project.core === undefined ? 0 : surplusVariables(project, target);
  if (surplus === 0) return;
  const { platform, architecture } = target;
  const which = surplus === 1 ? "the last variable is" : `the last ${surplus} variables are`;
  report({
    severity: "warning",
    code: "bad-environment",
    message: `${which} not in the kernel for ${platform}/${architecture}, which has room for no more`,
    at: project.kraftfile.envAt ?? target.at,
    help: 'with CONFIG_LIBPOSIX_ENVIRON_LIBPARAM, "kraft-graph run" hands over all of them',
  });
}

/** What `//package` stands for: the first image that this machine can boot, else the first. */
function defaultOf(images: readonly ImageSpec[], hostArchitecture: string): ImageSpec | undefined {
  const isLocal = ({ target }: ImageSpec): boolean => target.architecture === hostArchitecture;
  return images.find(isLocal) ?? images[0];
}

/** The label of the image whose kernel this one takes; undefined when there is none. */
function runtimeLabel({ project, target }: ImageSpec, context: LoadContext): string | undefined {
  const { provider, kraftfile } = project;
  const { runtime } = kraftfile;
  if (provider === undefined || runtime?.kind !== "package") return undefined;
  return imageFor(target, { provider, runtime }, context)?.label;
}

interface ImagePlace {
  readonly isDefault: boolean;
  readonly runtime: string | undefined;
  /** How the layers of its package are. */
  readonly compress: string;
}

function imageDeclarations(
  image: ImageSpec,
  { isDefault, runtime, compress }: ImagePlace,
): Declaration[] {
  const { targetName, target, project } = image;
  const { at } = target;
  const sibling = (suffix: string): string => `:${targetName}${suffix}`;
  const rootfs =
    project.rootfs === undefined ? {} : { rootfs: text(`:rootfs-${target.architecture}`, at) };
  const hasSource = project.core !== undefined;
  const spec = { value: image, at };
  const components = { value: componentLabels(project), at };
  return [
    ...(hasSource
      ? [
          {
            name: `${targetName}.config`,
            rule: "unikraft_config",
            at,
            attributes: { spec, components, ...rootfs },
          },
          {
            name: `${targetName}.kernel`,
            rule: "unikraft_kernel",
            at,
            attributes: { spec, components, config: text(sibling(".config"), at), ...rootfs },
          },
        ]
      : []),
    {
      name: targetName,
      rule: "unikraft_image",
      at,
      isDefault,
      attributes: {
        spec,
        platform: text(target.platform, at),
        architecture: text(target.architecture, at),
        ...(hasSource
          ? { kernel: text(sibling(".kernel"), at), config: text(sibling(".config"), at) }
          : {}),
        ...(runtime === undefined
          ? {}
          : { runtime: text(runtime, project.kraftfile.runtime?.at ?? at) }),
        ...rootfs,
      },
    },
    {
      name: `${targetName}.oci`,
      rule: "unikraft_oci",
      at,
      attributes: { images: { value: [sibling("")], at }, compress: text(compress, at) },
    },
  ];
}

/** What the kernel is made of besides the app, by names that stand wherever it comes from. */
function componentLabels({ core, libraries, app }: Project): string[] {
  const parts = [core, ...libraries, app].filter((one) => one !== undefined);
  return [...new Set(parts.map(({ name }) => `@${name}//:source`))];
}

/** One root file system for each architecture that a target asks for, as Dockerfiles differ by it. */
function rootfsDeclarations(
  project: Project,
  targets: readonly KraftTarget[],
  hostArchitecture: string,
): Declaration[] {
  if (project.rootfs === undefined) return [];
  const architectures = new Set(targets.map(({ architecture }) => architecture));
  if (architectures.size === 0) architectures.add(hostArchitecture);
  const { at, path } = project.rootfs;
  return [...architectures].sort().map((architecture) => ({
    name: `rootfs-${architecture}`,
    rule: "unikraft_rootfs",
    at,
    isDefault: targets.length === 0,
    attributes: {
      rootfs: { value: project.rootfs, at },
      architecture: text(architecture, at),
      ...(isLabel(path) && { source: text(path, at) }),
    },
  }));
}

/** The index over the images of all targets. */
function indexDeclaration(
  project: Project,
  images: readonly ImageSpec[],
  compress: string,
): Declaration[] {
  if (images.length === 0) return [];
  const { at } = project.kraftfile;
  const labels = images.map(({ targetName }) => `:${targetName}`);
  const attributes = { images: { value: labels, at }, compress: text(compress, at) };
  return [{ name: "oci", rule: "unikraft_oci", at, attributes }];
}

function text(value: string, at: Span): { value: string; at: Span } {
  return { value, at };
}
