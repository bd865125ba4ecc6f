import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeDirectory, encodeTree } from "../../src/action/reapi-directory.ts";
import { digestOf, emptyDigest } from "../../src/digest/digest.ts";
import { sealedMtimeMs } from "../../src/store/seal.ts";
import { openStore } from "../../src/store/store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { materialize } from "../../src/store/tree-layout.ts";
import { type TreeOptions, readTree } from "../../src/store/tree.ts";
import { rigHost, temporaryDirectory } from "./store-rig.ts";

function treeRig() {
  const store = openStore(temporaryDirectory(), rigHost());
  const work = temporaryDirectory();
  const stats = store.openStatCache(work);
  const defaults: TreeOptions = { modes: false, fileAt: (path) => stats.fileAt(path) };
  const top = join(work, "top");
  mkdirSync(top);
  return {
    ...store,
    work,
    top,
    path: (name: string) => join(top, name),
    read: (options: Partial<TreeOptions> = {}) => readTree(top, { ...defaults, ...options }),
    /** Reads the tree, and stores it with all its files. */
    store: (options: Partial<TreeOptions> = {}) => {
      const listing = readTree(top, { ...defaults, ...options });
      store.cas.put(listing.bytes);
      for (const [path, { kind }] of listing.files) {
        if (kind === "file") store.cas.importFile(join(top, path), { move: false });
      }
      return listing;
    },
  };
}

