// How long an action ran, as REAPI v2 has it in `ExecutedActionMetadata`.

import { type WireReader, malformed } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Writes `wallMs` as the field `field`, an `ExecutedActionMetadata`, to the nanosecond. */
export function writeWallMs(writer: WireWriter, field: number, wallMs: number): void {
  const nanos = Math.round((wallMs % 1000) * 1e6);
  const carry = nanos === 1e9 ? 1 : 0;
  writer.message(field, () =>
    writer.message(virtualDuration, () => {
      writer.number(1, Math.floor(wallMs / 1000) + carry);
      writer.number(2, carry === 1 ? 0 : nanos);
    }),
  );
}

/**
 * The milliseconds in the current field of `reader`: the virtual duration, else from the start of
 * the execution to its end, else 0.
 */
export function readWallMs(reader: WireReader): number {
  return reader.message((metadata) => {
    let duration: number | undefined;
    let start: number | undefined;
    let end: number | undefined;
    for (let field = metadata.next(); field !== 0; field = metadata.next()) {
      if (field === executionStart) start = metadata.message(readMs);
      else if (field === executionCompleted) end = metadata.message(readMs);
      else if (field === virtualDuration) duration = metadata.message(readMs);
    }
    if (duration !== undefined) return Math.max(0, duration);
    return start === undefined || end === undefined ? 0 : Math.max(0, end - start);
  });
}

/** A `Duration` or a `Timestamp`; both are seconds and nanoseconds. */
function readMs(reader: WireReader): number {
  let seconds = 0;
  let nanos = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) seconds = reader.number();
    else if (field === 2) nanos = reader.number();
  }
  return Math.abs(nanos) < 1e9 ? (seconds * 1e9 + nanos) / 1e6 : malformed();
}

const executionStart = 7;
const executionCompleted = 8;
const virtualDuration = 12;
