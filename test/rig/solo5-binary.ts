// Binaries with the notes of Solo5, for tests: no code, but what tenders and tools look at.

import type { Solo5Device } from "../../src/format/solo5-notes.ts";

const targets = ["hvt", "spt", "virtio", "muen", "genode", "xen"];

/** An ELF file that says it is for the tender `abi`, and has `devices`. */
export function solo5Binary(abi: string, devices: readonly Solo5Device[]): Buffer {
  const abiContent = Buffer.alloc(16);
  abiContent.writeUInt32LE(targets.indexOf(abi) + 1, 0);
  abiContent.writeUInt32LE(2, 4);
  const notes = [note(0x31494241, abiContent), note(0x3154464d, manifestOf(devices))];
  const start = 64 + notes.length * 56;
  const header = Buffer.alloc(start);
  header.write("\x7fELF\x02\x01\x01", 0, "latin1");
  header.writeUInt16LE(2, 16); // An executable,
  header.writeUInt16LE(62, 18); // for x86-64.
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(64n, 0x20);
  header.writeUInt16LE(64, 0x34);
  header.writeUInt16LE(56, 0x36);
  header.writeUInt16LE(notes.length, 0x38);
  let offset = start;
  for (const [i, content] of notes.entries()) {
    const at = 64 + i * 56;
    header.writeUInt32LE(4, at); // PT_NOTE
    header.writeBigUInt64LE(BigInt(offset), at + 8);
    header.writeBigUInt64LE(BigInt(content.length), at + 0x20);
    offset += content.length;
  }
  return Buffer.concat([header, ...notes]);
}

function note(type: number, content: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt32LE(6, 0);
  header.writeUInt32LE(content.length, 4);
  header.writeUInt32LE(type, 8);
  header.write("Solo5\0", 12, "latin1");
  return Buffer.concat([header, content]);
}

function manifestOf(devices: readonly Solo5Device[]): Buffer {
  const manifest = Buffer.alloc(4 + 8 + 104 * (devices.length + 1));
  manifest.writeUInt32LE(1, 4);
  manifest.writeUInt32LE(devices.length + 1, 8);
  manifest.writeUInt32LE(0x40000000, 12 + 68); // The first entry is reserved.
  for (const [i, { name, type }] of devices.entries()) {
    const at = 12 + 104 * (i + 1);
    manifest.write(name, at, "latin1");
    manifest.writeUInt32LE(type === "block" ? 1 : 2, at + 68);
  }
  return manifest;
}
