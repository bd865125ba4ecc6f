import type { ImageOutput } from "./image-output.ts";

/** What the command line says of images. */
export interface ImageWords {
  readonly words: readonly string[];
  /** Of packages: who boots them. */
  readonly as: "kraft" | "urunc" | "both";
  readonly name: string | undefined;
  readonly push: boolean;
  /** Whether a list of the sources goes with what is pushed. */
  readonly sbom: boolean;
  /** Whether what it was built from, and how, goes with what is pushed. */
  readonly provenance: boolean;
  /** A URI for who builds; undefined: a machine of the user. */
  readonly builder: string | undefined;
  /** The file with the private key that the provenance is signed with. */
  readonly signKey: string | undefined;
  /** Of `verify`: the file with a public key. */
  readonly key: string | undefined;
  /** How layers are to be packed; undefined: as the workspace says, and those of images as they are. */
  readonly compress: "none" | "gzip" | "zstd" | undefined;
  /** Whether images are named by a platform of containers, too. */
  readonly hasAliases: boolean;
  /** What becomes of an image that has the name; `prompt`: what the user says when asked. */
  readonly strategy: "merge" | "overwrite" | "abort" | "prompt";
  /** In place of those that the target has; none: its own. */
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** `K=V` each. */
  readonly labels: readonly string[];
  readonly rootfs: string | undefined;
  readonly platform: string | undefined;
  readonly architecture: string | undefined;
  readonly target: string | undefined;
  /** Options that a kernel must have, such as `CONFIG_LIBVFSCORE=y`. */
  readonly kconfig: readonly string[];
  readonly workdir: string | undefined;
  readonly all: boolean;
  readonly update: boolean;
  readonly insecure: readonly string[];
  /** Whether only results and what is wrong is told. */
  readonly isQuiet: boolean;
  readonly format: "oci" | "oci-archive" | "docker-archive" | undefined;
  readonly output: "table" | "json" | "ndjson";
  /** Where an image goes that is packaged or exported; undefined: nowhere else. */
  readonly saveTo: ImageOutput | undefined;
}

/** The platform that `words` want, by default that of `host`. */
export function platformOf(
  { platform, architecture, kconfig }: Pick<ImageWords, "platform" | "architecture" | "kconfig">,
  host: { readonly architecture: string },
) {
  // `--plat qemu/x86_64` says both, as KraftKit has it.
  const [os = "qemu", second] = (platform ?? "qemu").split("/");
  const own = { x64: "x86_64", arm64: "arm64", arm: "arm" }[host.architecture];
  const name = architecture ?? second ?? own ?? host.architecture;
  const features = kconfig.map((one) => (one.startsWith("CONFIG_") ? one : `CONFIG_${one}`));
  return { os, architecture: name, ...(features.length > 0 && { features }) };
}
