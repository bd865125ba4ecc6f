/** What an image is for, as OCI names it. */
export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
  /** Empty: none. */
  readonly variant: string;
}

/** The name of an image, with its platform unless that is `usual`: it may be needed for several. */
export function imageKeyOf(name: string, platform: ImagePlatform, usual: ImagePlatform): string {
  const own = formatPlatform(platform);
  return own === formatPlatform(usual) ? name : `${name} for ${own}`;
}

/** The name in what {@link imageKeyOf} gives. */
export function imageNameOf(key: string): string {
  return key.split(" for ", 1)[0] ?? key;
}

const architectures: Readonly<Record<string, readonly [string, string]>> = {
  x86_64: ["amd64", ""],
  "x86-64": ["amd64", ""],
  amd64: ["amd64", ""],
  aarch64: ["arm64", ""],
  arm64: ["arm64", ""],
  arm: ["arm", "v7"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
  i386: ["386", ""],
};

/**
 * The platform that `text` names, as `linux/arm64/v8` or an architecture alone; undefined when it
 * is none. Source: containerd, platforms: what it calls normal forms.
 */
export function parsePlatform(text: string): ImagePlatform | undefined {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.includes("")) return undefined;
  const [os, name, given] = parts.length === 1 ? ["linux", parts[0]] : parts;
  if (os === undefined || name === undefined) return undefined;
  const [architecture, usual] = architectures[name] ?? [name, ""];
  const variant = given ?? usual;
  return { os, architecture, variant: architecture === "arm64" && variant === "v8" ? "" : variant };
}

/** `platform` as in `linux/arm/v7`. */
export function formatPlatform({ os, architecture, variant }: ImagePlatform): string {
  return [os, architecture, ...(variant === "" ? [] : [variant])].join("/");
}

/** The arguments that every Dockerfile may ask for. Source: Dockerfile reference. */
export function platformArguments(target: ImagePlatform, build: ImagePlatform) {
  return {
    TARGETPLATFORM: formatPlatform(target),
    TARGETOS: target.os,
    TARGETARCH: target.architecture,
    TARGETVARIANT: target.variant,
    BUILDPLATFORM: formatPlatform(build),
    BUILDOS: build.os,
    BUILDARCH: build.architecture,
    BUILDVARIANT: build.variant,
  };
}
