// Which image of several is meant. Knows no network.

import { formatWantedPlatform, type WantedPlatform } from "../action/remote-source.ts";

/** What an index, or a config, says that an image is for. Source: image-spec, `platform`. */
export interface OfferedPlatform {
  readonly os?: string | undefined;
  readonly architecture?: string | undefined;
  readonly variant?: string | undefined;
  readonly features: readonly string[];
}

/**
 * Whether an image for `offered` will do where `wanted` is. Of features, more than wanted are no
 * harm. Source: image-spec, "Image Index Property Descriptions"; kraftkit.md §5.2.
 */
export function suits(offered: OfferedPlatform, wanted: WantedPlatform): boolean {
  if (knownOs(offered.os) !== knownOs(wanted.os)) return false;
  const architecture = knownArchitecture(wanted.architecture);
  if (knownArchitecture(offered.architecture) !== architecture) return false;
  if (!suitsVariant(offered.variant, wanted.variant, architecture)) return false;
  const features = new Set(offered.features);
  return (wanted.features ?? []).every((feature) => features.has(feature));
}

/** `offered` for people; without features, as there are hundreds of them. */
export function formatOffered({ os, architecture, variant }: OfferedPlatform): string {
  const words = { os: os ?? "unknown", architecture: architecture ?? "unknown" };
  return formatWantedPlatform({ ...words, ...(variant !== undefined && { variant }) });
}

/** The `platform` of a descriptor, or a config, which has the same fields. */
export function offeredOf(value: unknown): OfferedPlatform {
  if (typeof value !== "object" || value === null) return { features: [] };
  const text = (name: string) => {
    const found: unknown = Reflect.get(value, name);
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  const features: unknown = Reflect.get(value, "os.features");
  const listed = Array.isArray(features) ? features : [];
  return {
    os: text("os"),
    architecture: text("architecture"),
    variant: text("variant"),
    features: listed.filter((one): one is string => typeof one === "string"),
  };
}

/** Nobody who wants an arm64 says v8, and not everybody who offers one. */
function suitsVariant(
  offered: string | undefined,
  wanted: string | undefined,
  architecture: string | undefined,
): boolean {
  const usual = architecture === "arm64" ? "v8" : architecture === "arm" ? "v7" : undefined;
  if (wanted === undefined)
    return offered === undefined || usual === undefined || offered === usual;
  return (offered ?? usual) === wanted;
}

function knownOs(os: string | undefined): string | undefined {
  return os === undefined ? undefined : (osNames[os] ?? os);
}

function knownArchitecture(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (architectureNames[name] ?? name);
}

const osNames: Readonly<Record<string, string>> = { kvm: "qemu", firecracker: "fc" };
const architectureNames: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  aarch64: "arm64",
};
