import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { emptyTree } from "../../src/sandbox/empty-tree.ts";
import { removeTree } from "../../src/sandbox/remove-tree.ts";
import { type StageRequest, openStage, stageInputs } from "../../src/sandbox/stage.ts";
import type { StagedDirectory, StagedInput } from "../../src/sandbox/staged-input.ts";
import { temporaryDirectory } from "./sandbox-rig.ts";

/** A workspace and a CAS of files, each with its own name as its text. */
function stageRig() {
  const directory = temporaryDirectory();
  const root = join(directory, "root");
  const write = (path: string, mode = 0o644) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    removeTree(file); // One that may only be read is there, when it is asked for twice.
    writeFileSync(file, path);
    chmodSync(file, mode);
    return file;
  };
  const request = (inputs: StagedInput[], outputs: string[] = []): StageRequest => ({
    inputs,
    outputs,
  });
  return {
    directory,
    root,
    write,
    blob: (path: string, name = "blob"): StagedInput => ({
      kind: "blob",
      path,
      file: write(`cas/${name}`, 0o444),
    }),
    source: (path: string): StagedInput => ({ kind: "source", path, file: write(`ws/${path}`) }),
    /** Of the workspace. */
    tree: (path: string, hidden?: string[]): StagedDirectory => ({
      kind: "directory",
      path,
      directory: join(directory, "ws", path),
      ...(hidden && { hidden }),
    }),
    links: (inputs: StagedInput[], outputs: string[] = []) =>
      stageInputs(root, request(inputs, outputs), { isClosed: false }),
    closed: (inputs: StagedInput[], outputs: string[] = []) =>
      stageInputs(root, request(inputs, outputs), { isClosed: true }),
    shared: () => {
      const stage = openStage(root, { isClosed: false });
      return (inputs: StagedInput[], outputs: string[] = []) => stage.add(request(inputs, outputs));
    },
    at: (path: string) => join(root, path),
    read: (path: string) => readFileSync(join(root, path), "utf8"),
    /** What is below the root, with `@` behind links that lead out of it. */
    list: () => listOf(root),
  };
}

function listOf(directory: string, prefix = ""): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory())
        return [`${path}/`, ...listOf(join(directory, entry.name), `${path}/`)];
      return entry.isSymbolicLink() ? [`${path}@`] : [path];
    })
    .sort();
}

test("a blob is a hard link to the file of the CAS", () => {
  const rig = stageRig();
  const blob = rig.blob("out/lib/a.o");
  rig.links([blob]);
  expect(rig.list()).toEqual(["out/", "out/lib/", "out/lib/a.o"]);
  expect(statSync(rig.at("out/lib/a.o")).ino).toBe(statSync(join(rig.directory, "cas/blob")).ino);
});

test("a blob from another file system is copied", (context) => {
  if (!existsSync("/dev/shm") || statSync("/dev/shm").dev === statSync("/tmp").dev) {
    context.skip("no second file system in /dev/shm");
  }
  const rig = stageRig();
  const root = join(temporaryDirectory("/dev/shm"), "root");
  const staged = stageInputs(root, { inputs: [rig.blob("a.o")], outputs: [] }, { isClosed: false });
  expect(readFileSync(join(root, "a.o"), "utf8")).toBe("cas/blob");
  expect(statSync(join(root, "a.o")).mode & 0o777).toBe(0o444);
  expect(staged.changedInputs()).toEqual([]);
});

test("files and directories of the user are links, where these may lead out", () => {
  const rig = stageRig();
  rig.write("ws/src/deep/a.c");
  rig.links([rig.source("main.c"), rig.tree("src")]);
  expect(rig.list()).toEqual(["main.c@", "src@"]);
  expect(rig.read("main.c")).toBe("ws/main.c");
  expect(rig.read("src/deep/a.c")).toBe("ws/src/deep/a.c");
});

test("where links may not lead out, files are copied and directories left to be mounted", () => {
  const rig = stageRig();
  rig.write("ws/src/deep/a.c");
  const script = rig.source("run.sh");
  chmodSync(join(rig.directory, "ws/run.sh"), 0o775);
  const staged = rig.closed([script, rig.source("main.c"), rig.tree("src")]);
  expect(rig.list()).toEqual(["main.c", "run.sh", "src/"]);
  expect(staged.mounts).toEqual([{ path: "src", directory: join(rig.directory, "ws/src") }]);
  expect(statSync(rig.at("main.c")).mode & 0o777).toBe(0o444);
  expect(statSync(rig.at("run.sh")).mode & 0o777).toBe(0o555);
  expect(statSync(rig.at("main.c")).mtime.toISOString()).toBe("1980-01-01T00:00:00.000Z");
});

