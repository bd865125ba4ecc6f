// Archives that no honest program makes.

import { crc32 } from "node:zlib";

/** A member of a forged archive: what stands in its header, whatever sense it makes. */
export interface Member {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly body?: string | Buffer;
  /** What the header says of the body, when that is not its length. */
  readonly size?: number;
}

/** The blocks of one member of a tar archive. */
export function tarMember(member: Member): Buffer {
  const { name, type = "0", link = "", mode = 0o644, body = "" } = member;
  const bytes = Buffer.from(body);
  const block = Buffer.alloc(512);
  Buffer.from(name).copy(block, 0, 0, 100);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(member.size ?? bytes.byteLength, 124, 11);
  octal(0, 136, 11);
  block.write(type, 156, "latin1");
  block.write(link, 157, 100);
  block.write("ustar\x0000", 257, "latin1");
  block.fill(" ", 148, 156);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.byteLength % 512)) % 512)]);
}

/** The end of a tar archive. */
export const tarEnd = Buffer.alloc(1_024);

export function tar(...members: readonly Member[]): Buffer {
  return Buffer.concat([...members.map(tarMember), tarEnd]);
}

/** An extended header for the next member, or with the type `g` for all. */
export function pax(records: Readonly<Record<string, string>>, type = "x"): Member {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    const digits = String(rest + String(rest).length).length;
    return `${rest + digits} ${key}=${value}\n`;
  });
  return { name: "pax", type, body: lines.join("") };
}

/** A zip archive of stored files, made on Unix. Modes are whole, with the kind of file in them. */
export function zip(...members: readonly (Member & { flags?: number; method?: number })[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, body = "", mode = 0o100644, flags = 0, method = 0, size } of members) {
    const [file, bytes] = [Buffer.from(name), Buffer.from(body)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.byteLength, 14);
    common.writeUInt32LE(size ?? bytes.byteLength, 18);
    common.writeUInt16LE(file.byteLength, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, file, bytes]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE((mode << 16) >>> 0, 6);
    attributes.writeUInt32LE(offset, 10);
    const made = Buffer.from([30, 3]);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02"), made, common, attributes, file]));
    locals.push(local);
    offset += local.byteLength;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(central).byteLength, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...central, end]);
}
