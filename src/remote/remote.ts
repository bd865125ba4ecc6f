// A remote cache as a build uses it: it may be slow, wrong or dead, and the build never fails for it.

import type { ActionResult, Node } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { Upload } from "./uploads.ts";

/** What is no longer done with the remote, or is again: `back`. */
export interface RemoteProblem {
  readonly kind: "given-up" | "back" | "not-written" | "untrusted";
  /** A few words, of the server or of ours. */
  readonly reason: string;
}

/** What went to and fro. */
export interface RemoteTraffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Actions that ran elsewhere; absent where none can. */
  readonly executed?: number;
  /** Results that others can use now. */
  readonly uploaded: number;
  /** Results that could not be given. */
  readonly failed: number;
}

/** What is asked for with a result. */
export interface LookUpOptions {
  readonly files: "now" | "later";
  /** See `Upload`. */
  readonly group?: string;
}

/** A remote cache in use. No method throws for what the remote does; some throw a StoreError. */
export interface Remote {
  /**
   * The result of `key`, all of it in the CAS; with `files: "later"`, what was printed and the
   * shapes of directories only. Undefined for a miss, and for a result of which something is lost.
   */
  readonly lookUp: (key: Digest, options: LookUpOptions) => Promise<ActionResult | undefined>;
  /** Brings the files that `nodes` stand for into the CAS; true when all of them are there. */
  readonly fetch: (nodes: Iterable<Node>) => Promise<boolean>;
  /** Gives a result to others some time; nothing happens where this build does not upload. */
  readonly upload: (upload: Upload) => void;
  /** How many results wait to be given. */
  readonly pending: () => number;
  /** Resolves when none waits any more, or the remote is given up. */
  readonly drained: () => Promise<void>;
  readonly traffic: () => RemoteTraffic;
  /** Ends whatever is under way. */
  readonly close: () => void;
}
