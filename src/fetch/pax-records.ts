// Records of extended headers of tar. Source: POSIX.1-2024, pax, "pax Extended Header".

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
  let records = known;
  for (let start = 0; start < bytes.byteLength; ) {
    const blank = bytes.indexOf(0x20, start);
    if (blank === -1 || blank - start > 10) return undefined;
    const digits = Buffer.from(bytes.subarray(start, blank)).toString("latin1");
    const end = start + Number(digits);
    const isRecord =
      /^[1-9]\d*$/.test(digits) && end <= bytes.byteLength && bytes[end - 1] === 0x0a;
    const equals = bytes.indexOf(0x3d, blank);
    if (!isRecord || equals === -1 || equals >= end) return undefined;
    const key = Buffer.from(bytes.subarray(blank + 1, equals)).toString("utf8");
    const next = withRecord(records, key, bytes.subarray(equals + 1, end - 1));
    if (next === undefined) return undefined;
    records = next;
    start = end;
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
