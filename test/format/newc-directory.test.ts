import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { newcEntriesOf } from "../../src/format/newc-directory.ts";
import { archiveDirectory } from "../../src/format/newc-file.ts";
import { rootMode } from "../../src/format/root-mode.ts";
import {
  type Tree,
  lacks,
  noSignal,
  pack,
  readTree,
  run,
  temporaryDirectory,
  treeOf,
  trees,
  unpack,
  writeTree,
} from "./format-rig.ts";

/** Some of all that there is, with names that are no text and directories that are empty. */
const sample: Tree = new Map([
  ["bin", { kind: "directory", mode: 0o755 }],
  ["bin/app", { kind: "file", mode: 0o755, content: "\x7fELF\0\xff" }],
  ["bin/sh", { kind: "symlink", mode: 0o777, content: "/bin/app" }],
  ["bin-old", { kind: "directory", mode: 0o700 }],
  ["caf\xe9\x01", { kind: "file", mode: 0o640, content: "" }],
  ["etc", { kind: "directory", mode: 0o750 }],
  ["etc/a b", { kind: "file", mode: 0o444, content: "two words\n" }],
  ["tmp", { kind: "directory", mode: 0o1777 }],
]);

/** The archive of `tree`, made on the disk of the machine. */
async function archiveOf(tree: Tree, change: (directory: string) => void = () => undefined) {
  const home = temporaryDirectory();
  writeTree(join(home, "rootfs"), tree);
  change(join(home, "rootfs"));
  const output = join(home, "out.cpio");
  await archiveDirectory(join(home, "rootfs"), output, { mtime: 0 }, noSignal);
  return { output, bytes: readFileSync(output) };
}

/** `tree`, whose files are root's. */
function ofRoot(tree: Tree): Tree {
  return new Map(
    [...tree].map(([path, node]) => {
      return [path, node.kind === "symlink" ? node : { ...node, mode: rootMode(node.mode) }];
    }),
  );
}

test("random trees on disk are in the archive as they are, as root's", async () => {
  const home = temporaryDirectory();
  let number = 0;
  await fc.assert(
    fc.asyncProperty(trees(), async (tree) => {
      const directory = join(home, String(number++));
      writeTree(directory, tree);
      const packed = await unpack(pack(newcEntriesOf(directory)));
      expect(packed).toEqual({ tree: ofRoot(readTree(directory)), skipped: [] });
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

test("one tree gives one archive, wherever, whenever and by whomever it was made", async () => {
  const { bytes } = await archiveOf(sample);
  const reversed: Tree = new Map(
    // Directories are made with what is first in them.
    [...sample].filter(([, { kind }]) => kind === "directory").concat([...sample].reverse()),
  );
  const other = await archiveOf(reversed, (directory) => {
    for (const [path] of sample) {
      const file = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, "latin1")]);
      lutimesSync(file, 1_000_000_000, 1_234_567_890);
      // Only root may give files away.
      if (process.getuid?.() === 0) lchownSync(file, 1234, 5678);
    }
  });
  expect(other.bytes.equals(bytes)).toBe(true);
});

test("a checkout under another umask gives the same archive, and all may write where all may", async () => {
  const under = (umask: number): Tree =>
    new Map([
      ["bin", { kind: "directory", mode: 0o777 & ~umask }],
      ["bin/app", { kind: "file", mode: 0o777 & ~umask, content: "" }],
      ["log", { kind: "file", mode: 0o666, content: "" }],
      ["page", { kind: "file", mode: 0o666 & ~umask, content: "" }],
      ["tmp", { kind: "directory", mode: 0o1777 }],
    ]);
  const { bytes } = await archiveOf(under(0o002));
  expect(bytes.equals((await archiveOf(under(0o022))).bytes)).toBe(true);
  const { tree } = await unpack(bytes);
  const modes = [...tree].map(([path, { mode }]) => [path, mode.toString(8)]);
  expect(Object.fromEntries(modes)).toEqual({
    bin: "755",
    "bin/app": "755",
    log: "666",
    page: "644",
    tmp: "1777",
  });
});

test("the path to the directory may be a symbolic link, and links below are kept", async () => {
  const home = temporaryDirectory();
  writeTree(join(home, "real"), sample);
  symlinkSync("real", join(home, "link"));
  expect(treeOf(newcEntriesOf(join(home, "link")))).toEqual(readTree(join(home, "real")));
});

test("a file with two names is there twice, with all its content", async () => {
  const { bytes } = await archiveOf(
    new Map([["a", { kind: "file", mode: 0o644, content: "shared" }]]),
    (directory) => linkSync(join(directory, "a"), join(directory, "b")),
  );
  const { tree } = await unpack(bytes);
  const both = { kind: "file", mode: 0o644, content: "shared" };
  expect(Object.fromEntries(tree)).toEqual({ a: both, b: both });
});

test("hidden names are left out wherever they are, with all below them", () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, "src/.git"), { recursive: true });
  mkdirSync(join(home, ".git/objects"), { recursive: true });
  writeFileSync(join(home, "src/.gitignore"), "");
  const entries = newcEntriesOf(home, { hidden: new Set([".git"]) });
  expect([...treeOf(entries).keys()]).toEqual(["src", "src/.gitignore"]);
});

