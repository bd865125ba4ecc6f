// What extended headers of tar say that matters to who unpacks sources.

import { readPaxRecords } from "../format/pax-header.ts";

/** What extended headers say of a member that matters here. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
  /** A file with holes, which is stored in another way. */
  readonly sparse?: true;
}

/** The records that `bytes` hold, as changes to `known`; undefined when they are not well formed. */
export function parsePaxRecords(bytes: Uint8Array, known: PaxRecords): PaxRecords | undefined {
  const read = readPaxRecords(bytes);
  if (read === undefined) return undefined;
  let records = known;
  for (const [key, value] of read) {
    const next = withRecord(records, key, value);
    if (next === undefined) return undefined;
    records = next;
  }
  return records;
}

/** An empty value takes back what a record before it said. */
function withRecord(records: PaxRecords, key: string, bytes: Uint8Array): PaxRecords | undefined {
  if (key.startsWith("GNU.sparse.")) return { ...records, sparse: true };
  if (key !== "path" && key !== "linkpath" && key !== "size") return records;
  if (bytes.byteLength === 0) {
    const { [key]: _, ...others } = records;
    return others;
  }
  const text = Buffer.from(bytes).toString("utf8");
  if (!Buffer.from(text).equals(bytes)) return undefined;
  if (key !== "size") return { ...records, [key]: text };
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(size) ? { ...records, size } : undefined;
}
