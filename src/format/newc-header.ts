// The header of a newc entry. Knows no order and no archive.

/** The numbers of a header that are not always 0. All are below 2 ** 32. */
export interface NewcFields {
  readonly ino?: number;
  /** Type and permission bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly nlink?: number;
  readonly mtime?: number;
  readonly filesize?: number;
}

/** What stands in a header for a name: that of the entry behind the last one. */
export const trailerName = Buffer.from("TRAILER!!!");

/** The longest name, with its NUL: PATH_MAX of Linux, and of Unikraft's lib/ukcpio. */
export const maxNameBytes = 4096;

/** The type of a file, as in its mode. Source: POSIX, `<cpio.h>`. */
export const fileType = { directory: 0o040000, file: 0o100000, symlink: 0o120000 } as const;

/** The bits of a mode that hold the type. */
export const fileTypeMask = 0o170000;

/** Header and `name`, padded. Devices are 0. */
export function encodeNewcHeader(fields: NewcFields, name: Uint8Array): Uint8Array {
  const { ino = 0, mode = 0, uid = 0, gid = 0, nlink = 0, mtime = 0, filesize = 0 } = fields;
  const nameBytes = name.byteLength + 1;
  const numbers = [ino, mode, uid, gid, nlink, mtime, filesize, 0, 0, 0, 0, nameBytes, 0];
  const unpadded = headerBytes + nameBytes;
  const header = Buffer.alloc(unpadded + paddingOf(unpadded, 4));
  header.write(`070701${numbers.map(hexOf).join("")}`, "latin1");
  header.set(name, headerBytes);
  return header;
}

/** How many bytes are missing from `sizeBytes` to a multiple of `unit`. */
export function paddingOf(sizeBytes: number, unit: number): number {
  return (unit - (sizeBytes % unit)) % unit;
}

/** Magic and thirteen numbers of eight digits. */
const headerBytes = 6 + 13 * 8;

function hexOf(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
