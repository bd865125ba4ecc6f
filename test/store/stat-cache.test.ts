import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import { digestOfDescriptor } from "../../src/store/file-digest.ts";
import { openStatCache } from "../../src/store/stat-cache.ts";
import { openTemporary } from "../../src/store/temporary.ts";
import { filesBelow, rigHost, temporaryDirectory } from "./store-rig.ts";

const hourMs = 3_600_000;

/** A stat cache with a directory of files; `reads` counts the files that were hashed. */
function statRig(options: { check?: "stat" | "content" } = {}) {
  const directory = temporaryDirectory();
  const host = rigHost();
  const cas = openCas(directory, host);
  const temporary = openTemporary(join(directory, "tmp"));
  const work = temporaryDirectory();
  const tick = () => awaitTick(join(directory, "probe"));
  let reads = 0;
  let whileReading = () => {};
  const open = () =>
    openStatCache(join(directory, "stat"), {
      epochMs: host.epochMs,
      cas,
      temporary,
      ...options,
      digestOfDescriptor: (descriptor) => {
        reads++;
        const digest = digestOfDescriptor(descriptor);
        whileReading();
        return digest;
      },
    });
  return {
    ...host,
    cas,
    open,
    snapshot: join(directory, "stat"),
    path: (name: string) => join(work, name),
    write: (name: string, text: string) => {
      tick();
      writeFileSync(join(work, name), text);
    },
    tick,
    onRead: (act: () => void) => void (whileReading = act),
    /** How many files were hashed since the last call. */
    reads: () => {
      const count = reads;
      reads = 0;
      return count;
    },
  };
}

/**
 * Returns when the clock of the file system has moved on. The rig's clock runs ahead of it, so
 * that without this two writes in one tick would look as if hours lay between them.
 */
function awaitTick(probe: string): void {
  writeFileSync(probe, "");
  const { ctimeNs } = statSync(probe, { bigint: true });
  while (statSync(probe, { bigint: true }).ctimeNs === ctimeNs) writeFileSync(probe, "");
}

test("gives the digest, mode and executable bit of a file", () => {
  const rig = statRig();
  rig.write("tool", "x");
  chmodSync(rig.path("tool"), 0o750);
  expect(rig.open().fileAt(rig.path("tool"))).toEqual({
    digest: digestOf("x"),
    executable: true,
    mode: 0o750,
    changing: false,
  });
});

test("knows no file where there is none, or something else", () => {
  const rig = statRig();
  rig.write("file", "x");
  mkdirSync(rig.path("directory"));
  symlinkSync("file", rig.path("link"));
  symlinkSync("loop", rig.path("loop"));
  const cache = rig.open();
  for (const name of ["absent", "directory", "link", "loop", "file/below", "loop/below"]) {
    expect(cache.fileAt(rig.path(name)), name).toBeUndefined();
    expect(cache.expectedAt(rig.path(name)), name).toBeUndefined();
  }
});

test("a file that is expected is the same as one that is looked for, whatever is known", () => {
  const rig = statRig();
  rig.write("a.c", "one");
  const [expected, looked] = [rig.open(), rig.open()];
  for (const text of ["one", "one", "two"]) {
    if (text === "two") rig.write("a.c", text);
    const state = expected.expectedAt(rig.path("a.c"));
    expect(state).toEqual(looked.fileAt(rig.path("a.c")));
    expect(state?.digest).toBe(digestOf(text));
  }
});

test("reads a file once, and then only when its stat differs", () => {
  const rig = statRig();
  rig.write("a.c", "one");
  rig.passMs(hourMs);
  const cache = rig.open();
  expect(cache.fileAt(rig.path("a.c"))?.digest).toBe(digestOf("one"));
  expect(cache.fileAt(rig.path("a.c"))?.digest).toBe(digestOf("one"));
  expect(rig.reads()).toBe(1);
  rig.write("a.c", "two");
  expect(cache.fileAt(rig.path("a.c"))?.digest).toBe(digestOf("two"));
  expect(rig.reads()).toBe(1);
});

test("reads a file again that was written just before it was read", () => {
  const rig = statRig();
  rig.write("a.c", "one");
  const cache = rig.open();
  cache.fileAt(rig.path("a.c"));
  cache.fileAt(rig.path("a.c"));
  expect(rig.reads()).toBe(2);
  rig.passMs(3000);
  cache.fileAt(rig.path("a.c"));
  expect(rig.reads()).toBe(1);
  cache.fileAt(rig.path("a.c"));
  expect(rig.reads()).toBe(0);
});

