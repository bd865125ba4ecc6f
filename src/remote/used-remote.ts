// A remote that is in use: finds results in packs or by their keys, and what they stand for.

import { decodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult } from "../action/result.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import type { Downloads, WantedBlob } from "./downloads.ts";
import type { LookUpOptions, Remote, RemoteTraffic } from "./remote.ts";
import { filesInTrees, shallowBlobsOf } from "./result-blobs.ts";
import { inlinedBlobsOf } from "./result-messages.ts";
import type { ResultPacks } from "./result-packs.ts";
import type { Upload, Uploads } from "./uploads.ts";

/** What it is put together from. */
export interface UsedParts {
  readonly readResult: (key: Digest) => Promise<Uint8Array | undefined>;
  readonly downloads: Downloads;
  readonly uploads: Uploads | undefined;
  readonly packs: ResultPacks | undefined;
  readonly cas: Cas;
  /** Whether the result of a key may be used. */
  readonly isTrusted: (key: Digest, result: ActionResult) => boolean;
  readonly close: () => void;
}

/** A {@link Remote} that answers until it is closed. */
export class UsedRemote implements Remote {
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
    await downloads.accept(inlinedBlobsOf(bytes));
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
    const { uploads, packs } = this.#parts;
    await uploads?.drained();
    // What has no room for results, or does not want them, is asked to take nothing else.
    if (uploads?.isStopped !== true) await packs?.give();
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
