// A remote cache as a build uses it: it may be slow, wrong or dead, and the build never fails for it.

import { decodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult, Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { type AttemptOptions, Attempts } from "./attempts.ts";
import { Breaker } from "./breaker.ts";
import { Downloads, type WantedBlob } from "./downloads.ts";
import { openRemoteCache } from "./open-cache.ts";
import type { RemoteOptions } from "./remote-cache.ts";
import { asRemoteError } from "./remote-error.ts";
import type { RemotePlace } from "./remote-url.ts";
import { filesInTrees, shallowBlobsOf } from "./result-blobs.ts";
import { inlinedBlobsOf } from "./result-messages.ts";
import { type PackParts, ResultPacks } from "./result-packs.ts";
import type { Signing } from "./signatures.ts";
import { tracedCache } from "./traced-cache.ts";
import { type Upload, Uploads } from "./uploads.ts";

/** What a remote is opened with. */
export interface RemoteRequest {
  readonly place: RemotePlace;
  readonly options: RemoteOptions;
  /** How to try again; absent: by the machine's clock, with the same credentials. */
  readonly attempts?: AttemptOptions;
  /** See `PackParts`; absent: no results are kept together. */
  readonly describe?: PackParts["describe"] | undefined;
  /** Whether results of this build are given to others. */
  readonly uploads: boolean;
  /** Absent: nothing is signed, and everybody trusted. */
  readonly signing?: Signing;
  readonly cas: Cas;
  readonly host: Pick<Host, "epochMs">;
  /** Hears once, in a few words, why the remote is not used, or not written to, any more. */
  readonly tell: (problem: RemoteProblem) => void;
  /** Hears of each request when it is over; absent: nobody wants to know. */
  readonly trace?: Parameters<typeof tracedCache>[1];
}

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

/**
 * Opens a remote; undefined when it cannot be used, of which the one heard who made `breaker`: by itself,
 * it is one that tells of it.
 */
export async function openRemote(
  request: RemoteRequest,
  breaker = new Breaker((reason) => request.tell({ kind: "given-up", reason })),
): Promise<Remote | undefined> {
  const { place, options, host, tell, uploads, cas } = request;
  const { signing = {} } = request;
  const { sign } = signing;
  const attempts = new Attempts(breaker, request.attempts);
  const opened = await openRemoteCache(place, options, { attempts, epochMs: host.epochMs });
  const cache = request.trace === undefined ? opened : tracedCache(opened, request.trace);
  const close = () => {
    breaker.end();
    cache.close();
  };
  try {
    const abilities = await cache.abilities();
    const stopped = (reason: string) => tell({ kind: "not-written", reason });
    if (uploads && !abilities.canUpdate) stopped("it takes no results");
    const downloads = new Downloads({ cache, abilities, cas });
    const isWriting = uploads && abilities.canUpdate;
    const given = isWriting ? new Uploads({ cache, abilities, cas, stopped, sign }) : undefined;
    const readResult = async (key: Digest) => {
      try {
        return breaker.isOpen ? undefined : await cache.readResult(key);
      } catch (error) {
        const known = asRemoteError(error);
        if (known.kind === "denied" || known.kind === "unsupported") breaker.trip(known);
        return undefined;
      }
    };
    let isTold = false;
    const isTrusted: UsedParts["isTrusted"] = (key, result) => {
      if (signing.isTrusted?.(key, result) !== false) return true;
      if (!isTold) tell({ kind: "untrusted", reason: "no key that is trusted has signed them" });
      isTold = true;
      return false;
    };
    const { describe } = request;
    const packs =
      describe === undefined || !abilities.asksMany
        ? undefined
        : new ResultPacks({ cache, abilities, readResult, downloads, cas, describe, sign });
    return new UsedRemote({ readResult, downloads, uploads: given, packs, cas, isTrusted, close });
  } catch (error) {
    breaker.trip(asRemoteError(error));
    close();
    return undefined;
  }
}

interface UsedParts {
  readonly readResult: (key: Digest) => Promise<Uint8Array | undefined>;
  readonly downloads: Downloads;
  readonly uploads: Uploads | undefined;
  readonly packs: ResultPacks | undefined;
  readonly cas: Cas;
  /** Whether the result of a key may be used. */
  readonly isTrusted: (key: Digest, result: ActionResult) => boolean;
  readonly close: () => void;
}

class UsedRemote implements Remote {
  readonly #parts: UsedParts;
  readonly close: () => void;

  constructor(parts: UsedParts) {
    this.#parts = parts;
    this.close = parts.close;
  }

  readonly lookUp: Remote["lookUp"] = async (key, { files, group }) => {
    const { packs, uploads, isTrusted } = this.#parts;
    const packed = group === undefined ? undefined : await packs?.take(group, key);
    const isUsable = packed?.exitCode === 0 && isTrusted(key, packed);
    const known = isUsable ? await this.#use(packed, files) : undefined;
    const result = known ?? (await this.#lookUpAlone(key, files));
    if (result !== undefined && group !== undefined && uploads !== undefined) {
      packs?.note(group, { key, result, isTheirs: true });
    }
    return result;
  };

  async #lookUpAlone(
    key: Digest,
    files: LookUpOptions["files"],
  ): Promise<ActionResult | undefined> {
    const { readResult, downloads, isTrusted } = this.#parts;
    const bytes = await readResult(key);
    const result = bytes === undefined ? undefined : decodeActionResult(bytes);
    // By convention failures are not cached; one that is all the same is of no use.
    if (bytes === undefined || result === undefined || result.exitCode !== 0) return undefined;
    if (!isTrusted(key, result)) return undefined;
    downloads.accept(inlinedBlobsOf(bytes));
    return this.#use(result, files);
  }

  /** `result`, with as much of it here as `files` says; undefined when it is of no use. */
  async #use(
    result: ActionResult,
    files: LookUpOptions["files"],
  ): Promise<ActionResult | undefined> {
    const { downloads, cas } = this.#parts;
    const isLost = ({ digest }: WantedBlob) => downloads.lost.has(digest);
    const blobs = shallowBlobsOf(result);
    if (blobs.files.some(isLost)) return undefined;
    if (!(await downloads.fetch(blobs.small))) return undefined;
    const inTrees = filesInTrees(blobs.trees, cas);
    if (inTrees === undefined) return undefined;
    if (inTrees.some(isLost)) return undefined;
    if (files === "now" && !(await downloads.fetch([...blobs.files, ...inTrees]))) return undefined;
    return result;
  }

  readonly fetch: Remote["fetch"] = (nodes) => {
    const { downloads, cas } = this.#parts;
    const blobs: WantedBlob[] = [];
    for (const node of nodes) {
      if (node.kind === "file") blobs.push(node);
      else if (node.kind === "tree") blobs.push(...(filesInTrees([node], cas) ?? []));
    }
    return downloads.fetch(blobs);
  };

  readonly upload = (upload: Upload): void => {
    const { uploads, packs } = this.#parts;
    uploads?.add(upload);
    if (uploads !== undefined && upload.group !== undefined) packs?.note(upload.group, upload);
  };

  readonly pending = (): number => this.#parts.uploads?.pending ?? 0;

  readonly drained = async (): Promise<void> => {
    await this.#parts.uploads?.drained();
    await this.#parts.packs?.give();
  };

  readonly traffic = (): RemoteTraffic => {
    const { downloads, uploads } = this.#parts;
    return {
      receivedBytes: downloads.receivedBytes,
      sentBytes: uploads?.sentBytes ?? 0,
      uploaded: uploads?.counts.uploaded ?? 0,
      failed: uploads?.counts.failed ?? 0,
    };
  };
}