/** A directory with one of everything that a tree can hold. */
function fillExample(top: string): void {
  mkdirSync(join(top, "lib", "empty"), { recursive: true });
  mkdirSync(join(top, "bin"), { mode: 0o700 });
  writeFileSync(join(top, "bin", "run"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(top, "lib", "a.txt"), "a", { mode: 0o640 });
  writeFileSync(join(top, "lib", "copy.txt"), "a");
  writeFileSync(join(top, "nothing"), "");
  symlinkSync("../bin/run", join(top, "lib", "run"));
  symlinkSync("/nowhere", join(top, "dangling"));
  symlinkSync(".", join(top, "loop"));
}

test("a tree lists files and links by path, and follows no link", () => {
  const rig = treeRig();
  fillExample(rig.top);
  const { files, skipped, changing, node } = rig.read();
  const file = (text: string, executable = false) => ({
    kind: "file",
    digest: digestOf(text),
    executable,
  });
  expect(Object.fromEntries(files)).toEqual({
    "bin/run": file("#!/bin/sh\n", true),
    dangling: { kind: "symlink", target: "/nowhere" },
    "lib/a.txt": file("a"),
    "lib/copy.txt": file("a"),
    "lib/run": { kind: "symlink", target: "../bin/run" },
    loop: { kind: "symlink", target: "." },
    nothing: file(""),
  });
  expect({ skipped, changing }).toEqual({ skipped: [], changing: [] });
  expect(Object.keys(node).sort()).toEqual(["kind", "root", "tree"]);
});

test("an empty directory has the digest of the empty blob", () => {
  expect(treeRig().read().node.root).toBe(emptyDigest);
});

test("a tree that is laid down is the one that was read", () => {
  for (const modes of [false, true]) {
    const rig = treeRig();
    fillExample(rig.top);
    chmodSync(rig.path("lib/empty"), 0o555);
    const { node } = rig.store({ modes });
    const copy = join(rig.work, "copy");
    expect(materialize(node, copy, rig.cas)).toEqual({ kind: "whole" });
    const stats = rig.openStatCache(copy);
    const read = readTree(copy, { modes, fileAt: (path) => stats.fileAt(path) });
    expect(read.node).toEqual(node);
    expect(readlinkSync(join(copy, "lib", "run"))).toBe("../bin/run");
    if (modes) expect(statSync(join(copy, "lib", "a.txt")).mode & 0o7777).toBe(0o640);
  }
});

test("whatever is in a directory, laying its tree down gives it back", () => {
  const segment = fc.stringMatching(/^[a-cé\u{ffee}\u{1f600}]{1,2}$/u);
  const entry = fc.record({
    path: fc.array(segment, { minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom("file", "tool", "directory", "symlink"),
    text: fc.string({ maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const rig = treeRig();
      for (const { path, kind, text } of entries) place(join(rig.top, ...path), kind, text);
      const { node } = rig.store();
      const copy = join(rig.work, "copy");
      expect(materialize(node, copy, rig.cas)).toEqual({ kind: "whole" });
      expect(pictureOf(copy)).toEqual(pictureOf(rig.top));
    }),
    { numRuns: 60 },
  );
});

test("the order in which entries were made does not matter, nor where the directory is", () => {
  const [one, two] = [treeRig(), treeRig()];
  fillExample(one.top);
  for (const name of readdirSync(one.top).reverse()) {
    cpSync(one.path(name), two.path(name), { recursive: true, verbatimSymlinks: true });
  }
  expect(two.read().node).toEqual(one.read().node);
  expect(Buffer.from(two.read().bytes).equals(one.read().bytes)).toBe(true);
});

test("what is ignored is not even read", () => {
  const rig = treeRig();
  fillExample(rig.top);
  const asked: string[] = [];
  const { files } = rig.read({
    ignore: (path, isDirectory) => {
      asked.push(isDirectory ? `${path}/` : path);
      return path === "lib" || path === "loop";
    },
  });
  expect([...files.keys()]).toEqual(["bin/run", "dangling", "nothing"]);
  expect(asked).toEqual(["bin/", "bin/run", "dangling", "lib/", "loop", "nothing"]);
});

test("modes are part of a tree only when they matter", () => {
  const rig = treeRig();
  fillExample(rig.top);
  const [before, beforeModes] = [rig.read().node, rig.read({ modes: true }).node];
  chmodSync(rig.path("bin"), 0o750);
  chmodSync(rig.path("nothing"), 0o600);
  expect(rig.read().node).toEqual(before);
  expect(rig.read({ modes: true }).node.root).not.toBe(beforeModes.root);
  expect(rig.read({ modes: true }).node.mode).toBe(statSync(rig.top).mode & 0o7777);
});

test("files of a tree are hard links to blobs, and all mtimes are one", () => {
  const rig = treeRig();
  fillExample(rig.top);
  const { node } = rig.store();
  const copy = join(rig.work, "copy");
  materialize(node, copy, rig.cas);
  const blob = rig.cas.pathOf({ digest: digestOf("a"), executable: false }) ?? "";
  expect(statSync(join(copy, "lib", "a.txt")).ino).toBe(statSync(blob).ino);
  for (const path of ["", "bin", "bin/run", "lib/run", "lib/empty", "loop"]) {
    expect(lstatSync(join(copy, path)).mtimeMs, path).toBe(sealedMtimeMs);
  }
});

test("a tree that lacks a blob is told by the blob that it lacks", () => {
  const rig = treeRig();
  fillExample(rig.top);
  const { node } = rig.store();
  rmSync(rig.cas.pathOf({ digest: digestOf("a"), executable: false }) ?? "");
  expect(materialize(node, join(rig.work, "one"), rig.cas)).toEqual({
    kind: "missing",
    digest: digestOf("a"),
  });
  rmSync(rig.cas.pathOf({ digest: node.tree, executable: false }) ?? "");
  expect(materialize(node, join(rig.work, "two"), rig.cas)).toEqual({
    kind: "missing",
    digest: node.tree,
  });
});

test("a tree with a name that leads out of it is not laid down", () => {
  for (const name of ["..", ".", "", "a/b", "/etc", "../../x", "a\0b"]) {
    const rig = treeRig();
    const digest = rig.cas.put(Buffer.from("evil"));
    const directory = {
      files: [{ name, digest, executable: false }],
      directories: [],
      symlinks: [],
    };
    const node = {
      kind: "tree",
      root: digestOf(encodeDirectory(directory)),
      tree: rig.cas.put(encodeTree(encodeDirectory(directory), [])),
    } as const;
    const result = materialize(node, join(rig.work, "copy"), rig.cas);
    expect(result, name).toEqual({ kind: "missing", digest: node.tree });
  }
});

test("a tree whose message is of another root is not laid down", () => {
  const [one, two] = [treeRig(), treeRig()];
  writeFileSync(one.path("a"), "a");
  const tree = one.store().node.tree;
  const { root } = two.store().node;
  const node = { kind: "tree", tree, root } as const;
  expect(materialize(node, join(one.work, "copy"), one.cas).kind).toBe("missing");
});

test("sockets and fifos are left out, and named", async () => {
  const rig = treeRig();
  writeFileSync(rig.path("a"), "a");
  const server = createServer().listen(rig.path("socket"));
  await once(server, "listening");
  spawnSync("mkfifo", [rig.path("fifo")]);
  const { files, skipped } = rig.read();
  server.close();
  expect([...files.keys()]).toEqual(["a"]);
  expect(skipped).toEqual(["fifo", "socket"]);
});

test("a name that is not UTF-8 is refused, and the directory named", () => {
  const rig = treeRig();
  mkdirSync(rig.path("sub"));
  const name = Buffer.concat([Buffer.from(rig.path("sub/caf")), Buffer.from([0xe9])]);
  writeFileSync(name, "x");
  const failure = failureOf(() => rig.read());
  expect(failure.kind).toBe("unnameable");
  expect(failure.path).toBe(rig.path("sub/caf\ufffd"));
  expect(rig.read({ ignore: (path) => path === "sub" }).files.size).toBe(0);
});

test("a link to what is not UTF-8 is refused, and the link named", () => {
  const rig = treeRig();
  symlinkSync(Buffer.from([0x61, 0xff]), rig.path("link"));
  expect(failureOf(() => rig.read())).toMatchObject({ kind: "unnameable", path: rig.path("link") });
});

test("the replacement character is a name as any other", () => {
  const rig = treeRig();
  writeFileSync(rig.path("\ufffd"), "x");
  symlinkSync("\ufffd", rig.path("link"));
  expect([...rig.read().files.keys()]).toEqual(["link", "\ufffd"]);
});

test("files that are written or removed meanwhile are named", () => {
  const rig = treeRig();
  for (const name of ["a", "b", "c"]) writeFileSync(rig.path(name), name);
  const stats = rig.openStatCache("/");
  const { files, changing } = rig.read({
    fileAt: (path) => {
      if (path.endsWith("/b")) rmSync(path);
      const state = stats.fileAt(path);
      return state && path.endsWith("/a") ? { ...state, changing: true } : state;
    },
  });
  expect(changing).toEqual(["a", "b"]);
  expect([...files.keys()]).toEqual(["a", "c"]);
});

test("a second reading of a tree reads only the files that differ", () => {
  const rig = treeRig();
  fillExample(rig.top);
  const before = rig.read().node;
  appendFileSync(rig.path("nothing"), "now something");
  const after = rig.read();
  expect(after.node.root).not.toBe(before.root);
  expect(after.files.get("nothing")).toMatchObject({ digest: digestOf("now something") });
});

test("a directory that is not there is an error that names it", () => {
  const rig = treeRig();
  rmSync(rig.top, { recursive: true });
  expect(failureOf(() => rig.read())).toMatchObject({ kind: "broken", path: `${rig.top}` });
});

function place(path: string, kind: "file" | "tool" | "directory" | "symlink", text: string): void {
  try {
    mkdirSync(join(path, ".."), { recursive: true });
    if (kind === "directory") mkdirSync(path, { recursive: true });
    else if (kind === "symlink") symlinkSync(`to ${text.replaceAll("\0", "")}`, path);
    else writeFileSync(path, text, { flag: "wx", mode: kind === "tool" ? 0o755 : 0o644 });
  } catch {
    // Something else is there already.
  }
}

/** All that a tree keeps of `directory`, a line per entry. */
function pictureOf(directory: string, prefix = ""): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory()) return [`${name}/`, ...pictureOf(path, `${name}/`)];
      if (entry.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
      const executable = (statSync(path).mode & 0o100) !== 0;
      return [`${name} ${executable} ${readFileSync(path, "utf8")}`];
    })
    .sort();
}

function failureOf(act: () => unknown): StoreError {
  try {
    act();
  } catch (cause) {
    if (cause instanceof StoreError) return cause;
    throw cause;
  }
  throw new Error("nothing was thrown");
}
