// How an action ran, and what it was, as REAPI v2 has it in `ExecutedActionMetadata`.

import type { ActionResult } from "./result.ts";
import { type WireReader, malformed } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** What is known of a run beside what it left. */
export type RunMetadata = Pick<ActionResult, "wallMs" | "mnemonic" | "signature">;

/** Writes the field `field`, an `ExecutedActionMetadata`, with the time to the nanosecond. */
export function writeRunMetadata(
  writer: WireWriter,
  field: number,
  { wallMs, mnemonic, signature }: RunMetadata,
): void {
  const nanos = Math.round((wallMs % 1000) * 1e6);
  const carry = nanos === 1e9 ? 1 : 0;
  writer.message(field, () => {
    const notes = [
      ...(mnemonic === undefined ? [] : [mnemonicMark + mnemonic]),
      ...(signature === undefined ? [] : [signatureMark + signature]),
    ];
    for (const note of notes) writer.message(auxiliary, () => writeNote(writer, note));
    writer.message(virtualDuration, () => {
      writer.number(1, Math.floor(wallMs / 1000) + carry);
      writer.number(2, carry === 1 ? 0 : nanos);
    });
  });
}

/** A `google.protobuf.Any` with a `google.protobuf.StringValue`, told from others by its text. */
function writeNote(writer: WireWriter, note: string): void {
  writer.bytes(1, stringType);
  writer.message(2, () => writer.bytes(1, note));
}

/**
 * What the current field of `reader` says: in milliseconds the virtual duration, else from the
 * start of the execution to its end, else 0.
 */
export function readRunMetadata(reader: WireReader): RunMetadata {
  return reader.message((metadata) => {
    let mnemonic: string | undefined;
    let signature: string | undefined;
    let duration: number | undefined;
    let start: number | undefined;
    let end: number | undefined;
    for (let field = metadata.next(); field !== 0; field = metadata.next()) {
      if (field === executionStart) start = metadata.message(readMs);
      else if (field === executionCompleted) end = metadata.message(readMs);
      else if (field === virtualDuration) duration = metadata.message(readMs);
      else if (field === auxiliary) {
        const note = metadata.message(readNote);
        mnemonic = behind(mnemonicMark, note) ?? mnemonic;
        signature = behind(signatureMark, note) ?? signature;
      }
    }
    const ran = start === undefined || end === undefined ? 0 : end - start;
    const known = {
      ...(mnemonic !== undefined && { mnemonic }),
      ...(signature !== undefined && { signature }),
    };
    return { wallMs: Math.max(0, duration ?? ran), ...known };
  });
}

/** What follows `mark` in `note`; undefined where it does not begin so, as that of another tool. */
function behind(mark: string, note: string | undefined): string | undefined {
  return note?.startsWith(mark) === true ? note.slice(mark.length) : undefined;
}

function readNote(reader: WireReader): string | undefined {
  let type = "";
  let text: string | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.text();
    else if (field === 2 && type === stringType) text = reader.message(readStringValue);
  }
  return text;
}

function readStringValue(reader: WireReader): string {
  let text = "";
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) text = reader.text();
  }
  return text;
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
const auxiliary = 11;
const virtualDuration = 12;

const stringType = "type.googleapis.com/google.protobuf.StringValue";
const mnemonicMark = "mnemonic ";
const signatureMark = "kraft-graph signature ";