test("a symbolic link is made as it is", () => {
  const rig = stageRig();
  rig.links([{ kind: "symlink", path: "lib/libc.so", target: "libc.so.6" }]);
  expect(readlinkSync(rig.at("lib/libc.so"))).toBe("libc.so.6");
});

test("the directories of outputs are there, and the outputs are not", () => {
  const rig = stageRig();
  rig.links([], [".kraft/out/app/kernel/kernel.elf"]);
  expect(rig.list()).toEqual([
    ".kraft/",
    ".kraft/out/",
    ".kraft/out/app/",
    ".kraft/out/app/kernel/",
  ]);
});

test.each(["links", "closed"] as const)(
  "an output below a directory of the user goes into the sandbox (%s)",
  (form) => {
    const rig = stageRig();
    rig.write("ws/src/a.c");
    rig.write("ws/src/gen/old.h");
    rig.write("ws/src/gen/b.h");
    const staged = rig[form]([rig.tree("src")], ["src/gen/old.h", "src/gen/new/c.h"]);
    const at = form === "links" ? "@" : "";
    expect(rig.list()).toEqual(
      ["src/", `src/a.c${at}`, "src/gen/", `src/gen/b.h${at}`, "src/gen/new/"].sort(),
    );
    expect(staged.mounts).toEqual([]);
    writeFileSync(rig.at("src/gen/new/c.h"), "");
    expect(readdirSync(join(rig.directory, "ws/src/gen"))).toEqual(["b.h", "old.h"]);
  },
);

test.each(["links", "closed"] as const)(
  "an input below a directory of the user takes the place of what is there (%s)",
  (form) => {
    const rig = stageRig();
    rig.write("ws/src/a.c");
    rig.write("ws/src/sub/b.c");
    rig[form]([rig.blob("src/a.c"), rig.tree("src"), rig.blob("src/new.c")]);
    expect(rig.read("src/a.c")).toBe("cas/blob");
    expect(rig.read("src/new.c")).toBe("cas/blob");
    expect(readFileSync(join(rig.directory, "ws/src/a.c"), "utf8")).toBe("ws/src/a.c");
    expect(existsSync(join(rig.directory, "ws/src/new.c"))).toBe(false);
  },
);

test("a directory within another can be a different one", () => {
  const rig = stageRig();
  rig.write("ws/src/lib/a.c");
  rig.write("ws/src/b.c");
  rig.write("other/c.c");
  const inner = { ...rig.tree("src/lib"), directory: join(rig.directory, "other") };
  rig.links([inner, rig.tree("src")]);
  expect(readdirSync(rig.at("src")).sort()).toEqual(["b.c", "lib"]);
  expect(readdirSync(rig.at("src/lib"))).toEqual(["c.c"]);
});

test("the whole workspace can be an input", () => {
  const rig = stageRig();
  rig.write("ws/main.c");
  rig.write("ws/lib/a.c");
  const staged = rig.closed(
    [{ ...rig.tree("."), directory: join(rig.directory, "ws") }],
    ["out/x"],
  );
  expect(rig.list()).toEqual(["lib/", "main.c", "out/"]);
  expect(staged.mounts).toEqual([{ path: "lib", directory: join(rig.directory, "ws/lib") }]);
});

test.each(["links", "closed"] as const)(
  "hidden parts of a directory are not there (%s)",
  (form) => {
    const rig = stageRig();
    for (const path of ["a.c", "sub/b.c", "sub/secret", "other/c.c", ".git/HEAD"]) {
      rig.write(`ws/src/${path}`);
    }
    const { mounts } = rig[form]([rig.tree("src", [".git", "sub/secret"])]);
    expect(readdirSync(rig.at("src")).sort()).toEqual(["a.c", "other", "sub"]);
    expect(readdirSync(rig.at("src/sub"))).toEqual(["b.c"]);
    expect(mounts.map(({ path }) => path)).toEqual(form === "links" ? [] : ["src/other"]);
  },
);

