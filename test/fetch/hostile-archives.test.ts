import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

import { FetchError } from "../../src/fetch/fetch-error.ts";
import type { Limits } from "../../src/fetch/limits.ts";
import { unpack } from "../../src/fetch/unpack.ts";
import { freshDirectory } from "./fetch-rig.ts";
import { pax, tar, tarEnd, tarMember, zip } from "./forge.ts";

interface Case {
  readonly title: string;
  readonly bytes: Buffer;
  readonly says: string;
  readonly limits?: Partial<Limits>;
}

const file = { name: "a", body: "text" };
const link = (name: string, target: string) => ({ name, type: "2", link: target });
const hard = (name: string, target: string) => ({ name, type: "1", link: target });
const folder = (name: string) => ({ name, type: "5" });
const zipLink = (name: string, body: string) => ({ name, body, mode: 0o120777 });

/** Each is refused with this text, in which `ARCHIVE` is its path. */
const cases: readonly Case[] = [
  {
    title: "a member above the folder",
    bytes: tar({ name: "../evil" }),
    says: 'unsafe-archive: ARCHIVE holds "../evil", which leads out of its folder',
  },
  {
    title: "a member that goes down, and up further",
    bytes: tar({ name: "a/b/../../../evil" }),
    says: 'unsafe-archive: ARCHIVE holds "a/b/../../../evil", which leads out of its folder',
  },
  {
    title: "an absolute member",
    bytes: tar({ name: "/tmp/evil" }),
    says: 'unsafe-archive: ARCHIVE holds "/tmp/evil", which is an absolute path',
  },
  {
    title: "an absolute path in an extended header",
    bytes: tar(pax({ path: "/tmp/evil" }), { name: "harmless" }),
    says: 'unsafe-archive: ARCHIVE holds "/tmp/evil", which is an absolute path',
  },
  {
    title: "a path for all members in a global header",
    bytes: tar(pax({ path: "../evil" }, "g"), { name: "harmless" }),
    says: 'unsafe-archive: ARCHIVE holds "../evil", which leads out of its folder',
  },
  {
    title: "a long name of GNU tar that leads out",
    bytes: tar({ name: "././@LongLink", type: "L", body: "../evil\0" }, { name: "harmless" }),
    says: 'unsafe-archive: ARCHIVE holds "../evil", which leads out of its folder',
  },
  {
    title: "a member through a link to elsewhere",
    bytes: tar(link("out", "/tmp"), { name: "out/evil" }),
    says: 'unsafe-archive: ARCHIVE: "out/evil" goes through "out", which is no folder',
  },
  {
    title: "a folder through a link, which is to stay inside",
    bytes: tar(folder("a"), link("b", "a"), folder("b/c")),
    says: 'unsafe-archive: ARCHIVE: "b/c" goes through "b", which is no folder',
  },
  {
    title: "a link that is replaced by a file, to be written through",
    bytes: tar(link("out", "/etc/passwd"), { name: "out", body: "evil" }),
    says: 'unsafe-archive: ARCHIVE: "out" is there twice',
  },
  {
    title: "a folder that is replaced by a link",
    bytes: tar(folder("a"), link("a", "/tmp"), { name: "a/evil" }),
    says: 'unsafe-archive: ARCHIVE: "a" is there twice',
  },
  {
    title: "a link in place of the top",
    bytes: tar(link("./", "/tmp")),
    says: 'unsafe-archive: ARCHIVE: "." is there twice',
  },
  {
    title: "an absolute link",
    bytes: tar(link("passwd", "/etc/passwd")),
    says: 'unsafe-archive: ARCHIVE: "passwd" points out of its folder, to "/etc/passwd"',
  },
  {
    title: "a link that leads up too far",
    bytes: tar(link("a/b", "../../evil")),
    says: 'unsafe-archive: ARCHIVE: "a/b" points out of its folder, to "../../evil"',
  },
  {
    title: "links that lead out only together",
    bytes: tar(folder("d"), link("d/up", ".."), link("out", "d/up/../..")),
    says: 'unsafe-archive: ARCHIVE: "out" points out of its folder, to "d/up/../.."',
  },
  {
    title: "a hard link to outside",
    bytes: tar(hard("passwd", "/etc/passwd")),
    says: 'unsafe-archive: ARCHIVE holds "/etc/passwd", which is an absolute path',
  },
  {
    title: "a hard link that leads up",
    bytes: tar(hard("a", "../evil")),
    says: 'unsafe-archive: ARCHIVE holds "../evil", which leads out of its folder',
  },
  {
    title: "a hard link to a symbolic one",
    bytes: tar(link("soft", "/etc/passwd"), hard("hard", "soft")),
    says: 'unsafe-archive: ARCHIVE: "hard" is a link to "soft", no file that came before',
  },
  {
    title: "a hard link to what comes later",
    bytes: tar(hard("b", "a"), file),
    says: 'unsafe-archive: ARCHIVE: "b" is a link to "a", no file that came before',
  },
  {
    title: "a hard link through a symbolic one",
    bytes: tar(link("out", "/etc"), hard("b", "out/passwd")),
    says: 'unsafe-archive: ARCHIVE: "b" is a link to "out/passwd", no file that came before',
  },
  {
    title: "a character device",
    bytes: tar({ name: "null", type: "3" }),
    says: 'unsupported-archive: ARCHIVE: "null" is a character device',
  },
  {
    title: "a block device",
    bytes: tar({ name: "sda", type: "4" }),
    says: 'unsupported-archive: ARCHIVE: "sda" is a block device',
  },
  {
    title: "a named pipe",
    bytes: tar({ name: "pipe", type: "6" }),
    says: 'unsupported-archive: ARCHIVE: "pipe" is a named pipe',
  },
  {
    title: "a member of a kind that nobody knows",
    bytes: tar({ name: "a", type: "Z" }),
    says: 'unsupported-archive: ARCHIVE: "a" is a member of the unknown kind "Z"',
  },
  {
    title: "a file with holes",
    bytes: tar(pax({ "GNU.sparse.major": "1", "GNU.sparse.name": "a" }), file),
    says: 'unsupported-archive: ARCHIVE: "a" is a file with holes',
  },
  {
    title: "a file that is there twice",
    bytes: tar(file, file),
    says: 'unsafe-archive: ARCHIVE: "a" is there twice',
  },
  {
    title: "a file that is there twice, by two names of it",
    bytes: tar(file, { name: "./x/.././a" }),
    says: 'unsafe-archive: ARCHIVE holds "./x/.././a", which leads out of its folder',
  },
  {
    title: "a file below a file",
    bytes: tar(file, { name: "a/b" }),
    says: 'unsafe-archive: ARCHIVE: "a/b" goes through "a", which is no folder',
  },
  {
    title: "a name with a newline",
    bytes: tar({ name: "a\nb" }),
    says: 'unsafe-archive: ARCHIVE holds "a\\nb", a name with control characters',
  },
  {
    title: "a name with NUL, which C would cut off there",
    bytes: tar(pax({ path: "a\0b" }), file),
    says: 'unsafe-archive: ARCHIVE holds "a\\u0000b", a name with control characters',
  },
  {
    title: "a name that would move the cursor of a terminal",
    bytes: tar({ name: "\x1b[2Ja" }),
    says: 'unsafe-archive: ARCHIVE holds "\\u001b[2Ja", a name with control characters',
  },
  {
    title: "a name that is not UTF-8",
    bytes: tar({ name: Buffer.from("caf\xe9", "latin1") }),
    says: 'unsupported-archive: ARCHIVE holds "café", a name that is not UTF-8',
  },
  {
    title: "a path that is too long",
    bytes: tar(pax({ path: "abcdefg/".repeat(3) }), file),
    limits: { pathBytes: 20 },
    says: 'unsafe-archive: ARCHIVE holds "abcdefg/abcdefg/abcdefg/", longer than 20 bytes',
  },
  {
    title: "too many folders in one another",
    bytes: tar({ name: "a/b/c/d" }),
    limits: { depth: 3 },
    says: 'unsafe-archive: ARCHIVE holds "a/b/c/d", more than 3 folders deep',
  },
  {
    title: "a name that no disk takes",
    bytes: tar(pax({ path: "n".repeat(256) }), file),
    says: `unsafe-archive: ARCHIVE holds "${"n".repeat(200)}…", ` + "a name longer than 255 bytes",
  },
  {
    title: "too many members",
    bytes: tar(folder("a"), folder("b"), folder("c")),
    limits: { entries: 2 },
    says: "too-large: ARCHIVE unpacks to more than 2 entries",
  },
  {
    title: "one member with too many folders above it",
    bytes: tar({ name: "a/b/c" }),
    limits: { entries: 2 },
    says: "too-large: ARCHIVE unpacks to more than 2 entries",
  },
  {
    title: "too many bytes",
    bytes: tar({ name: "a", body: "x".repeat(1_000) }),
    limits: { totalBytes: 999 },
    says: "too-large: ARCHIVE unpacks to more than 999 bytes",
  },
  {
    title: "a bomb of zeros",
    bytes: gzipSync(tar({ name: "a", body: Buffer.alloc(66 * 2 ** 20) })),
    says: "too-large: ARCHIVE unpacks to more than 200 times its size",
  },
  {
    title: "a size that is not a number",
    bytes: tar(pax({ size: "1e9" }), file),
    says: "broken-archive: ARCHIVE has a damaged extended header",
  },
  {
    title: "a record that is longer than its header",
    bytes: tar({ name: "pax", type: "x", body: "99 path=a\n" }, file),
    says: "broken-archive: ARCHIVE has a damaged extended header",
  },
  {
    title: "a record of a negative length",
    bytes: tar({ name: "pax", type: "x", body: "-9 path=a\n" }, file),
    says: "broken-archive: ARCHIVE has a damaged extended header",
  },
  {
    title: "an extended header as large as memory",
    bytes: Buffer.concat([tarMember({ name: "pax", type: "x", size: 2 ** 31 }), tarEnd]),
    says: "broken-archive: ARCHIVE has an extended header that is too large",
  },
  {
    title: "an extended header of nothing",
    bytes: tar(pax({ path: "a" })),
    says: "broken-archive: ARCHIVE ends after an extended header",
  },
  {
    title: "a file that is cut off",
    bytes: tar({ name: "a", body: "x".repeat(2_000) }).subarray(0, 1_024),
    says: "broken-archive: ARCHIVE is cut off",
  },
  {
    title: "an archive that is cut off between two members",
    bytes: tarMember(file),
    says: "broken-archive: ARCHIVE is cut off",
  },
  {
    title: "an archive that is cut off within a header",
    bytes: Buffer.concat([tarMember(file), tarMember(file).subarray(0, 300)]),
    says: "broken-archive: ARCHIVE is cut off",
  },
  {
    title: "a damaged header",
    bytes: Buffer.concat([tarMember(file), Buffer.alloc(512, "x"), tarEnd]),
    says: "broken-archive: ARCHIVE has a damaged header",
  },
  {
    title: "garbage after the end",
    bytes: Buffer.concat([tar(file), Buffer.alloc(512, "x")]),
    says: "broken-archive: ARCHIVE goes on after its end",
  },
  {
    title: "a second archive after the end of the first",
    bytes: Buffer.concat([tar(file), tar({ name: "b" })]),
    says: "broken-archive: ARCHIVE goes on after its end",
  },
  {
    title: "gzip that is cut off",
    bytes: gzipSync(tar({ name: "a", body: "x".repeat(5_000) })).subarray(0, -20),
    says: "broken-archive: ARCHIVE is cut off or damaged (unexpected end of file)",
  },
  {
    title: "gzip with another checksum",
    bytes: withLastByteChanged(gzipSync(tar(file)), -8),
    says: "broken-archive: ARCHIVE is cut off or damaged (incorrect data check)",
  },
  {
    title: "gzip with garbage after it",
    bytes: Buffer.concat([gzipSync(tar(file)), Buffer.from("garbage")]),
    says: "broken-archive: ARCHIVE is cut off or damaged (incorrect header check)",
  },
  {
    title: "gzip of what is no archive",
    bytes: gzipSync("x".repeat(600)),
    says: "broken-archive: ARCHIVE has a damaged header",
  },
  {
    title: "a web page",
    bytes: Buffer.from("<!DOCTYPE html>\n<title>404</title>"),
    says: "unknown-format: ARCHIVE is not an archive, but a web page",
  },
  {
    title: "an empty file",
    bytes: Buffer.alloc(0),
    says: "unknown-format: ARCHIVE is not an archive, but an empty file",
  },
  {
    title: "a program",
    bytes: Buffer.from("\x7fELF\x02\x01\x01\x00", "latin1"),
    says: "unknown-format: ARCHIVE is not an archive, but a file that begins with 7f454c4602010100",
  },
  {
    title: "zip: a member above the folder",
    bytes: zip({ name: "../evil" }),
    says: 'unsafe-archive: ARCHIVE holds "../evil", which leads out of its folder',
  },
  {
    title: "zip: an absolute member",
    bytes: zip({ name: "/tmp/evil" }),
    says: 'unsafe-archive: ARCHIVE holds "/tmp/evil", which is an absolute path',
  },
  {
    title: "zip: a member through a link",
    bytes: zip(zipLink("out", "/tmp"), { name: "out/evil" }),
    says: 'unsafe-archive: ARCHIVE: "out/evil" goes through "out", which is no folder',
  },
  {
    title: "zip: a link to outside",
    bytes: zip(zipLink("a", "../../etc/passwd")),
    says: 'unsafe-archive: ARCHIVE: "a" points out of its folder, to "../../etc/passwd"',
  },
  {
    title: "zip: a member that is there twice",
    bytes: zip(file, file),
    says: 'unsafe-archive: ARCHIVE: "a" is there twice',
  },
  {
    title: "zip: a device",
    bytes: zip({ name: "null", mode: 0o020666 }),
    says: 'unsupported-archive: ARCHIVE: "null" is neither a file nor a folder nor a link',
  },
  {
    title: "zip: encrypted",
    bytes: zip({ name: "a", body: "0123456789abc", size: 1, flags: 1 }),
    says: 'unsupported-archive: ARCHIVE: "a" is encrypted',
  },
  {
    title: "zip: a compression that we do not know",
    bytes: zip({ name: "a", method: 93, body: "x" }),
    says: 'unsupported-archive: ARCHIVE: "a" is compressed in a way we do not know (93)',
  },
  {
    title: "zip: another checksum",
    bytes: withLastByteChanged(zip({ name: "a", body: "x" }), -22 - 1 - 46 - 1),
    says: 'broken-archive: ARCHIVE is cut off or damaged ("a" has another checksum)',
  },
  {
    title: "zip: cut off",
    bytes: zip(file).subarray(0, -30),
    says:
      "broken-archive: ARCHIVE is cut off or damaged " +
      "(End of central directory record signature not found. " +
      "Either not a zip file, or file is truncated.)",
  },
];