test("a fifo and a socket are mistakes that are named", async () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, "run"));
  execFileSync("mkfifo", [join(home, "run/pipe")]);
  expect(() => pack(newcEntriesOf(home))).toThrow(
    "run/pipe is a fifo, which no root file system of Unikraft can hold",
  );
  rmSync(join(home, "run/pipe"));
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(home, "run/sock"), resolve));
  expect(() => pack(newcEntriesOf(home))).toThrow(
    "run/sock is a socket, which no root file system of Unikraft can hold",
  );
  await new Promise((resolve) => server.close(resolve));
});

test("a sparse file of 4 GiB is refused", () => {
  const home = temporaryDirectory();
  writeFileSync(join(home, "disk"), "");
  truncateSync(join(home, "disk"), 2 ** 32);
  expect(() => pack(newcEntriesOf(home))).toThrow("disk is too large for CPIO: 4 GiB or more");
});

test("a signal stops the writing, with its reason", async () => {
  const home = temporaryDirectory();
  writeTree(join(home, "rootfs"), sample);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const writing = archiveDirectory(join(home, "rootfs"), join(home, "out"), { mtime: 0 }, signal);
  await expect(writing).rejects.toBe(reason);
});

test.skipIf(lacks("cpio"))("GNU cpio lists the modes, owners, times and names", async () => {
  const { bytes } = await archiveOf(sample);
  const listed = run("cpio", ["-itv", "--numeric-uid-gid", "--quiet"], { input: bytes });
  expect(listed).toBe(
    [
      "drwxr-xr-x   1 0        0               0 Jan  1  1970 ./bin",
      "-rwxr-xr-x   1 0        0               6 Jan  1  1970 ./bin/app",
      "lrwxrwxrwx   1 0        0               8 Jan  1  1970 ./bin/sh -> /bin/app",
      "drwx------   1 0        0               0 Jan  1  1970 ./bin-old",
      "-rw-r-----   1 0        0               0 Jan  1  1970 ./caf\xe9\x01",
      "drwxr-x---   1 0        0               0 Jan  1  1970 ./etc",
      "-r--r--r--   1 0        0              10 Jan  1  1970 ./etc/a b",
      "drwxrwxrwt   1 0        0               0 Jan  1  1970 ./tmp",
      "",
    ].join("\n"),
  );
});

test.skipIf(lacks("cpio"))("GNU cpio extracts what was packed, of random trees", async () => {
  const home = temporaryDirectory();
  let number = 0;
  fc.assert(
    fc.property(trees(), (tree) => {
      const from = join(home, `${number}-from`);
      const to = join(home, `${number++}-to`);
      writeTree(from, tree);
      mkdirSync(to);
      const input = pack(newcEntriesOf(from));
      run("cpio", ["-id", "--no-preserve-owner", "--quiet"], { cwd: to, input });
      expect(readTree(to)).toEqual(ofRoot(readTree(from)));
      rmSync(from, { recursive: true });
      rmSync(to, { recursive: true });
    }),
    { numRuns: 25 },
  );
});

test.skipIf(lacks("bsdtar"))("bsdtar lists what was packed", async () => {
  const { output } = await archiveOf(
    new Map([...sample].filter(([path]) => /^[ -~]*$/.test(path))),
  );
  expect(run("bsdtar", ["-tf", output]).trimEnd().split("\n")).toEqual([
    "./bin",
    "./bin/app",
    "./bin/sh",
    "./bin-old",
    "./etc",
    "./etc/a b",
    "./tmp",
  ]);
});

test("the mode of a file that was changed is another archive", async () => {
  const { bytes } = await archiveOf(sample);
  const changed = await archiveOf(sample, (directory) =>
    chmodSync(join(directory, "bin/app"), 0o700),
  );
  expect(changed.bytes.equals(bytes)).toBe(false);
});
