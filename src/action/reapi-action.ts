// The messages Action and Command of REAPI v2, to bytes. Knows no action of ours.

import type { Digest } from "../digest/digest.ts";
import { writeDigest } from "./reapi-digest.ts";
import { compareUtf8, sortedByName } from "./utf8-order.ts";
import { type WireWriter, encodeWire } from "./wire-writer.ts";

/** What is run. Source: REAPI v2 `Command`. */
export interface Command {
  readonly arguments: readonly string[];
  readonly environment: readonly Property[];
  /** Relative to the input root, in which the command starts. */
  readonly outputPaths: readonly string[];
  /**
   * Told again in the fields of before version 2.1, and with what the machine must be like, as
   * servers want it that execute. Absent: it is only to be known by.
   */
  readonly execution?: { readonly platform: readonly Property[] };
}

/** What is run, and on what. Source: REAPI v2 `Action`. */
export interface ReapiAction {
  readonly command: Digest;
  readonly inputRoot: Digest;
  /** Whatever else the result depends on; the empty text says nothing. */
  readonly salt: string;
  /** What the machine must be like, such as `OSFamily` being `linux`; a name may come twice. */
  readonly platform: readonly Property[];
}

/** A name and its value. */
export interface Property {
  readonly name: string;
  readonly value: string;
}

/** `command` in canonical form, whatever the order of its environment and outputs. */
export function encodeCommand(command: Command): Uint8Array {
  return encodeWire((writer) => {
    for (const argument of command.arguments) writer.element(1, argument);
    for (const variable of sortedByName(command.environment)) writeProperty(writer, 2, variable);
    const outputPaths = [...new Set(command.outputPaths)].sort(compareUtf8);
    const { platform = [] } = command.execution ?? {};
    // What they name may be a directory, too: which it is, nobody knows before.
    if (command.execution !== undefined) for (const path of outputPaths) writer.element(3, path);
    if (platform.length > 0) writePlatform(writer, 5, platform);
    for (const path of outputPaths) writer.element(7, path);
  });
}

/** `action` in canonical form; the digest of these bytes is the action key. */
export function encodeAction(action: ReapiAction): Uint8Array {
  return encodeWire((writer) => {
    writeDigest(writer, 1, action.command);
    writeDigest(writer, 2, action.inputRoot);
    writer.bytes(9, Buffer.from(action.salt));
    if (action.platform.length > 0) writePlatform(writer, 10, action.platform);
  });
}

function writePlatform(writer: WireWriter, field: number, properties: readonly Property[]): void {
  const sorted = properties.toSorted(
    (a, b) => compareUtf8(a.name, b.name) || compareUtf8(a.value, b.value),
  );
  writer.message(field, () => {
    for (const property of sorted) writeProperty(writer, 1, property);
  });
}

function writeProperty(writer: WireWriter, field: number, { name, value }: Property): void {
  writer.message(field, () => {
    writer.bytes(1, name);
    writer.bytes(2, value);
  });
}
