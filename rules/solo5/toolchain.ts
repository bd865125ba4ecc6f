// What an installed Solo5 has, by name. Knows no target.

/** What a binary can be linked for, as Solo5 names it. */
export const abis = ["hvt", "spt", "virtio", "muen", "xen"] as const;

/** One of {@link abis}. */
export type Abi = (typeof abis)[number];

/** The C compiler for `architecture`, which links as well. Source: Solo5, configure.sh. */
export function compilerOf(architecture: string): string {
  return `${architecture === "arm64" ? "aarch64" : architecture}-solo5-none-static-cc`;
}

/** What makes C of a manifest. */
export const elftool = "solo5-elftool";
