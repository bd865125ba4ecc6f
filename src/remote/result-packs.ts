// Results of one group in one blob, so that one question finds them all. Knows no action graph.

import { decodeActionResult, encodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult } from "../action/result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import type { Downloads } from "./downloads.ts";
import { Lanes } from "./lanes.ts";
import { decodePack, encodePack, type PackedResults } from "./pack-messages.ts";
import type { RemoteAbilities, RemoteCache } from "./remote-cache.ts";
import { asRemoteError } from "./remote-error.ts";
import { shallowBlobsOf } from "./result-blobs.ts";
import type { Signing } from "./signatures.ts";

/** What packs take. */
export interface PackParts {
  readonly cache: RemoteCache;
  readonly abilities: RemoteAbilities;
  /** The encoded result of a key; undefined also when something goes wrong. */
  readonly readResult: (key: Digest) => Promise<Uint8Array | undefined>;
  readonly downloads: Pick<Downloads, "fetch">;
  readonly cas: Pick<Cas, "read">;
  /** What stands for the pack of a group, and has the digest that it is kept under. */
  readonly describe: (group: string) => Uint8Array;
  /** See `Signing`. */
  readonly sign?: Signing["sign"];
}

/** A result that may go into a pack. */
export interface Packable {
  readonly key: Digest;
  readonly result: ActionResult;
  /** Whether it stays as others gave it; absent: it is of this machine. */
  readonly isTheirs?: true;
}

/** Fewer are as well asked for one by one. */
const fewest = 8;

/** After so many groups, and not one pack, nobody seems to leave any here. */
const mostAbsent = 8;

/** Of all results in a pack. */
const maxPackBytes = 4 * 1024 ** 2;

/** How many packs are given at once. */
const concurrency = 8;

/** The only output of the entry that names a pack. */
const outputPath = "results";

/** What the pack of a group has. */
interface Opened {
  /** Those of which all blobs are at the remote, and that nobody has taken yet. */
  readonly whole: Map<Digest, ActionResult>;
  readonly all: PackedResults;
}

/**
 * Finds results in packs, and leaves packs for others. REAPI has no question for many results, so a
 * build of 10,000 actions asks as often. A pack repeats what stands under the keys themselves, and
 * what it lacks is asked for by its key.
 */
export class ResultPacks {
  readonly #parts: PackParts;
  /** By group, also while it is being read. */
  readonly #opened = new Map<string, Opened | Promise<Opened>>();
  /** What this build found or made, by group. */
  readonly #noted = new Map<string, Map<Digest, Packable>>();
  #present = 0;
  #absent = 0;

  constructor(parts: PackParts) {
    this.#parts = parts;
  }

  /** The result of `key`, once: who asks again had no use for it. Throws a StoreError. */
  async take(group: string, key: Digest): Promise<ActionResult | undefined> {
    const opened = this.#opened.get(group) ?? this.#open(group);
    const { whole } = opened instanceof Promise ? await opened : opened;
    const result = whole.get(key);
    whole.delete(key);
    return result;
  }

  /** Has `one` go into the pack of `group`. */
  note(group: string, one: Packable): void {
    // Whether files of a directory are there is not to be told from the result.
    if ([...one.result.outputs.values()].some(({ kind }) => kind === "tree")) return;
    const noted = this.#noted.get(group) ?? new Map<Digest, Packable>();
    this.#noted.set(group, noted.set(one.key, one));
  }