test("links within a directory stay links, and only files and directories are shown", () => {
  const rig = stageRig();
  rig.write("ws/src/a.c");
  symlinkSync("a.c", join(rig.directory, "ws/src/link.c"));
  symlinkSync("/nowhere", join(rig.directory, "ws/src/broken"));
  rig.closed([rig.tree("src")], ["src/out"]);
  expect(readlinkSync(rig.at("src/link.c"))).toBe("a.c");
  expect(readlinkSync(rig.at("src/broken"))).toBe("/nowhere");
});

test("a missing input is named", () => {
  const rig = stageRig();
  const missing = { kind: "blob", path: "a.o", file: "/no/such" } as const;
  expect(() => rig.links([missing])).toThrow("the input a.o is gone: there is no /no/such");
  const source = { kind: "source", path: "a.c", file: "/no/such" } as const;
  expect(() => rig.closed([source])).toThrow("the input a.c is gone: there is no /no/such");
  expect(() => rig.links([rig.tree("gone")], ["gone/x"])).toThrow("the input gone is gone");
});

test.each(["../a", "/etc/passwd", "a/../../b", ""])("the path %j is refused", (path) => {
  const rig = stageRig();
  expect(() => rig.links([{ kind: "symlink", path, target: "x" }])).toThrow("bug:");
  expect(() => rig.links([], [path])).toThrow("bug:");
});

test("a blob that was written to is reported, by its path", () => {
  const rig = stageRig();
  const staged = rig.links([rig.blob("a.o", "a"), rig.blob("b.o", "b")]);
  expect(staged.changedInputs()).toEqual([]);
  chmodSync(rig.at("b.o"), 0o644);
  writeFileSync(rig.at("b.o"), "changed!");
  expect(staged.changedInputs()).toEqual(["b.o"]);
});

test("a blob whose mode was changed is reported", () => {
  const rig = stageRig();
  const staged = rig.links([rig.blob("a.o")]);
  chmodSync(rig.at("a.o"), 0o777);
  expect(staged.changedInputs()).toEqual(["a.o"]);
});

test("replacing a link to a blob, or a collected blob, changes nothing", () => {
  const rig = stageRig();
  const staged = rig.links([rig.blob("a.o", "a"), rig.blob("b.o", "b")]);
  unlinkSync(rig.at("a.o"));
  writeFileSync(rig.at("a.o"), "mine");
  unlinkSync(join(rig.directory, "cas/b"));
  expect(staged.changedInputs()).toEqual([]);
});

test("in a shared tree, what is there stays, and outputs of before are removed", () => {
  const rig = stageRig();
  const stage = rig.shared();
  stage([rig.source("a.c")], ["out/a.o", "out/dir"]);
  const before = lstatSync(rig.at("a.c")).ino;
  writeFileSync(rig.at("out/a.o"), "stale");
  mkdirSync(rig.at("out/dir/sub"), { recursive: true });
  stage([rig.source("a.c"), rig.source("b.c")], ["out/a.o", "out/dir"]);
  expect(lstatSync(rig.at("a.c")).ino).toBe(before);
  expect(rig.list()).toEqual(["a.c@", "b.c@", "out/"]);
});

test("in a shared tree, an output becomes an input in its place", () => {
  const rig = stageRig();
  const stage = rig.shared();
  stage([], ["out/a.o"]);
  writeFileSync(rig.at("out/a.o"), "made here");
  stage([rig.blob("out/a.o")], ["out/b.o"]);
  expect(rig.read("out/a.o")).toBe("cas/blob");
  stage([rig.blob("out/a.o", "other")]);
  expect(rig.read("out/a.o")).toBe("cas/other");
});

test("in a shared tree, an output that was moved away and put into the CAS is linked again", () => {
  const rig = stageRig();
  const stage = rig.shared();
  stage([], ["out/tree"]);
  mkdirSync(rig.at("out/tree"));
  writeFileSync(rig.at("out/tree/a"), "");
  renameSync(rig.at("out/tree"), join(rig.directory, "moved"));
  stage([rig.blob("out/tree/a")]);
  expect(rig.read("out/tree/a")).toBe("cas/blob");
});

