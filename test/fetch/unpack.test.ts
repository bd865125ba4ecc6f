import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import type { ArchiveFormat } from "../../src/fetch/archive-format.ts";
import { unpack } from "../../src/fetch/unpack.ts";
import { freshDirectory } from "./fetch-rig.ts";

/** Commands that make `out` of the directory `lwip-2.1.3`. */
const packers: readonly { name: string; format: ArchiveFormat; script: string }[] = [
  { name: "GNU tar", format: "tar", script: "tar --format=gnu -cf $out lwip-2.1.3" },
  { name: "GNU tar, POSIX", format: "tar", script: "tar --format=posix -cf $out lwip-2.1.3" },
  { name: "bsdtar", format: "tar", script: "bsdtar --no-xattrs -cf $out lwip-2.1.3" },
  { name: "bsdtar, pax", format: "tar", script: "bsdtar --format=pax -cf $out lwip-2.1.3" },
  { name: "gzip", format: "tar.gz", script: "tar -czf $out lwip-2.1.3" },
  { name: "xz", format: "tar.xz", script: "tar -cJf $out lwip-2.1.3" },
  { name: "bzip2", format: "tar.bz2", script: "tar -cjf $out lwip-2.1.3" },
  { name: "zstd", format: "tar.zst", script: "tar --zstd -cf $out lwip-2.1.3" },
  { name: "Info-ZIP", format: "zip", script: "zip -qry $out.zip lwip-2.1.3 && mv $out.zip $out" },
  { name: "bsdtar, zip", format: "zip", script: "bsdtar --format=zip -cf $out lwip-2.1.3" },
  {
    name: "members of gzip, one after the other",
    format: "tar.gz",
    script: `tar -cf $out.tar lwip-2.1.3; split -b 5000 $out.tar $out.part.
      for p in $out.part.*; do gzip -c $p; done > $out`,
  },
];

describe("what the system's own programs make of an archive is what we make of it", () => {
  test.each(packers)("$name ($format)", async ({ format, script }) => {
    const { directory, archive } = packed(script);
    const theirs = join(directory, "theirs");
    mkdirSync(theirs);
    const unpacker =
      format === "zip"
        ? ["unzip", "-q", archive, "-d", theirs]
        : ["tar", "-xf", archive, "-C", theirs];
    execFileSync(unpacker[0] ?? "", unpacker.slice(1));
    for (const said of [format, undefined]) {
      const into = join(directory, `ours-${said}`);
      await unpack(archive, said, into);
      expect(listing(into)).toEqual(listing(theirs));
    }
    expect(listing(theirs)).toMatchObject({ "lwip-2.1.3/configure": "executable #!/bin/sh\n" });
    expect(readdirSync(directory).filter((name) => name.includes("unpacking"))).toEqual([]);
  });
});

test("the only directory at the top is left out when asked", async () => {
  const { directory, archive } = packed("tar -czf $out lwip-2.1.3");
  await unpack(archive, undefined, join(directory, "in/here"), { strip: "single" });
  expect(readdirSync(join(directory, "in"))).toEqual(["here"]);
  expect(listing(join(directory, "in/here"))).toMatchObject({ "src/link": "-> ../configure" });
});

test("an archive with more at the top than one directory is laid down as it is", async () => {
  const { directory, archive } = packed("touch README; tar -czf $out lwip-2.1.3 README");
  await unpack(archive, undefined, join(directory, "ours"), { strip: "single" });
  expect(readdirSync(join(directory, "ours"))).toEqual(["README", "lwip-2.1.3"]);
});

/** A tree with what sources have, and the archive that `script` makes of it. */
function packed(script: string) {
  const directory = freshDirectory();
  const top = join(directory, "lwip-2.1.3");
  const deep = `src/${"a-directory-with-quite-a-long-name/".repeat(6)}deep`;
  mkdirSync(join(top, deep), { recursive: true });
  mkdirSync(join(top, "empty"));
  writeFileSync(join(top, "configure"), "#!/bin/sh\n");
  chmodSync(join(top, "configure"), 0o755);
  writeFileSync(join(top, "src/größe-日本.c"), "int x;\n");
  writeFileSync(join(top, "src/nothing.c"), "");
  writeFileSync(join(top, deep, `${"n".repeat(120)}.c`), "x".repeat(70_000));
  for (const size of [511, 512, 513]) writeFileSync(join(top, `src/${size}`), "y".repeat(size));
  linkSync(join(top, "src/512"), join(top, "src/same-as-512"));
  symlinkSync("../configure", join(top, "src/link"));
  symlinkSync(`${deep}/${"n".repeat(120)}.c`, join(top, "long-link"));
  symlinkSync("nowhere", join(top, "dangling"));
  const archive = join(directory, "archive");
  execFileSync("sh", ["-ec", script], { cwd: directory, env: { ...process.env, out: archive } });
  expect(existsSync(archive)).toBe(true);
  return { directory, archive };
}

/** What a tree's digest is made of, by path. */
function listing(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => {
    const whole = join(root, path);
    const state = lstatSync(whole);
    if (state.isSymbolicLink()) return [path, `-> ${readlinkSync(whole)}`];
    if (state.isDirectory()) return [path, "directory"];
    const kind = (state.mode & 0o111) === 0 ? "file" : "executable";
    const text = readFileSync(whole, "utf8");
    return [path, `${kind} ${text.length > 80 ? `${text.length} of ${text[0]}` : text}`];
  });
  return Object.fromEntries(entries);
}
