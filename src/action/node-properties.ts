import { type WireReader, malformed } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/**
 * Writes permission bits as the field `field`; nothing when they do not matter. 0 is not nothing,
 * so it stands in a message of its own. Source: REAPI v2 `NodeProperties.unix_mode`.
 */
export function writeMode(writer: WireWriter, field: number, mode: number | undefined): void {
  if (mode === undefined) return;
  writer.message(field, () => writer.message(3, () => writer.number(1, mode)));
}

/** The permission bits in the current field of `reader`, a `NodeProperties`; absent: none. */
export function readMode(reader: WireReader): { readonly mode?: number } {
  return reader.message((properties) => {
    let mode: { readonly mode?: number } = {};
    for (let field = properties.next(); field !== 0; field = properties.next()) {
      if (field === 3) mode = { mode: properties.message(readUint32) };
    }
    return mode;
  });
}

function readUint32(reader: WireReader): number {
  let value = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) value = reader.number();
  }
  return value >= 0 && value < 2 ** 32 ? value : malformed();
}