describe("what an archive may not hold is refused, and leaves nothing", () => {
  test.each(cases)("$title", async ({ bytes, limits = {}, says }) => {
    const directory = freshDirectory();
    const archive = join(directory, "archive");
    writeFileSync(archive, bytes);
    const place = join(directory, "place");
    mkdirSync(place);
    await expect(
      failureOf(unpack(archive, undefined, join(place, "in"), { limits })),
    ).resolves.toBe(says.replace("ARCHIVE", archive));
    expect(readdirSync(place)).toEqual([]);
    expect(readdirSync(directory)).toEqual(["archive", "place"]);
  });
});

test("links that stay inside, lead nowhere or in circles are kept as they are", async () => {
  const { archive, into } = written(
    tar(folder("d"), link("d/up", "../a"), link("self", "self"), link("no", "where"), file),
  );
  await unpack(archive, "tar", into);
  expect(readFileSync(join(into, "d/up"), "utf8")).toBe("text");
  expect(readdirSync(into).sort()).toEqual(["a", "d", "no", "self"]);
});

test("what is fine at the top is not when the top is left out", async () => {
  const { archive, into } = written(tar(folder("top"), link("top/out", "../top")));
  await unpack(archive, "tar", `${into}-whole`);
  expect(await failureOf(unpack(archive, "tar", into, { strip: "single" }))).toBe(
    `unsafe-archive: ${archive}: "top/out" points out of its folder, to "../top"`,
  );
});