  /** Leaves packs with what was noted. What goes wrong costs others some time, and that is all. */
  async give(): Promise<void> {
    const lanes = new Lanes(concurrency);
    const noted = [...this.#noted].filter(([, { size }]) => size >= fewest);
    for (const [group] of noted) this.#noted.delete(group);
    const giving = noted.map((one) => lanes.run(() => this.#giveOne(...one)));
    for (const end of await Promise.allSettled(giving)) {
      if (end.status === "rejected") asRemoteError(end.reason);
    }
  }

  #open(group: string): Opened | Promise<Opened> {
    if (this.#present === 0 && this.#absent >= mostAbsent) return empty;
    const opening = this.#read(group).then((opened) => {
      this.#opened.set(group, opened);
      return opened;
    });
    this.#opened.set(group, opening);
    return opening;
  }

  async #read(group: string): Promise<Opened> {
    const all = await this.#readPack(group);
    if (all === undefined) this.#absent += 1;
    else this.#present += 1;
    return all === undefined ? empty : { all, whole: await this.#wholeOf(all) };
  }

  async #readPack(group: string): Promise<PackedResults | undefined> {
    const { readResult, describe, downloads, cas } = this.#parts;
    const entry = await readResult(digestOf(describe(group)));
    const node = entry && decodeActionResult(entry)?.outputs.get(outputPath);
    if (node?.kind !== "file" || splitDigest(node.digest).sizeBytes > 2 * maxPackBytes) return;
    if (!(await downloads.fetch([node]))) return undefined;
    const bytes = cas.read(node.digest);
    return bytes && decodePack(bytes);
  }

  /** A server looks whether it has all of a result when it is asked for that; not so for a pack. */
  async #wholeOf(all: PackedResults): Promise<Map<Digest, ActionResult>> {
    const whole = new Map<Digest, ActionResult>();
    const blobs = new Set<Digest>();
    for (const [key, bytes] of all) {
      const result = decodeActionResult(bytes);
      if (result === undefined) continue;
      whole.set(key, result);
      for (const digest of blobsOf(result)) blobs.add(digest);
    }
    blobs.delete(emptyDigest);
    try {
      const missing = new Set(await this.#parts.cache.findMissing([...blobs]));
      for (const [key, result] of missing.size === 0 ? [] : whole) {
        if (blobsOf(result).some((digest) => missing.has(digest))) whole.delete(key);
      }
      return whole;
    } catch (error) {
      asRemoteError(error);
      return new Map();
    }
  }

  async #giveOne(group: string, noted: ReadonlyMap<Digest, Packable>): Promise<void> {
    const { cache, abilities, describe } = this.#parts;
    const { all } = await (this.#opened.get(group) ?? empty);
    if ([...noted.keys()].every((key) => all.has(key))) return;
    const pack = encodePack(this.#united(noted, all));
    const about = describe(group);
    const digest = digestOf(pack);
    const blobs = new Map([about, pack].map((bytes) => [digestOf(bytes), bytes] as const));
    if (pack.byteLength <= abilities.batch.totalBytes / 2) await cache.writeBatch(blobs);
    else await cache.writeBlob(digest, (offset) => once(pack.subarray(offset)));
    const outputs = new Map([[outputPath, { kind: "file", digest, executable: false } as const]]);
    const printed = { stdout: emptyDigest, stderr: emptyDigest };
    const result = { exitCode: 0, outputs, ...printed, wallMs: 0 };
    await cache.writeResult(digestOf(about), encodeActionResult(result));
    this.#opened.delete(group);
  }

  /** Those of this build, and behind them what others have left, as far as there is room. */
  #united(noted: ReadonlyMap<Digest, Packable>, all: PackedResults): PackedResults {
    const united = new Map<Digest, Uint8Array>();
    let room = maxPackBytes;
    const add = (key: Digest, bytes: Uint8Array) => {
      room -= bytes.byteLength;
      if (room >= 0) united.set(key, bytes);
    };
    for (const [key, one] of noted) add(key, all.get(key) ?? this.#encoded(one));
    for (const [key, bytes] of all) if (!noted.has(key)) add(key, bytes);
    return united;
  }

  #encoded({ key, result, isTheirs }: Packable): Uint8Array {
    const given = isTheirs === true ? result : (this.#parts.sign?.(key, result) ?? result);
    return encodeActionResult(given);
  }
}

function blobsOf(result: ActionResult): readonly Digest[] {
  const { small, files } = shallowBlobsOf(result);
  return [...small, ...files].map(({ digest }) => digest);
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

const empty: Opened = { whole: new Map(), all: new Map() };
