// The block of 512 bytes before each member of a tar archive. Knows no member beside its own.
// Source: POSIX.1-2024, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".

/** What the block says, before extended headers change it. Names are bytes, of whatever encoding. */
export interface TarHeader {
  readonly name: Uint8Array;
  readonly linkName: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly sizeBytes: number;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
  /** One character, as `0` for a file; NUL of old archives is `0`. */
  readonly type: string;
}

/** The header that `block` is; undefined when it is none, as the sum in it says. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (sumOf(block) !== numberAt(block, 148, 8)) return undefined;
  const mode = numberAt(block, 100, 8);
  const sizeBytes = numberAt(block, 124, 12);
  if (mode === undefined || sizeBytes === undefined) return undefined;
  const type = block[156] ?? 0;
  return {
    name: nameOf(block),
    linkName: textAt(block, 157, 100),
    mode,
    // What these say is of no account to many who write them: nonsense is nothing.
    uid: numberAt(block, 108, 8) ?? 0,
    gid: numberAt(block, 116, 8) ?? 0,
    mtime: numberAt(block, 136, 12) ?? 0,
    sizeBytes,
    major: numberAt(block, 329, 8) ?? 0,
    minor: numberAt(block, 337, 8) ?? 0,
    type: type === 0 ? "0" : String.fromCharCode(type),
  };
}

/** Whether `block` has nothing in it, as those at the end of an archive. */
export function isZero(block: Uint8Array): boolean {
  return Buffer.compare(block, zeros.subarray(0, block.byteLength)) === 0;
}

const zeros = Buffer.alloc(512);

/** GNU's own format has times where POSIX has the beginning of a long name. */
function nameOf(block: Uint8Array): Uint8Array {
  const name = textAt(block, 0, 100);
  const isPosix = Buffer.compare(block.subarray(257, 263), posixMagic) === 0;
  const prefix = isPosix ? textAt(block, 345, 155) : name.subarray(0, 0);
  return prefix.byteLength === 0 ? name : Buffer.concat([prefix, slash, name]);
}

const posixMagic = Buffer.from("ustar\0");
const slash = Buffer.from("/");

function textAt(block: Uint8Array, start: number, length: number): Uint8Array {
  const end = block.indexOf(0, start);
  return block.subarray(start, end === -1 || end > start + length ? start + length : end);
}

/** Octal digits between blanks in a field of `block`, or GNU's binary form; undefined for anything else. */
export function numberAt(block: Uint8Array, start: number, length: number): number | undefined {
  const field = block.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) !== 0) return binaryOf(field);
  let value = 0;
  let i = 0;
  while (field[i] === space) i++;
  for (; i < length; i++) {
    const byte = field[i] ?? 0;
    if (byte === 0 || byte === space) return value;
    if (byte < zero || byte > seven) return undefined;
    value = value * 8 + byte - zero;
  }
  return value;
}

const space = 0x20;
const zero = 0x30;
const seven = 0x37;

/** No file has a negative size, nor one that JavaScript cannot count. */
function binaryOf(field: Uint8Array): number | undefined {
  if (field[0] !== 0x80) return undefined;
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Of all bytes, with those of the sum itself as blanks. */
function sumOf(block: Uint8Array): number {
  let sum = 8 * space;
  for (let i = 0; i < 148; i++) sum += block[i] ?? 0;
  for (let i = 156; i < 512; i++) sum += block[i] ?? 0;
  return sum;
}
