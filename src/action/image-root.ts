// A tree of layers that a command has as its root, in place of the machine.

import type { ExecPath } from "./action.ts";

/**
 * What a command with a root of its own sees: the tree, /proc, /dev, and its mounts. Its only output
 * is the layer of what it changed in the tree; it may be anybody there.
 */
export interface ImageRoot {
  /** Layers, each an input, the lowest first. */
  readonly layers: readonly ExecPath[];
  /** `user` or `user:group`, by name or number; empty: root. */
  readonly user: string;
  /** The working directory, absolute in the tree. Made when it is missing. */
  readonly directory: string;
  /** Whether it has all rights that whoever builds can give. */
  readonly isPrivileged: boolean;
  readonly mounts: readonly ImageMount[];
}

/** Something of which nothing gets into the layer; targets are absolute in the tree. */
export type ImageMount =
  | (MountedTree & {
      readonly kind: "bind";
      readonly target: string;
      readonly isWritable: boolean;
    })
  /** A directory that lasts from build to build, and decides nothing. */
  | {
      readonly kind: "cache";
      readonly target: string;
      readonly id: string;
      readonly sharing: "shared" | "private" | "locked";
      /** Octal, of the directory when it is made. */
      readonly mode: string;
      readonly uid: number;
      readonly gid: number;
      readonly isWritable: boolean;
      /** What it holds when it is made; absent: nothing. It has its own mode and owner then. */
      readonly base?: MountedTree;
    }
  | { readonly kind: "tmpfs"; readonly target: string; readonly sizeBytes?: number }
  /** What the user hands over by name, which no key depends on. */
  | {
      readonly kind: "secret";
      readonly id: string;
      /** Absent: it is only in a variable. */
      readonly target?: string;
      readonly variable?: string;
      readonly mode: string;
      readonly uid: number;
      readonly gid: number;
      readonly isRequired: boolean;
    }
  | {
      readonly kind: "ssh";
      readonly id: string;
      readonly target: string;
      readonly isRequired: boolean;
    }
  /** A program that the build file holds. */
  | { readonly kind: "text"; readonly target: string; readonly text: string };

/** Part of a tree of layers. */
export interface MountedTree {
  /** As for a root; each is an input. */
  readonly layers: readonly ExecPath[];
  /** What of their tree is seen. */
  readonly source: string;
}

/** The tree that is to be mounted for `mount`; undefined: it needs none. */
export function treeOfMount(mount: ImageMount): MountedTree | undefined {
  if (mount.kind === "bind") return mount;
  return mount.kind === "cache" ? mount.base : undefined;
}

/** What decides the result of a command with `root`, besides the layers' content. */
export function factsOfRoot(root: ImageRoot): (readonly [name: string, value: string])[] {
  const { layers, user, directory, isPrivileged, mounts } = root;
  return [
    ["root layers", layers.join(" ")],
    ["root user", user],
    ["root directory", directory],
    ["root rights", isPrivileged ? "all" : "usual"],
    ...mounts.map((mount, i): [string, string] => [`mount[${i}]`, textOf(mount)]),
  ];
}

/** By its fields, whatever their order. */
function textOf(mount: ImageMount): string {
  const fields = Object.entries(mount).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ");
}