test("an archive of another format than promised is refused", async () => {
  const { archive, into } = written(zip(file));
  expect(await failureOf(unpack(archive, "tar.xz", into))).toBe(
    `unknown-format: ${archive} is not a tar.xz archive, but a zip archive`,
  );
});

test("a missing decompressor is told with its package", async () => {
  const { archive, into } = written(Buffer.from("fd377a585a0000", "hex"));
  const error = await unpack(archive, "tar.xz", into, { searchPath: "/nowhere" }).catch(String);
  expect(error).toBe(`FetchError: ${archive} needs xz to be unpacked`);
  await expect(unpack(archive, "tar.xz", into, { searchPath: "/nowhere" })).rejects.toMatchObject({
    code: "missing-program",
    help: "install the package xz-utils",
  });
});

test.each(["fd377a585a000004e6d6b446", "425a6839314159265359", "28b52ffd0458"])(
  "what %s begins is cut off, and the decompressor says so",
  async (hex) => {
    const { archive, into } = written(Buffer.from(hex, "hex"));
    expect(await failureOf(unpack(archive, undefined, into))).toContain(
      `broken-archive: ${archive} is cut off or damaged (`,
    );
  },
);

test("an interrupted unpacking leaves nothing", async () => {
  const { directory, archive, into } = written(gzipSync(tar(file)));
  const abort = new AbortController();
  const unpacking = failureOf(unpack(archive, undefined, into, { signal: abort.signal }));
  abort.abort();
  expect(await unpacking).toBe("interrupted: the fetch was interrupted");
  expect(readdirSync(directory)).toEqual(["archive"]);
});

function written(bytes: Buffer) {
  const directory = freshDirectory();
  const archive = join(directory, "archive");
  writeFileSync(archive, bytes);
  return { directory, archive, into: join(directory, "in") };
}

async function failureOf(unpacking: Promise<void>): Promise<string> {
  try {
    await unpacking;
  } catch (error) {
    if (error instanceof FetchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "unpacked";
}

function withLastByteChanged(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  const index = bytes.byteLength + at;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}
