import type { RemoteSource } from "../action/remote-source.ts";

/** A component that a build file names, for people who ask what a workspace is made of. */
export interface NamedComponent {
  readonly type: "core" | "lib" | "app";
  readonly name: string;
  /** As the build file has it; absent: it names none. */
  readonly version?: string;
  readonly origin: NamedOrigin;
  /** What it is built for, such as `qemu/x86_64`, sorted. */
  readonly platforms: readonly string[];
}

/** Where a component comes from; paths are absolute, or relative to the package. */
export type NamedOrigin =
  | { readonly kind: "directory"; readonly path: string }
  /** An archive on the disk. */
  | { readonly kind: "archive"; readonly path: string }
  | { readonly kind: "remote"; readonly source: RemoteSource }
  /** A kernel in a registry. */
  | { readonly kind: "image"; readonly reference: string };
