// What extended headers say of one member of a tar archive.

import type { PaxRecord } from "./pax-header.ts";

/** The records that count for a member: of two of one name the later, local before global. */
export class PaxFacts {
  /** From GNU's own headers, which have no other place for them. */
  longName: Uint8Array | undefined;
  longLink: Uint8Array | undefined;
  #records: readonly PaxRecord[] = [];
  readonly #values = new Map<string, Uint8Array>();

  /** Adds what counts more than all so far. */
  add(records: readonly PaxRecord[]): void {
    this.#records = [...this.#records, ...records];
    for (const [key, value] of records) this.#values.set(key, value);
  }

  /** Adds what counts only where nothing else is said. */
  addBelow(records: readonly PaxRecord[]): void {
    const own = new Set(this.#values.keys());
    for (const [key, value] of records) if (!own.has(key)) this.#values.set(key, value);
  }

  /** The value of `key`; an empty one takes back what was said before, so it is none. */
  bytes(key: string): Uint8Array | undefined {
    const value = this.#values.get(key);
    return value === undefined || value.byteLength === 0 ? undefined : value;
  }

  text(key: string): string | undefined {
    const value = this.bytes(key);
    return value && Buffer.from(value).toString("utf8");
  }

  /** A decimal number, as times may be; undefined for what is none. */
  number(key: string): number | undefined {
    const text = this.text(key);
    return text !== undefined && /^-?\d+(\.\d*)?$/.test(text) ? Number(text) : undefined;
  }

  /** All local records in their order, for those of which there are several of one name. */
  list(): readonly PaxRecord[] {
    return this.#records;
  }

  /** By full name. Source: star, "SCHILY.xattr"; libarchive, tar(5), "LIBARCHIVE.xattr". */
  xattrs(): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [key, value] of this.#values) {
      if (key.startsWith(encodedPrefix)) {
        const name = decodedName(key.slice(encodedPrefix.length));
        if (!found.has(name)) {
          found.set(name, Buffer.from(Buffer.from(value).toString("latin1"), "base64"));
        }
      } else if (key.startsWith(plainPrefix)) {
        found.set(key.slice(plainPrefix.length), Buffer.from(value));
      }
    }
    return found;
  }
}

const plainPrefix = "SCHILY.xattr.";
const encodedPrefix = "LIBARCHIVE.xattr.";

function decodedName(name: string): string {
  return name.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