test("sees a write of the same size though its mtime was put back", () => {
  const rig = statRig();
  rig.write("a.c", "one");
  rig.passMs(hourMs);
  const cache = rig.open();
  cache.fileAt(rig.path("a.c"));
  const { atime, mtime } = statSync(rig.path("a.c"));
  utimesSync(rig.path("a.c"), atime, mtime);
  cache.fileAt(rig.path("a.c"));
  rig.write("a.c", "two");
  utimesSync(rig.path("a.c"), atime, mtime);
  expect(cache.fileAt(rig.path("a.c"))?.digest).toBe(digestOf("two"));
});

test("sees that a file was replaced by an older one of the same size", () => {
  const rig = statRig();
  rig.write("old", "old");
  utimesSync(rig.path("old"), 1000, 1000);
  rig.write("new", "new");
  rig.passMs(hourMs);
  const cache = rig.open();
  cache.fileAt(rig.path("new"));
  renameSync(rig.path("old"), rig.path("new"));
  expect(cache.fileAt(rig.path("new"))?.digest).toBe(digestOf("old"));
});

test("sees that a file became executable", () => {
  const rig = statRig();
  rig.write("tool", "x");
  rig.passMs(hourMs);
  const cache = rig.open();
  expect(cache.fileAt(rig.path("tool"))?.executable).toBe(false);
  chmodSync(rig.path("tool"), 0o755);
  expect(cache.fileAt(rig.path("tool"))?.executable).toBe(true);
});

test("reads a file to the end of its changes when these are few", () => {
  const rig = statRig();
  rig.write("log", "1");
  let left = 2;
  rig.onRead(() => void (left-- > 0 && appendFileSync(rig.path("log"), "+")));
  expect(rig.open().fileAt(rig.path("log"))).toMatchObject({
    digest: digestOf("1++"),
    changing: false,
  });
});

test("says so of a file that changes at each reading, and remembers nothing of it", () => {
  const rig = statRig();
  rig.write("log", "1");
  rig.passMs(hourMs);
  rig.onRead(() => appendFileSync(rig.path("log"), "+"));
  const cache = rig.open();
  expect(cache.fileAt(rig.path("log"))?.changing).toBe(true);
  expect(rig.reads()).toBe(3);
  rig.onRead(() => {});
  expect(cache.fileAt(rig.path("log"))).toMatchObject({
    digest: digestOf("1+++"),
    changing: false,
  });
});

test("takes a file for missing that goes away before it is read", () => {
  const rig = statRig();
  rig.write("a.c", "x");
  rig.onRead(() => {
    rmSync(rig.path("a.c"));
    mkdirSync(rig.path("a.c"));
  });
  // The bytes were read from the file that was there; from then on there is none.
  const cache = rig.open();
  cache.fileAt(rig.path("a.c"));
  expect(cache.fileAt(rig.path("a.c"))).toBeUndefined();
});

test("reads each file every time when told to check contents", () => {
  const rig = statRig({ check: "content" });
  rig.write("a.c", "x");
  rig.passMs(hourMs);
  const cache = rig.open();
  cache.fileAt(rig.path("a.c"));
  cache.fileAt(rig.path("a.c"));
  expect(rig.reads()).toBe(2);
});

test("knows a link to a blob without reading it, however often the blob is linked", () => {
  const rig = statRig();
  const file = { digest: rig.cas.put(Buffer.from("x")), executable: false };
  const cache = rig.open();
  rig.cas.link(file, rig.path("first"));
  cache.remember(rig.path("first"), file);
  rig.cas.link(file, rig.path("second"));
  expect(cache.fileAt(rig.path("first"))?.digest).toBe(file.digest);
  expect(rig.reads()).toBe(0);
});

test("reads a link to a blob that was written to", () => {
  const rig = statRig();
  const file = { digest: rig.cas.put(Buffer.from("x")), executable: false };
  const cache = rig.open();
  rig.cas.link(file, rig.path("out"));
  cache.remember(rig.path("out"), file);
  chmodSync(rig.path("out"), 0o644);
  rig.write("out", "y");
  chmodSync(rig.path("out"), 0o444);
  expect(cache.fileAt(rig.path("out"))?.digest).toBe(digestOf("y"));
});

