// Manifests and indexes, read from their JSON. Knows no network.

import { FetchError } from "../fetch/fetch-error.ts";
import { isDigest } from "./reference.ts";
import { offeredOf, type OfferedPlatform } from "./platform-choice.ts";

/** A manifest as a registry has it. */
export interface Manifest {
  /** As they came, as their digest is that of the manifest. */
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: string;
  readonly content: ManifestContent;
}

/** What a manifest says. */
export type ManifestContent = ManifestAbout &
  (
    | { readonly kind: "index"; readonly manifests: readonly ManifestEntry[] }
    | {
        readonly kind: "image";
        readonly config: BlobDescriptor;
        readonly layers: readonly BlobDescriptor[];
      }
  );

/** What indexes and images say alike. */
export interface ManifestAbout {
  /** The manifest that this one is about; undefined: it stands for itself. */
  readonly subject: BlobDescriptor | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A blob of a registry. */
export interface BlobDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One of several manifests. */
export interface ManifestEntry extends BlobDescriptor {
  readonly platform: OfferedPlatform | undefined;
  readonly artifactType: string | undefined;
}

/** Media types of manifests that can be read, those of Docker among them. */
export const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;

/** What `bytes` say; `shown` is their name. Throws a FetchError for what no image can have. */
export function readManifestContent(bytes: Buffer, shown: string): ManifestContent {
  const refuse = (what: string): never => {
    throw new FetchError("bad-manifest", `the manifest of ${shown} ${what}`);
  };
  const value = parsed(bytes) ?? refuse("is not JSON");
  if (field(value, "schemaVersion") !== 2) refuse("is of a version that is not read: it must be 2");
  const about: ManifestAbout = {
    subject: descriptorOf(field(value, "subject")),
    artifactType: textOf(field(value, "artifactType")),
    annotations: annotationsOf(value),
  };
  const manifests = field(value, "manifests");
  if (Array.isArray(manifests)) {
    const entries = manifests.map((one) => entryOf(one) ?? refuse(broken));
    return { kind: "index", manifests: entries, ...about };
  }
  const config = descriptorOf(field(value, "config")) ?? refuse("has no config");
  const layers = field(value, "layers");
  if (!Array.isArray(layers)) return refuse("has no layers");
  return {
    kind: "image",
    config,
    layers: layers.map((layer) => descriptorOf(layer) ?? refuse(broken)),
    ...about,
  };
}

/** The media type that `bytes` state; undefined when they state none. */
export function statedType(bytes: Buffer): string | undefined {
  return textOf(field(parsed(bytes), "mediaType"));
}

const broken = "names a blob without a size, or without a digest of SHA-256";

/** `value` as a descriptor; undefined for what is none. */
function descriptorOf(value: unknown): BlobDescriptor | undefined {
  const [digest, size] = [textOf(field(value, "digest")), field(value, "size")];
  if (digest === undefined || !isDigest(digest)) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  return {
    mediaType: textOf(field(value, "mediaType")) ?? "application/octet-stream",
    digest,
    size,
    annotations: annotationsOf(value),
  };
}

function annotationsOf(value: unknown): Record<string, string> {
  const annotations = field(value, "annotations");
  const named = typeof annotations === "object" && annotations !== null ? annotations : {};
  const texts = Object.entries(named).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(texts) as Record<string, string>;
}

function entryOf(value: unknown): ManifestEntry | undefined {
  const descriptor = descriptorOf(value);
  if (descriptor === undefined) return undefined;
  const platform = field(value, "platform");
  return {
    ...descriptor,
    platform: platform === undefined ? undefined : offeredOf(platform),
    artifactType: textOf(field(value, "artifactType")),
  };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
