// Protobuf's wire format, written canonically. Knows no message.

/**
 * The message that `write` writes. Fields must be written in the order of their numbers, so that
 * equal messages give equal bytes.
 *
 * Source: Protocol Buffers, "Encoding".
 */
export function encodeWire(write: (writer: WireWriter) => void): Uint8Array {
  const writer = idleWriters.pop() ?? new WireWriter();
  write(writer);
  const bytes = writer.take();
  idleWriters.push(writer);
  return bytes;
}

/** Kept with their buffers, as tens of thousands of directories are encoded in a build. */
const idleWriters: WireWriter[] = [];

/** Writes the fields of one message after the other. {@link encodeWire} makes it. */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(initialSize);
  #length = 0;

  /** An integer or an enum, within 2^53; 0 is the default and leaves no trace. */
  number(field: number, value: number): void {
    if (value === 0) return;
    this.#tag(field, varintType);
    this.#varint(value);
  }

  /** False is the default and leaves no trace. */
  boolean(field: number, value: boolean): void {
    this.number(field, value ? 1 : 0);
  }

  /** A string or bytes; what is empty is the default and leaves no trace. */
  bytes(field: number, value: string | Uint8Array): void {
    if (value.length > 0) this.element(field, value);
  }

  /** One of a repeated field of strings or bytes, where an empty one counts. */
  element(field: number, value: string | Uint8Array): void {
    this.#tag(field, bytesType);
    if (typeof value === "string") this.#text(value);
    else {
      this.#varint(value.byteLength);
      this.#reserve(value.byteLength);
      this.#buffer.set(value, this.#length);
      this.#length += value.byteLength;
    }
  }

  /** A message of the fields that `write` writes; one without fields counts too. */
  message(field: number, write: () => void): void {
    this.#tag(field, bytesType);
    const start = this.#length;
    this.#reserve(1);
    this.#length++;
    write();
    this.#prefixLength(start);
  }

  /** The bytes so far, which nothing writes to; the writer starts again. */
  take(): Uint8Array {
    // Of Node's pool, as a small array with memory of its own costs as much as its hash.
    const bytes = Buffer.allocUnsafe(this.#length);
    this.#buffer.copy(bytes, 0, 0, this.#length);
    this.#length = 0;
    if (this.#buffer.byteLength > keptSize) this.#buffer = Buffer.allocUnsafeSlow(initialSize);
    return bytes;
  }

  /** Puts the length of what follows `start` there, where one byte was left for it. */
  #prefixLength(start: number): void {
    const bodyLength = this.#length - start - 1;
    const room = varintLength(bodyLength);
    if (room > 1) {
      this.#reserve(room);
      this.#buffer.copyWithin(start + room, start + 1, this.#length);
    }
    this.#length = start;
    this.#varint(bodyLength);
    this.#length += bodyLength;
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    this.#reserve(maxVarintLength);
    let rest = value;
    if (rest < 0) return this.#negative(value);
    // Shifts are of 32 bits; they are five times as fast as division, and most numbers are small.
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
    }
    for (; rest > 127; rest >>>= 7) this.#buffer[this.#length++] = (rest & 127) | 128;
    this.#buffer[this.#length++] = rest;
  }

  /** In two's complement of 64 bits, also for fields of 32 bits. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#buffer[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  #text(value: string): void {
    if (value.length <= shortText && this.#ascii(value)) return;
    const start = this.#length;
    this.#reserve(1 + (value.length < longText ? 3 * value.length : Buffer.byteLength(value)));
    this.#length = start + 1 + this.#buffer.write(value, start + 1, "utf8");
    this.#prefixLength(start);
  }

  /** Writes `value` if it is all ASCII; three times as fast as Node's own for a short name. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#reserve(1 + length);
    const buffer = this.#buffer;
    const start = this.#length;
    buffer[start] = length;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      buffer[start + 1 + i] = unit;
    }
    this.#length = start + 1 + length;
    return true;
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#length + sizeBytes;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.byteLength));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}

const initialSize = 4096;

/** A writer that has grown beyond this starts with a small buffer again. */
const keptSize = 1 << 20;

const maxVarintLength = 10;

/** Where Node's own way to write text becomes the faster one, in UTF-16 units. */
const shortText = 24;

/** Where counting bytes first becomes cheaper than making room for the most there can be. */
const longText = 1000;

const varintType = 0;
const bytesType = 2;
