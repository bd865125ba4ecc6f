// Images of unikernels as OCI layouts, with what KraftKit expects in them. Knows no registry.

import { stat } from "node:fs/promises";

import { fileContent, writePieces } from "./file-content.ts";
import { FormatError } from "./format-error.ts";
import {
  type Descriptor,
  type ImageCommand,
  type ImagePlatform,
  type OciPlatform,
  ociPlatformOf,
  sortedRecord,
} from "./image-config.ts";
import {
  type CompressedFile,
  type IdentifiedLayer,
  ImageLayout,
  indexJsonOf,
  mediaType,
} from "./image-layout.ts";
import { addManifest } from "./image-manifest.ts";
import {
  type ImageReference,
  formatImageReference,
  isTag,
  parseImageReference,
} from "./image-reference.ts";
import { packLayer } from "./layer.ts";

/** What to put into a layout. */
export interface ImageSpec {
  /**
   * What the tag stands for. `image`: the manifest of the one target, which all tools take as it
   * is. `index`: an index of all targets, which KraftKit wants in registries; each target also
   * has the tag `<tag>-<target>`, as tools for containers pick nothing from such an index.
   */
  readonly kind: "image" | "index";
  /** As in {@link parseImageReference}. */
  readonly name: string;
  /** Seconds since 1970, from SOURCE_DATE_EPOCH; absent: the image does not say. */
  readonly created?: number;
  /** One and no more for an `image`. */
  readonly targets: readonly ImageTarget[];
}

/** A kernel, and all that belongs to it. */
export interface ImageTarget extends ImagePlatform, ImageCommand {
  /** Of the target, such as `qemu-x86_64`; no other in the image has it. */
  readonly name: string;
  /** An absolute path. */
  readonly kernel: string;
  /** An absolute path; absent: it has none. */
  readonly initrd?: string;
  /** The layers that are in place of those of `kernel` and `initrd`; absent: these, as they are. */
  readonly layers?: { readonly kernel: CompressedFile; readonly initrd?: CompressedFile };
}

/**
 * Writes `spec` as an OCI image layout into the absolute path `directory`: the same bytes for the
 * same spec and files. Throws a FormatError for names that no image can have.
 *
 * Source: OCI image-spec, "Image Layout"; KraftKit, oci/pack.go, oci/manifest.go, oci/index.go.
 */
export async function writeImage(
  directory: string,
  spec: ImageSpec,
  signal: AbortSignal,
): Promise<void> {
  const reference = parseImageReference(spec.name);
  const tags = tagsOf(spec, reference.tag);
  const layout = await ImageLayout.open(directory, signal);
  const manifests: Descriptor[] = [];
  for (const target of spec.targets) {
    manifests.push(await addTarget(layout, target, annotationsOf(reference, spec.created)));
  }
  const roots = manifests.map((manifest, i) => rootOf(manifest, { ...reference, tag: tags[i]! }));
  const annotations = namesOf(reference);
  if (spec.kind === "image") return layout.finish(roots, annotations);
  const index = await layout.addJson(mediaType.index, indexJsonOf(manifests, annotations));
  return layout.finish([rootOf(index, reference), ...roots], annotations);
}

/** Where things are in an image. Source: KraftKit, oci/wellknown.go, oci/annotations.go. */
export const wellKnown = {
  kernel: { path: "/unikraft/bin/kernel", annotation: "org.unikraft.kernel.image" },
  initrd: { path: "/unikraft/bin/initrd", annotation: "org.unikraft.kernel.initrd" },
} as const;

const containerdName = "io.containerd.image.name";
const refName = "org.opencontainers.image.ref.name";
/** KraftKit passes over images without it, and does not mind what it says. */
const kraftkitVersion = "sh.kraftkit.version";
const toolName = "kraft-graph";

async function addTarget(
  layout: ImageLayout,
  target: ImageTarget,
  shared: Readonly<Record<string, string>>,
): Promise<Descriptor> {
  const platform = ociPlatformOf(target);
  const kinds = ["kernel", "initrd"] as const;
  const found = [];
  for (const kind of kinds) {
    const layer = await addLayer(layout, target, kind);
    if (layer !== undefined) found.push(layer);
  }
  const layers = found.map(({ layer }) => layer);
  const diffIds = found.map(({ diffId }) => diffId);
  const annotations = sortedRecord({ ...shared, ...versionOf(platform) });
  return addManifest(layout, { platform, command: target, layers, diffIds, annotations });
}

/** Undefined where the target has no such file. */
async function addLayer(
  layout: ImageLayout,
  target: ImageTarget,
  kind: keyof typeof wellKnown,
): Promise<IdentifiedLayer | undefined> {
  const { path, annotation } = wellKnown[kind];
  const annotations = { [annotation]: path };
  if (target.layers !== undefined) {
    const compressed = target.layers[kind];
    if (compressed === undefined) return undefined;
    const { layer, diffId } = await layout.addCompressed(compressed);
    return { layer: { ...layer, annotations }, diffId };
  }
  const file = target[kind];
  if (file === undefined) return undefined;
  const layer = await layout.addLayer(file, path.slice(1));
  // It is not compressed, so its digest is that of its content too.
  return { layer: { ...layer, annotations }, diffId: layer.digest };
}

/** Writes the layer that an image has of the absolute path `file` to `to`. Throws a FormatError. */
export async function writeLayer(
  file: string,
  { kind, to }: { readonly kind: keyof typeof wellKnown; readonly to: string },
  signal: AbortSignal,
): Promise<void> {
  const { size } = await stat(file);
  const path = wellKnown[kind].path.slice(1);
  const layer = packLayer({ path, sizeBytes: size, content: fileContent(file, size) });
  await writePieces(to, layer, signal);
}

/** What a manifest of `reference` says, whatever it is about. */
export function annotationsOf(
  reference: ImageReference,
  created: number | undefined,
): Record<string, string> {
  return {
    ...namesOf(reference),
    "org.unikraft.image.name": reference.repository,
    ...(created !== undefined && { "org.opencontainers.image.created": timeOf(created) }),
  };
}

/** By these, KraftKit knows images as its own. */
export function namesOf(reference: ImageReference): Record<string, string> {
  return {
    [containerdName]: formatImageReference(reference),
    [refName]: reference.repository,
    [kraftkitVersion]: toolName,
  };
}

/** `descriptor` as what `reference` names in a layout. */
function rootOf(descriptor: Descriptor, reference: ImageReference): Descriptor {
  // In a layout this is the tag, elsewhere what KraftKit makes of it.
  const names = { ...namesOf(reference), [refName]: reference.tag };
  return { ...descriptor, annotations: sortedRecord({ ...descriptor.annotations, ...names }) };
}

function versionOf(platform: OciPlatform): Record<string, string> {
  const version = platform["os.version"];
  return version === undefined ? {} : { "org.unikraft.kernel.version": version };
}

/** RFC 3339, in whole seconds. */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** The tag of each target in the layout. Throws a FormatError for what no tag can be. */
function tagsOf({ kind, targets }: ImageSpec, tag: string): string[] {
  if (targets.length === 0 || (kind === "image" && targets.length > 1)) {
    throw new Error(`bug: an ${kind} of ${targets.length} targets`);
  }
  const tags = kind === "image" ? [tag] : targets.map(({ name }) => `${tag}-${name}`);
  const wrong = tags.find((one, i) => !isTag(one) || tags.indexOf(one) !== i);
  if (wrong === undefined) return tags;
  throw new FormatError(wrong, "can be no tag of the image, or is there twice");
}
