// ELF files: what programs and libraries say of themselves. Knows no tree and runs nothing.
// Source: System V ABI, "Object Files", "Program Loading and Dynamic Linking"; Linux, elf(5).

import { FormatError } from "./format-error.ts";

/** A file that can be read anywhere. `length` bytes from `offset` are there, or it throws. */
export interface ElfSource {
  /** What errors call it. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly read: (offset: number, length: number) => Buffer;
}

/** A part that is loaded, or that tells how the rest is. */
export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly sizeBytes: number;
}

/** A remark, such as the identifier of a build, or the manifest of Solo5. */
export interface ElfNote {
  readonly name: string;
  readonly type: number;
  readonly content: Buffer;
}

/** What the dynamic linker is told. */
export interface ElfDynamic {
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  /** Directories to look in, of DT_RUNPATH, else of DT_RPATH; `$ORIGIN` is as it stands there. */
  readonly runpath: readonly string[];
}

export interface ElfFile {
  readonly bits: 32 | 64;
  /** Such as 62 for x86_64, 183 for arm64. */
  readonly machine: number;
  /** 1 object, 2 program, 3 library or program anywhere, 4 core. */
  readonly type: number;
  readonly segments: readonly ElfSegment[];
  /** The program that is to start it; undefined: the kernel does. */
  readonly interpreter: string | undefined;
  readonly dynamic: ElfDynamic | undefined;
  /** Read when they are asked for. */
  readonly sections: () => readonly ElfSection[];
  readonly notes: () => readonly ElfNote[];
}

/** Types of segments. */
export const segmentType = { load: 1, dynamic: 2, interpreter: 3, note: 4 } as const;

/** No file has more of anything than this, but broken ones. */
const countLimit = 65_536;
const textLimit = 4096;

/** The file `source`; undefined when it is no ELF. Throws a FormatError for one that is damaged. */
export function readElf(source: ElfSource): ElfFile | undefined {
  if (source.sizeBytes < 20 || source.read(0, 4).toString("latin1") !== "\x7fELF") return undefined;
  const reader = new ElfReader(source);
  const { bits, type, machine } = reader;
  const segments = reader.segments();
  const at = segments.find(({ type }) => type === segmentType.interpreter);
  return {
    bits,
    type,
    machine,
    segments,
    interpreter: at === undefined ? undefined : reader.textAt(at.offset, at.fileBytes),
    dynamic: reader.dynamic(segments),
    sections: () => reader.sections(),
    notes: () =>
      segments.filter((one) => one.type === segmentType.note).flatMap((one) => reader.notes(one)),
  };
}

class ElfReader {
  readonly bits: 32 | 64;
  readonly type: number;
  readonly machine: number;
  readonly #source: ElfSource;
  readonly #isLittle: boolean;
  readonly #header: Buffer;

