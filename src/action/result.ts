import type { Digest } from "../digest/digest.ts";
import type { ExecPath } from "./action.ts";

/** What stands at a path: a file, a symbolic link, or a directory with all below it. */
export type Node = FileNode | SymlinkNode | TreeNode;

/** A regular file. */
export interface FileNode {
  readonly kind: "file";
  readonly digest: Digest;
  readonly executable: boolean;
  /** Permission bits; absent: they do not matter beyond `executable`. */
  readonly mode?: number;
}

/** A symbolic link, which is never followed. */
export interface SymlinkNode {
  readonly kind: "symlink";
  /** The text of the link. */
  readonly target: string;
}

/** A directory, by what is in it. */
export interface TreeNode {
  readonly kind: "tree";
  /** Of the encoded REAPI `Directory` at its top. */
  readonly root: Digest;
  /** Of the encoded REAPI `Tree`, a blob in the CAS; it holds every directory below. */
  readonly tree: Digest;
  /** Permission bits of the directory itself; absent: they do not matter. */
  readonly mode?: number;
}

/** What an action left behind. Source: REAPI v2 `ActionResult`. */
export interface ActionResult {
  /** 0 in every cached result, as failures are not cached. */
  readonly exitCode: number;
  /** A node for each declared output. */
  readonly outputs: ReadonlyMap<ExecPath, Node>;
  /** Blobs in the CAS. */
  readonly stdout: Digest;
  readonly stderr: Digest;
  /** How long it ran, in milliseconds, when it ran. */
  readonly wallMs: number;
  /** Of the action, for people; absent where it is not known. */
  readonly mnemonic?: string;
  /** By whom it was given, in base64; absent where nobody signed it. */
  readonly signature?: string;
}
