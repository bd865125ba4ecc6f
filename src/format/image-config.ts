// What an image says about a kernel: JSON of OCI, as KraftKit fills it in. Touches no disk.

/** Where a kernel runs, in the words of Unikraft. */
export interface ImagePlatform {
  /** Such as `qemu`, `fc`, `xen`. */
  readonly platform: string;
  /** Such as `x86_64`, `arm64`. */
  readonly architecture: string;
  /** The text of the resolved `.config`; absent: nothing is known of it. */
  readonly kconfig?: string;
}

/** `os` and its like in an index, a manifest and a config. Source: image-spec, `platform`. */
export interface OciPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** A blob, as others name it. Source: image-spec, "Content Descriptors". */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: OciPlatform;
}

/**
 * The platform of an image: all options of the kernel but those that name directories of the
 * machine which built it, as `kraft pkg pull -k CONFIG_X=y` looks for them.
 */
export function ociPlatformOf({ platform, architecture, kconfig }: ImagePlatform): OciPlatform {
  const options = optionsOf(kconfig ?? "");
  const version = options.get("CONFIG_UK_FULLVERSION");
  const features = [...options]
    .filter(([symbol]) => symbol !== "CONFIG_UK_APP" && symbol !== "CONFIG_UK_BASE")
    .map(([symbol, value]) => `${symbol}=${value}`)
    .sort();
  return {
    architecture,
    os: platform,
    ...(version !== undefined && version !== "" && { "os.version": version }),
    ...(features.length > 0 && { "os.features": features }),
  };
}

/** What an application is started with. */
export interface ImageCommand {
  readonly args: readonly string[];
  /** `K=V` each. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The JSON of an image's config; `diffIds` are of its layers as they are unpacked. Source: image-spec, "Image Configuration". */
export function imageConfigOf(
  platform: OciPlatform,
  { args, env, labels }: ImageCommand,
  diffIds: readonly string[],
): string {
  return JSON.stringify({
    ...platform,
    config: {
      ...(env.length > 0 && { Env: env }),
      ...(args.length > 0 && { Cmd: args }),
      ...(Object.keys(labels).length > 0 && { Labels: sortedRecord(labels) }),
    },
    rootfs: { type: "layers", diff_ids: diffIds },
  });
}

/** `record` with its names in order, so that equal records have equal JSON. */
export function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((name) => [name, record[name]!]),
  );
}

/** The options in the text of a `.config`, without the quotes of strings; of two, the last. */
function optionsOf(kconfig: string): Map<string, string> {
  const lines = kconfig.matchAll(/^(CONFIG_[A-Za-z0-9_]+)=(.*?)\r?$/gm);
  return new Map([...lines].map(([, symbol = "", value = ""]) => [symbol, unquoted(value)]));
}

function unquoted(value: string): string {
  return /^"(.*)"$/.exec(value)?.[1] ?? value;
}
