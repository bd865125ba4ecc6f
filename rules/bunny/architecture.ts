/** A processor by its names. */
export interface Architecture {
  /** In images, as Go has it. */
  readonly image: string;
  /** In kernels, as Unikraft has it. */
  readonly machine: string;
}

/** The architecture that people call `name`; undefined for one that nobody builds images for. */
export function architectureOf(name: string): Architecture | undefined {
  return architectures.find(({ names }) => names.includes(name.toLowerCase()));
}

/** What may be written. */
export const architectureNames: readonly string[] = ["x86_64", "arm64"];

const architectures: readonly (Architecture & { readonly names: readonly string[] })[] = [
  { image: "amd64", machine: "x86_64", names: ["x86_64", "amd64", "x86-64", "x86"] },
  { image: "arm64", machine: "arm64", names: ["arm64", "aarch64"] },
  { image: "arm", machine: "arm", names: ["arm", "arm32", "armv7"] },
  { image: "riscv64", machine: "riscv64", names: ["riscv64"] },
];
