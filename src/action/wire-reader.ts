// Protobuf's wire format, read with suspicion: bytes may come from anyone. Knows no message.

import { isUtf8 } from "node:buffer";

/**
 * What `read` makes of the message `bytes`; undefined when they are none, or when `read` called
 * {@link malformed} or asked for a field as what it is not.
 */
export function decodeWire<T>(bytes: Uint8Array, read: (reader: WireReader) => T): T | undefined {
  try {
    return read(new WireReader(bytes));
  } catch (cause) {
    if (cause instanceof MalformedMessage) return undefined;
    throw cause;
  }
}

/** Gives up the message that is being read. */
export function malformed(): never {
  throw new MalformedMessage();
}

/** Made anew without a stack for each message, as a damaged store has many. */
class MalformedMessage {}

/** The fields of one message, in the order of its bytes; unknown ones are to be passed over. */
export class WireReader {
  readonly #bytes: Buffer;
  #position = 0;
  #type = varintType;
  /** Of the field that {@link next} found: a varint's value, else where its bytes start. */
  #value = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The number of the next field; 0 after the last. */
  next(): number {
    if (this.#position === this.#bytes.byteLength) return 0;
    const start = this.#position;
    const tag = this.#varint();
    const field = Math.floor(tag / 8);
    const isTooLong = this.#position - start > maxTagLength;
    if (isTooLong || field < 1 || field > maxField) malformed();
    this.#type = tag % 8;
    if (this.#type === varintType) this.#value = this.#varint();
    else this.#skip(this.#sizeOfBytes());
    return field;
  }

  /** The field as an integer or an enum, within 2^53 on both sides. */
  number(): number {
    if (this.#type !== varintType || !Number.isSafeInteger(this.#value)) malformed();
    return this.#value;
  }

  /** The field as an integer, of which beyond 2^53 only the magnitude is right. */
  roundedNumber(): number {
    if (this.#type !== varintType) malformed();
    return this.#value;
  }

  /** The field as integers or enums of a repeated field, which may come packed or one by one. */
  numbers(): number[] {
    if (this.#type === varintType) return [this.number()];
    const packed = new WireReader(this.bytes());
    const values: number[] = [];
    while (packed.#position < packed.#bytes.byteLength) {
      const value = packed.#varint();
      if (!Number.isSafeInteger(value)) malformed();
      values.push(value);
    }
    return values;
  }

  /** The field as a boolean. */
  boolean(): boolean {
    if (this.#type !== varintType) malformed();
    return this.#value !== 0;
  }

  /** The field as bytes, which share memory with the message. */
  bytes(): Buffer {
    if (this.#type !== bytesType) malformed();
    return this.#bytes.subarray(this.#value, this.#position);
  }

  /** The field as text, which must be UTF-8. */
  text(): string {
    const bytes = this.bytes();
    const text = bytes.toString("utf8");
    if (text.includes("\ufffd") && !isUtf8(bytes)) malformed();
    return text;
  }

  /** What `read` makes of the field as a message. */
  message<T>(read: (reader: WireReader) => T): T {
    return read(new WireReader(this.bytes()));
  }

  /** Groups, which no message of REAPI has, are refused: they nest without end. */
  #sizeOfBytes(): number {
    if (this.#type === bytesType) return this.#varint();
    if (this.#type === fixed64Type) return 8;
    return this.#type === fixed32Type ? 4 : malformed();
  }

  #skip(sizeBytes: number): void {
    this.#value = this.#position;
    if (!(sizeBytes >= 0 && sizeBytes <= this.#bytes.byteLength - this.#position)) malformed();
    this.#position += sizeBytes;
  }

  #varint(): number {
    const start = this.#position;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#position++] ?? malformed();
      value += (byte & 127) * scale;
      if (byte < 128) break;
      if (this.#position - start === maxVarintLength) malformed();
    }
    return this.#position - start < maxVarintLength ? value : this.#signedVarint(start);
  }

  /** A number of ten bytes is a negative one of 64 bits; a double cannot add it up exactly. */
  #signedVarint(start: number): number {
    let value = 0n;
    for (let end = this.#position; end-- > start; ) {
      value = (value << 7n) | BigInt((this.#bytes[end] ?? 0) & 127);
    }
    return Number(BigInt.asIntN(64, value));
  }
}

const maxField = 2 ** 29 - 1;
/** A tag has 32 bits: readers differ on one that is padded further. */
const maxTagLength = 5;
const maxVarintLength = 10;

const varintType = 0;
const fixed64Type = 1;
const bytesType = 2;
const fixed32Type = 5;