  constructor(source: ElfSource) {
    this.#source = source;
    const [kind, order] = source.read(4, 2);
    if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) throw this.#damaged();
    this.bits = kind === 1 ? 32 : 64;
    this.#isLittle = order === 1;
    this.#header = this.#read(0, kind === 1 ? 52 : 64);
    this.type = this.#half(this.#header, 16);
    this.machine = this.#half(this.#header, 18);
  }

  segments(): ElfSegment[] {
    const [start, size, count] =
      this.bits === 64
        ? [this.#long(this.#header, 32), this.#half(this.#header, 54), this.#half(this.#header, 56)]
        : [
            this.#word(this.#header, 28),
            this.#half(this.#header, 42),
            this.#half(this.#header, 44),
          ];
    const own = this.bits === 64 ? 56 : 32;
    return this.#table(start, { size, own, count }).map((entry) => {
      const is64 = this.bits === 64;
      return {
        type: this.#word(entry, 0),
        offset: is64 ? this.#long(entry, 8) : this.#word(entry, 4),
        address: is64 ? this.#long(entry, 16) : this.#word(entry, 8),
        fileBytes: is64 ? this.#long(entry, 32) : this.#word(entry, 16),
      };
    });
  }

  sections(): ElfSection[] {
    const is64 = this.bits === 64;
    const start = is64 ? this.#long(this.#header, 40) : this.#word(this.#header, 32);
    const at = is64 ? 58 : 46;
    const [size, count, names] = [0, 2, 4].map((more) => this.#half(this.#header, at + more));
    const table = this.#table(start, { size: size ?? 0, own: is64 ? 64 : 40, count: count ?? 0 });
    const plain = table.map((entry) => ({
      name: this.#word(entry, 0),
      type: this.#word(entry, 4),
      address: is64 ? this.#long(entry, 16) : this.#word(entry, 12),
      offset: is64 ? this.#long(entry, 24) : this.#word(entry, 16),
      sizeBytes: is64 ? this.#long(entry, 32) : this.#word(entry, 20),
    }));
    const strings = plain[names ?? 0];
    return plain.map(({ name, ...rest }) => {
      const isNamed = strings !== undefined && name < strings.sizeBytes;
      const text = isNamed ? this.textAt(strings.offset + name, strings.sizeBytes - name) : "";
      return { name: text, ...rest };
    });
  }

  notes({ offset, fileBytes }: ElfSegment): ElfNote[] {
    const notes: ElfNote[] = [];
    const end = offset + fileBytes;
    for (let at = offset; at + 12 <= end && notes.length < countLimit; ) {
      const header = this.#read(at, 12);
      const [nameBytes, contentBytes] = [this.#word(header, 0), this.#word(header, 4)];
      const contentAt = at + 12 + Math.ceil(nameBytes / 4) * 4;
      if (contentAt + contentBytes > end) throw this.#damaged();
      const name = this.textAt(at + 12, nameBytes);
      const content = Buffer.from(this.#read(contentAt, contentBytes));
      notes.push({ name, type: this.#word(header, 8), content });
      at = contentAt + Math.ceil(contentBytes / 4) * 4;
    }
    return notes;
  }

  dynamic(segments: readonly ElfSegment[]): ElfDynamic | undefined {
    const at = segments.find(({ type }) => type === segmentType.dynamic);
    if (at === undefined) return undefined;
    const size = this.bits / 4;
    const count = Math.floor(at.fileBytes / size);
    const entries = this.#table(at.offset, { size, own: size, count }).map((entry) => ({
      tag: this.bits === 64 ? this.#long(entry, 0) : this.#word(entry, 0),
      value: this.bits === 64 ? this.#long(entry, 8) : this.#word(entry, 4),
    }));
    const end = entries.findIndex(({ tag }) => tag === 0);
    const used = end === -1 ? entries : entries.slice(0, end);
    const valueOf = (tag: number): number | undefined => used.find((one) => one.tag === tag)?.value;
    const [address, sizeBytes] = [valueOf(5), valueOf(10)];
    const strings = address === undefined ? undefined : offsetOf(address, segments);
    const textOf = (value: number): string => {
      if (strings === undefined || sizeBytes === undefined || value >= sizeBytes)
        throw this.#damaged();
      return this.textAt(strings + value, sizeBytes - value);
    };
    const soname = valueOf(14);
    const runpath = valueOf(29) ?? valueOf(15);
    return {
      needed: used.filter(({ tag }) => tag === 1).map(({ value }) => textOf(value)),
      soname: soname === undefined ? undefined : textOf(soname),
      runpath:
        runpath === undefined
          ? []
          : textOf(runpath)
              .split(":")
              .filter((one) => one !== ""),
    };
  }

  /** The text at `offset` up to its NUL, or to `limit` bytes. */
  textAt(offset: number, limit: number): string {
    const bytes = this.#read(offset, Math.min(limit, textLimit, this.#source.sizeBytes - offset));
    const end = bytes.indexOf(0);
    return bytes.toString("latin1", 0, end === -1 ? bytes.length : end);
  }

  #table(
    start: number,
    { size, own, count }: { readonly size: number; readonly own: number; readonly count: number },
  ): Buffer[] {
    if (count === 0) return [];
    if (size < own || count > countLimit) throw this.#damaged();
    const bytes = this.#read(start, size * count);
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, i * size + own));
  }

  #read(offset: number, length: number): Buffer {
    const isInside = offset >= 0 && length >= 0 && offset + length <= this.#source.sizeBytes;
    if (!isInside) throw this.#damaged();
    return this.#source.read(offset, length);
  }

  #half(bytes: Buffer, at: number): number {
    return this.#isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  #word(bytes: Buffer, at: number): number {
    return this.#isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  /** Exact up to what a file can be large; beyond, it is outside of any file anyway. */
  #long(bytes: Buffer, at: number): number {
    return Number(this.#isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  }

  #damaged(): FormatError {
    return new FormatError(this.#source.path, "is a damaged ELF file");
  }
}

/** Where in the file stands what is loaded at `address`. */
function offsetOf(address: number, segments: readonly ElfSegment[]): number | undefined {
  const segment = segments.find(
    (one) =>
      one.type === segmentType.load &&
      address >= one.address &&
      address < one.address + one.fileBytes,
  );
  return segment && address - segment.address + segment.offset;
}
