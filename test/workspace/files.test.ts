import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { isUnchanged, renewed } from "../../src/workspace/consulted.ts";
import { nodeDisk } from "../../src/workspace/disk.ts";
import { FileView } from "../../src/workspace/files.ts";
import { memoryDisk } from "./memory-disk.ts";

describe("a view", () => {
  test("answers what stands where, and reads text and names", () => {
    const view = new FileView(memoryDisk({ "/w/b/x": "text", "/w/a": "" }));
    expect(view.kindOf("/w/b")).toBe("directory");
    expect(view.kindOf("/w/b/x")).toBe("file");
    expect(view.kindOf("/w/c")).toBeUndefined();
    expect(view.list("/w")).toEqual(["a", "b"]);
    expect(view.list("/w/a")).toEqual([]);
    expect(view.read("/w/b/x")).toBe("text");
    expect(view.read("/w/b")).toBeUndefined();
    expect(view.read("/nothing/there")).toBeUndefined();
  });

  test("asks the disk once for each path, however the path is written", () => {
    const memory = memoryDisk({ "/w/a": "1" });
    const view = new FileView(memory);
    for (const path of ["/w/a", "/w/./a", "/w/b/../a"]) view.read(path);
    for (const path of ["/w", "/w/", "/w/."]) view.list(path);
    expect(memory.asked()).toEqual(["stat /w/a", "read /w/a", "stat /w", "list /w"]);
  });

  test("takes kinds from a listed directory, and asks the disk for links only", () => {
    const memory = memoryDisk({ "/w/a": "" });
    memory.link("/w/link", "a");
    memory.link("/w/broken", "nowhere");
    const view = new FileView(memory);
    view.list("/w");
    memory.asked();
    expect(["a", "nope", "link", "broken"].map((name) => view.kindOf(`/w/${name}`))).toEqual([
      "file",
      undefined,
      "file",
      undefined,
    ]);
    expect(memory.asked()).toEqual(["stat /w/link", "stat /w/broken"]);
  });

  test("gives the first answer again after the disk has changed", () => {
    const memory = memoryDisk({ "/w/a": "old" });
    const view = new FileView(memory);
    view.read("/w/a");
    view.list("/w");
    memory.write("/w/a", "new");
    memory.write("/w/b", "");
    expect([view.read("/w/a"), view.list("/w")]).toEqual(["old", ["a"]]);
  });

  test("leaves out the mark of byte order that some editors put first", () => {
    const view = new FileView(memoryDisk({ "/w/a": "\u{feff}version: 1" }));
    expect(view.read("/w/a")).toBe("version: 1");
  });
});

describe("what was consulted", () => {
  const load = (view: FileView): void => {
    view.read("/w/Kraftfile");
    view.kindOf("/src/main.c");
    view.kindOf("/src/gone.c");
    view.list("/w");
    view.read("/w"); // A mistake of a rule set, which must not hide that /w was listed.
  };
  const start = () => {
    const memory = memoryDisk({ "/w/Kraftfile": "name: x", "/w/lib/x": "", "/src/main.c": "" });
    memory.pass(10_000);
    const view = new FileView(memory);
    load(view);
    memory.asked();
    return { memory, consulted: view.consulted() };
  };

  test("is every path with its kind, in order", () => {
    const kinds = start().consulted.map(({ path, kind }) => `${kind} ${path}`);
    expect(kinds).toEqual([
      "absent /src/gone.c",
      "file /src/main.c",
      "directory /w",
      "file /w/Kraftfile",
    ]);
  });

  test("is checked with one look at each path when nothing was touched", () => {
    const { memory, consulted } = start();
    expect(isUnchanged(consulted, memory)).toBe(true);
    expect(memory.asked()).toEqual([
      "stat /src/gone.c",
      "stat /src/main.c",
      "stat /w",
      "stat /w/Kraftfile",
    ]);
    expect(renewed(consulted, memory)).toBe(consulted);
  });

  test.each<[string, boolean, (disk: ReturnType<typeof memoryDisk>) => void]>([
    ["a file that was read has other text", false, (disk) => disk.write("/w/Kraftfile", "name: y")],
    ["a file that was read is gone", false, (disk) => disk.remove("/w/Kraftfile")],
    ["a listed directory has one more", false, (disk) => disk.write("/w/kraft.yaml", "")],
    ["a listed directory has one less", false, (disk) => disk.remove("/w/lib")],
    ["a file that was missing is there", false, (disk) => disk.write("/src/gone.c", "")],
    [
      "a file became a directory",
      false,
      (disk) => {
        disk.remove("/src/main.c");
        disk.write("/src/main.c/x", "");
      },
    ],
    [
      "a file of which only the kind mattered has other text",
      true,
      (disk) => disk.write("/src/main.c", "int main;"),
    ],
    ["a file was touched only", true, (disk) => disk.touch("/w/Kraftfile")],
    [
      "a file was written with the same text",
      true,
      (disk) => disk.write("/w/Kraftfile", "name: x"),
    ],
    [
      "a file came and went",
      true,
      (disk) => {
        disk.write("/w/.Kraftfile.swp", "");
        disk.remove("/w/.Kraftfile.swp");
      },
    ],
    ["something changed below a listed directory", true, (disk) => disk.write("/w/lib/y", "")],
  ])("%s: unchanged is %s", (_title, expected, change) => {
    const { memory, consulted } = start();
    memory.pass(10_000);
    change(memory);
    expect(isUnchanged(consulted, memory)).toBe(expected);
  });

  test("is looked into when it was touched just before, as the stamp may not show a change", () => {
    const memory = memoryDisk({ "/w/a": "one" });
    const view = new FileView(memory);
    view.read("/w/a");
    memory.write("/w/a", "two"); // The same size, at the same moment, in the same inode.
    expect(isUnchanged(view.consulted(), memory)).toBe(false);
  });

  test("is looked into once: renewed, it is known by its stamp again", () => {
    const { memory, consulted } = start();
    memory.touch("/w/Kraftfile");
    memory.pass(10_000);
    const renewal = renewed(consulted, memory)!;
    expect(renewal).not.toBe(consulted);
    memory.asked();
    expect(renewed(renewal, memory)).toBe(renewal);
    expect(memory.asked().filter((line) => !line.startsWith("stat"))).toEqual([]);
  });
});

describe("on a real disk", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "kraft-graph-files-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test.each([
    ["long after", Number.MAX_SAFE_INTEGER],
    ["just after", 0],
  ])("%s a change, links are followed, and changes are seen", (_title, nowMs) => {
    mkdirSync(join(root, "directory"));
    writeFileSync(join(root, "directory/file"), "text");
    symlinkSync("directory", join(root, "link"));
    symlinkSync("loop", join(root, "loop"));
    const clock = { disk: nodeDisk, epochMs: () => nowMs };
    const view = new FileView(clock);
    expect(view.kindOf(join(root, "link"))).toBe("directory");
    expect(view.kindOf(join(root, "loop"))).toBeUndefined();
    expect(view.kindOf(join(root, "directory/file/below"))).toBeUndefined();
    expect(view.kindOf("/dev/null")).toBeUndefined();
    expect(view.list(root)).toEqual(["directory", "link", "loop"]);
    expect(view.read(join(root, "link/file"))).toBe("text");
    expect(isUnchanged(view.consulted(), clock)).toBe(true);
    utimesSync(join(root, "directory/file"), 1, 1);
    expect(isUnchanged(view.consulted(), clock)).toBe(true);
    writeFileSync(join(root, "directory/file"), "tex2");
    expect(isUnchanged(view.consulted(), clock)).toBe(false);
  });
});
