// Images that are for urunc already, under another name, with other arguments, variables or labels.

import { FormatError } from "../format/format-error.ts";
import { type Descriptor, sortedRecord } from "../format/image-config.ts";
import { type ImageLayout, mediaType } from "../format/image-layout.ts";
import { packLayer } from "../format/layer.ts";
import { uruncJsonOf, uruncJsonPath, uruncPrefix } from "../format/urunc.ts";
import type { ImageParts } from "./remade-manifest.ts";
import { wholeBytes } from "./whole-blob.ts";
import type { RemakeRequest, SourceImage } from "./remake-image.ts";

/** Whether an image with `labels` says itself how urunc boots it. */
export function isForUrunc(labels: Readonly<Record<string, string>>): boolean {
  return labels[`${uruncPrefix}hypervisor`] !== undefined;
}

/** The manifest of `source` with what `request` changes; all else in its config stays. */
export async function keptManifest(
  { manifest, blobs }: SourceImage,
  { config, layers, platform }: ImageParts,
  { request, layout, pack }: Keeping,
): Promise<Descriptor> {
  const { content, bytes } = manifest;
  if (content.kind === "index") throw new Error("bug: an index is no image");
  if (request.initrd !== undefined) {
    throw new FormatError(request.initrd, "goes into no image that is made for urunc already");
  }
  const cmdline = `${uruncPrefix}cmdline`;
  const changed = request.args === undefined ? {} : { [cmdline]: request.args.join(" ") };
  const stated = wholeBytes(blobs, content.config.digest).toString("utf8");
  const old = JSON.parse(stated) as OldConfig;
  const { annotations = {} } = JSON.parse(bytes.toString("utf8")) as OldManifest;
  const start = {
    ...old.config,
    ...(config.env.length > 0 && { Env: config.env }),
    ...(config.args.length > 0 && { Cmd: config.args }),
    Labels: sortedRecord({ ...config.labels, ...changed }),
  };
  const facts = sortedRecord({ ...annotations, ...changed });
  const isNew = request.args !== undefined && annotations[cmdline] !== facts[cmdline];
  const top = isNew ? await layerFor(facts, layout) : undefined;
  const next = { ...(top === undefined ? old : withLayer(old, top)), config: start };
  const json = await layout.addJson(mediaType.config, JSON.stringify(next));
  const made = {
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: { ...json, platform },
    layers: top === undefined ? layers : [...layers, await pack(top)],
    annotations: facts,
  };
  const descriptor = await layout.addJson(mediaType.manifest, JSON.stringify(made));
  return { ...descriptor, annotations: made.annotations, platform };
}

/** What is made of it, and where. */
interface Keeping {
  readonly request: RemakeRequest;
  readonly layout: ImageLayout;
  /** Packs a layer as it is asked for. */
  readonly pack: (layer: Descriptor) => Descriptor | Promise<Descriptor>;
}

/** A layer with `/urunc.json`, which runtimes read that are given no annotations: it says the same. */
function layerFor(
  facts: Readonly<Record<string, string>>,
  layout: ImageLayout,
): Promise<Descriptor> {
  const text = Buffer.from(uruncJsonOf(facts));
  const [path, sizeBytes] = [uruncJsonPath.slice(1), text.length];
  return layout.addTar(packLayer({ path, sizeBytes, content: [text] }));
}

function withLayer(config: OldConfig, { digest }: Descriptor): OldConfig {
  const { rootfs, history } = config;
  // Where layers are told of one by one, none may be missing.
  const told = Array.isArray(history) ? { history: [...history, { comment: uruncJsonPath }] } : {};
  const ids = [...(rootfs?.diff_ids ?? []), digest];
  return { ...config, rootfs: { ...rootfs, diff_ids: ids }, ...told };
}

interface OldConfig {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly rootfs?: { readonly diff_ids?: readonly string[] };
  readonly history?: readonly unknown[];
}

interface OldManifest {
  readonly annotations?: Readonly<Record<string, string>>;
}