test("in a shared tree, a directory of the user is opened up when a later output is below it", () => {
  const rig = stageRig();
  rig.write("ws/src/a.c");
  const stage = rig.shared();
  stage([rig.tree("src")]);
  expect(rig.list()).toEqual(["src@"]);
  stage([], ["src/gen/b.h"]);
  expect(rig.list()).toEqual(["src/", "src/a.c@", "src/gen/"]);
  stage([rig.tree("src")], ["src/gen/b.h"]);
  expect(rig.list()).toEqual(["src/", "src/a.c@", "src/gen/"]);
  expect(readdirSync(join(rig.directory, "ws/src"))).toEqual(["a.c"]);
});

test("removing a tree follows no link and minds no mode", () => {
  const rig = stageRig();
  rig.write("ws/src/a.c");
  rig.links([rig.tree("src"), rig.blob("out/deep/a.o")]);
  chmodSync(rig.at("out/deep"), 0o555);
  chmodSync(rig.at("out"), 0);
  removeTree(rig.root);
  expect(existsSync(rig.root)).toBe(false);
  expect(readFileSync(join(rig.directory, "ws/src/a.c"), "utf8")).toBe("ws/src/a.c");
  removeTree(rig.root);
});

test("a tree that is used again looks like a new one, whatever was before", () => {
  const path = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join("/"));
  const action = fc.record({
    files: fc.uniqueArray(path, { maxLength: 4 }),
    /** Directories of the user, of which something is hidden. */
    trees: fc.uniqueArray(path, { maxLength: 1 }),
    outputs: fc.array(path, { maxLength: 2 }),
    mess: fc.array(path, { maxLength: 3 }),
  });
  const rig = stageRig();
  rig.write("cas/blob", 0o444);
  for (const file of ["seen", "deep/seen", "deep/hidden", "hidden"]) rig.write(`user/${file}`);
  let count = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 2, maxLength: 5 }), fc.boolean(), (all, isClosed) => {
      const root = join(rig.directory, `again${count}`);
      let spare: string[] = [];
      for (const { files, trees, outputs, mess } of all) {
        const apart = trees.filter((tree) => !files.some((file) => isNested(file, tree)));
        const inputs = [...blobsAt(withoutNested(files)), ...apart.map(treeAt)];
        const isFree = (one: string) => ![...files, ...apart].some((path) => isNested(path, one));
        const request = { inputs, outputs: outputs.filter(isFree) };
        const staged = stageInputs(root, request, { isClosed, spare });
        const fresh = join(rig.directory, `fresh${count++}`);
        stageInputs(fresh, request, { isClosed });
        expect(listOf(root)).toEqual(listOf(fresh));
        for (const one of mess) makeMess(join(root, one));
        const { mode } = statSync(fresh);
        spare = emptyTree({ root, directories: staged.directories(), mode });
      }
    }),
  );

  function treeAt(at: string): StagedInput {
    const hidden = ["hidden", "deep/hidden"];
    return { kind: "directory", path: at, directory: join(rig.directory, "user"), hidden };
  }

  function blobsAt(paths: string[]): StagedInput[] {
    return paths.map((one) => ({
      kind: "blob",
      path: one,
      file: join(rig.directory, "cas/blob"),
    }));
  }
});

/** No file is below another, nor an output below or above a file. */
function withoutNested(paths: string[]): string[] {
  return paths.filter((one) => !paths.some((other) => other !== one && isNested(other, one)));
}

