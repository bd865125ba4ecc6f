// What a REAPI server says that it can. Source: REAPI v2, `ServerCapabilities`.

import { type WireReader, decodeWire } from "../action/wire-reader.ts";
import { encodeWire } from "../action/wire-writer.ts";

/** What of a server's capabilities matters to a cache's client. */
export interface ServerCapabilities {
  /** Of the lowest version of the API that it speaks. */
  readonly lowMajor: number;
  /** By REAPI's numbers; empty when it does not say. */
  readonly digestFunctions: readonly number[];
  /** Whether it takes results; servers that say nothing of a cache take none. */
  readonly canUpdate: boolean;
  /** Of all blobs in a batch; 0: it states no limit. */
  readonly maxBatchBytes: number;
  /** Of one blob; 0: it states no limit. */
  readonly maxBlobBytes: number;
  /** By REAPI's numbers, for streams of one blob. */
  readonly compressors: readonly number[];
}

/** REAPI's numbers for what is used of its enumerations. */
export const digestFunctionSha256 = 1;
export const compressorZstd = 1;

/** The message `GetCapabilitiesRequest`. */
export function encodeCapabilitiesRequest(instance: string): Uint8Array {
  return encodeWire((writer) => writer.bytes(1, instance));
}

/** The capabilities in `bytes`; undefined when they are none. */
export function decodeCapabilities(bytes: Uint8Array): ServerCapabilities | undefined {
  return decodeWire(bytes, (reader) => {
    let cache: CacheCapabilities = noCache;
    let lowMajor = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) cache = reader.message(readCache);
      else if (field === 4) lowMajor = reader.message(readMajor);
    }
    return { ...cache, lowMajor };
  });
}

type CacheCapabilities = Omit<ServerCapabilities, "lowMajor">;

const noCache: CacheCapabilities = {
  digestFunctions: [],
  canUpdate: false,
  maxBatchBytes: 0,
  maxBlobBytes: 0,
  compressors: [],
};

function readCache(reader: WireReader): CacheCapabilities {
  const digestFunctions: number[] = [];
  const compressors: number[] = [];
  let [canUpdate, maxBatchBytes, maxBlobBytes] = [false, 0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) digestFunctions.push(...reader.numbers());
    else if (field === 2) canUpdate = reader.message(readUpdate);
    else if (field === 4) maxBatchBytes = reader.roundedNumber();
    else if (field === 6) compressors.push(...reader.numbers());
    else if (field === 8) maxBlobBytes = reader.roundedNumber();
  }
  return { digestFunctions, canUpdate, maxBatchBytes, maxBlobBytes, compressors };
}

function readUpdate(reader: WireReader): boolean {
  let enabled = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) enabled = reader.boolean();
  }
  return enabled;
}

function readMajor(reader: WireReader): number {
  let major = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) major = reader.number();
  }
  return major;
}
