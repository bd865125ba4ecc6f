// Extended headers of tar, as names and values. Knows not what they mean.
// Source: POSIX.1-2024, pax, "pax Extended Header".

/** A record: its name, and its value without the line's end. */
export type PaxRecord = readonly [key: string, value: Uint8Array];

/** The records that `bytes` hold, in their order; undefined when they are not well formed. */
export function readPaxRecords(bytes: Uint8Array): readonly PaxRecord[] | undefined {
  const records: PaxRecord[] = [];
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
    records.push([key, bytes.subarray(equals + 1, end - 1)]);
    start = end;
  }
  return records;
}

/** The bytes of a record, whose length counts its own digits. */
export function encodePaxRecord([key, value]: PaxRecord): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.byteLength + 1;
  while (String(length).length + rest.byteLength !== length) {
    length = String(length).length + rest.byteLength;
  }
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