function isNested(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** A directory, a file, or nothing, where something else may be. */
function makeMess(path: string): void {
  removeTree(path);
  try {
    if (path.endsWith("a")) mkdirSync(path, { recursive: true });
    else if (path.endsWith("b")) writeFileSync(path, "");
  } catch {
    // Its directory is a file of the mess before, or gone.
  }
}

/** A shared input root that knows where the workspace is. */
function workspaceRig() {
  const rig = stageRig();
  const workspace = join(rig.directory, "ws");
  mkdirSync(workspace, { recursive: true });
  const stage = openStage(rig.root, { isClosed: false, workspace });
  const add = (inputs: StagedInput[], outputs: string[] = []) => stage.add({ inputs, outputs });
  return { ...rig, workspace, stage, add };
}

test("in a shared root, files of the workspace come by the directories below its top", () => {
  const rig = workspaceRig();
  rig.add([rig.source("apps/a/main.c"), rig.source("apps/b/main.c"), rig.source("top.c")]);
  expect(rig.list()).toEqual(["apps@", "top.c@"]);
  expect(rig.read("apps/b/main.c")).toBe("ws/apps/b/main.c");
});

test("in a shared root, a file made below such a directory gets a directory of the tree", () => {
  const rig = workspaceRig();
  rig.add([rig.source("apps/main.c"), rig.source("apps/sub/x.c")]);
  rig.add([rig.blob("apps/made.h"), rig.source("apps/later.c")]);
  expect(rig.list()).toEqual([
    "apps/",
    "apps/later.c@",
    "apps/made.h",
    "apps/main.c@",
    "apps/sub@",
  ]);
  expect(existsSync(join(rig.workspace, "apps/made.h"))).toBe(false);
});

test("in a shared root, a file of elsewhere under a path of the workspace is not passed over", () => {
  const rig = workspaceRig();
  rig.add([rig.source("lib/a.c")]);
  rig.add([{ kind: "source", path: "lib/b.c", file: rig.write("elsewhere/b.c") }]);
  expect(rig.read("lib/b.c")).toBe("elsewhere/b.c");
  expect(rig.read("lib/a.c")).toBe("ws/lib/a.c");
});

test("in a shared root, what an action does not get to see stays out", () => {
  const rig = workspaceRig();
  rig.source("apps/.git/config");
  rig.source("apps/main.c");
  rig.add([rig.tree("apps", [".git"])]);
  expect(rig.list()).toEqual(["apps/", "apps/main.c@"]);
});

test("a directory of outputs moves out whole, when nothing else is in it", () => {
  const rig = workspaceRig();
  const away = join(rig.directory, "away");
  const fill = (path: string) => {
    rig.add([], [path]);
    writeFileSync(rig.at(path), path);
    rig.stage.stays(path, rig.at(path));
  };
  fill("out/a/one");
  fill("out/b/one");
  writeFileSync(rig.at("out/b/left-over"), "");
  rig.add([], ["out/c/one"]);
  const moveOut = (path: string, ...names: string[]) =>
    rig.stage.moveOut(path, new Map([[path, new Set(names)]]), away);
  expect(moveOut("out/a", "one", "two")).toBe(false);
  expect(moveOut("out/b", "one")).toBe(false);
  expect(moveOut("out/c", "one")).toBe(false);
  expect(moveOut("out/a", "one")).toBe(true);
  expect(readFileSync(join(away, "one"), "utf8")).toBe("out/a/one");
  fill("out/a/one"); // As when it is lost, and made again.
  expect(rig.list()).toContain("out/a/one");
});

test("a directory of outputs moves out with directories, when each holds what it is to", () => {
  const rig = workspaceRig();
  for (const path of ["out/p/a/one", "out/p/b/one", "out/q/a/one"]) {
    rig.add([], [path]);
    writeFileSync(rig.at(path), path);
    rig.stage.stays(path, rig.at(path));
  }
  const away = join(rig.directory, "away");
  const moveOut = (path: string, contents: Readonly<Record<string, string[]>>) => {
    const entries = Object.entries(contents).map(([at, names]) => [at, new Set(names)] as const);
    return rig.stage.moveOut(path, new Map(entries), away);
  };
  const one = { "out/p/a": ["one"], "out/p/b": ["one"] };
  expect(moveOut("out", { ...one, out: ["p"], "out/p": ["a", "b"] })).toBe(false);
  expect(moveOut("out/p", { ...one, "out/p": ["a"] })).toBe(false);
  expect(moveOut("out/p", { "out/p": ["a", "b"], "out/p/a": ["one"] })).toBe(false);
  writeFileSync(rig.at("out/p/b/left-over"), "");
  expect(moveOut("out/p", { ...one, "out/p": ["a", "b"] })).toBe(false);
  rmSync(rig.at("out/p/b/left-over"));
  expect(moveOut("out/p", { ...one, "out/p": ["a", "b"] })).toBe(true);
  expect(readFileSync(join(away, "b/one"), "utf8")).toBe("out/p/b/one");
  expect(rig.list()).not.toContain("out/p/");
  rig.add([], ["out/p/b/one"]); // As when it is to be made again.
  expect(rig.list()).toContain("out/p/b/");
  expect(rig.list()).toContain("out/q/a/one");
});