test("remembers nothing of a file that is no link to the blob", () => {
  const rig = statRig();
  const file = { digest: rig.cas.put(Buffer.from("x")), executable: false };
  rig.write("out", "y");
  const cache = rig.open();
  cache.remember(rig.path("out"), file);
  expect(cache.fileAt(rig.path("out"))?.digest).toBe(digestOf("y"));
});

test("what was saved is known to the next build", () => {
  const rig = statRig();
  const names = ["a", "b c", "ü", "\u{1f600}", "Z".repeat(200)];
  for (const name of names) rig.write(name, `text of ${name}`);
  rig.passMs(hourMs);
  const first = rig.open();
  for (const name of names) first.fileAt(rig.path(name));
  first.save();
  rig.reads();
  const second = rig.open();
  for (const name of names) {
    expect(second.fileAt(rig.path(name))?.digest).toBe(digestOf(`text of ${name}`));
  }
  expect(rig.reads()).toBe(0);
});

test("saving without news leaves the file alone", () => {
  const rig = statRig();
  rig.write("a", "x");
  rig.passMs(hourMs);
  rig.open().fileAt(rig.path("a"));
  const cache = rig.open();
  cache.fileAt(rig.path("a"));
  cache.save();
  const inode = statSync(rig.snapshot).ino;
  cache.fileAt(rig.path("a"));
  cache.save();
  expect(statSync(rig.snapshot).ino).toBe(inode);
});

test("keeps what two builds at once have learnt", () => {
  const rig = statRig();
  for (const name of ["a", "b", "c"]) rig.write(name, name);
  mkdirSync(rig.path("sub"));
  rig.write("sub/d", "d");
  rig.passMs(hourMs);
  const [one, two] = [rig.open(), rig.open()];
  for (const name of ["a", "c"]) one.fileAt(rig.path(name));
  for (const name of ["b", "sub/d"]) two.fileAt(rig.path(name));
  one.save();
  two.save();
  rig.reads();
  const three = rig.open();
  for (const name of ["a", "b", "c", "sub/d"]) three.fileAt(rig.path(name));
  expect(rig.reads()).toBe(0);
});

test("forgets a file that is gone, and does not give its digest to a new one", () => {
  const rig = statRig();
  rig.write("a", "x");
  rig.passMs(hourMs);
  const first = rig.open();
  first.fileAt(rig.path("a"));
  first.save();
  const saved = readFileSync(rig.snapshot);
  rmSync(rig.path("a"));
  const second = rig.open();
  expect(second.fileAt(rig.path("a"))).toBeUndefined();
  second.save();
  expect(readFileSync(rig.snapshot).byteLength).toBeLessThan(saved.byteLength);
});

test("drops entries that nobody used for a month, and keeps those in use", () => {
  const rig = statRig();
  mkdirSync(rig.path("old"));
  rig.write("old/a", "a");
  rig.write("b", "b");
  rig.passMs(hourMs);
  const first = rig.open();
  first.fileAt(rig.path("old/a"));
  first.fileAt(rig.path("b"));
  first.save();
  for (let week = 0; week < 5; week++) {
    rig.passMs(8 * 24 * hourMs);
    const cache = rig.open();
    cache.fileAt(rig.path("b"));
    cache.save();
  }
  rig.reads();
  const last = rig.open();
  last.fileAt(rig.path("b"));
  expect(rig.reads()).toBe(0);
  last.fileAt(rig.path("old/a"));
  expect(rig.reads()).toBe(1);
});

test("a snapshot with any one byte changed is not believed", () => {
  const rig = statRig();
  rig.write("a", "x");
  rig.passMs(hourMs);
  const cache = rig.open();
  cache.fileAt(rig.path("a"));
  cache.save();
  const bytes = readFileSync(rig.snapshot);
  rig.reads();
  for (let at = 0; at < bytes.byteLength; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(rig.snapshot, damaged);
    expect(rig.open().fileAt(rig.path("a"))?.digest).toBe(digestOf("x"));
  }
  expect(rig.reads()).toBe(bytes.byteLength);
});

test("a snapshot that was cut short is not believed", () => {
  const rig = statRig();
  rig.write("a", "x");
  rig.passMs(hourMs);
  const cache = rig.open();
  cache.fileAt(rig.path("a"));
  cache.save();
  const bytes = readFileSync(rig.snapshot);
  rig.reads();
  for (let length = 0; length < bytes.byteLength; length++) {
    writeFileSync(rig.snapshot, bytes.subarray(0, length));
    rig.open().fileAt(rig.path("a"));
  }
  expect(rig.reads()).toBe(bytes.byteLength);
});

test("after any edits and saves, each file has the digest of its bytes", () => {
  const edit = fc.record({
    act: fc.constantFrom("write", "writeKeepingMtime", "copy", "remove", "save", "reopen", "pass"),
    name: fc.constantFrom("a", "b", "sub/a", "sub/b"),
    text: fc.constantFrom("one", "two", "three"),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 25 }), (edits) => {
      const rig = statRig();
      mkdirSync(rig.path("sub"));
      let cache = rig.open();
      const model = new Map<string, Digest>();
      for (const { act, name, text } of edits) {
        const path = rig.path(name);
        if (act === "write" || act === "writeKeepingMtime") {
          const stats = statSync(path, { throwIfNoEntry: false });
          rig.write(name, text);
          if (act === "writeKeepingMtime") utimesSync(path, 1, stats?.mtime ?? 1);
          model.set(name, digestOf(text));
        }
        if (act === "copy" && model.has("a") && name !== "a") {
          rig.tick();
          copyFileSync(rig.path("a"), path);
          model.set(name, model.get("a") ?? digestOf(""));
        }
        if (act === "remove") {
          rmSync(path, { force: true });
          model.delete(name);
        }
        if (act === "save") cache.save();
        if (act === "reopen") cache = rig.open();
        if (act === "pass") rig.passMs(60_000);
        for (const known of ["a", "b", "sub/a", "sub/b"]) {
          const stats = statSync(rig.path(known), { throwIfNoEntry: false });
          for (const digest of ["one", "two", "three"].map(digestOf)) {
            const file = { digest, executable: false };
            const isKnown = stats !== undefined && cache.isKnownBy(rig.path(known), file, stats);
            if (isKnown) expect(digest).toBe(model.get(known));
          }
          expect(cache.fileAt(rig.path(known))?.digest).toBe(model.get(known));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("a stat that was just taken shows what was hashed, as long as nothing was done to the file", () => {
  const rig = statRig();
  const changes: Readonly<Record<string, (path: string) => void>> = {
    nothing: () => undefined,
    "its mode": (path) => chmodSync(path, 0o755),
    "its times": (path) => utimesSync(path, 1, 1),
    "its bytes": (path) => writeFileSync(path, "y"),
    "its name": (path) => {
      renameSync(path, `${path}.old`);
      copyFileSync(`${path}.old`, path);
    },
  };
  const file = { digest: digestOf("x"), executable: false };
  const cache = rig.open();
  for (const what of Object.keys(changes)) {
    const path = rig.path(what);
    rig.write(what, "x");
    // Fractions of a second that no double holds exactly.
    utimesSync(path, 1, 1_234_567_890.123457);
    cache.fileAt(path);
    // Touched so shortly before it was hashed that nobody can tell.
    expect(cache.isKnownBy(path, file, statSync(path)), what).toBe(false);
  }
  rig.passMs(60_000);
  for (const [what, change] of Object.entries(changes)) {
    const path = rig.path(what);
    cache.fileAt(path);
    expect(cache.isKnownBy(path, file, statSync(path)), what).toBe(true);
    expect(cache.isKnownBy(path, { ...file, executable: true }, statSync(path)), what).toBe(false);
    rig.tick();
    change(path);
    expect(cache.isKnownBy(path, file, statSync(path)), what).toBe(what === "nothing");
  }
});

test("no stat shows anything when contents are to be compared", () => {
  const rig = statRig({ check: "content" });
  rig.write("a", "x");
  rig.passMs(60_000);
  const cache = rig.open();
  cache.fileAt(rig.path("a"));
  const file = { digest: digestOf("x"), executable: false };
  expect(cache.isKnownBy(rig.path("a"), file, statSync(rig.path("a")))).toBe(false);
});

test("leaves no draft behind", () => {
  const rig = statRig();
  rig.write("a", "x");
  const cache = rig.open();
  cache.fileAt(rig.path("a"));
  cache.save();
  expect(filesBelow(join(rig.snapshot, "..", "tmp"))).toEqual([]);
});
