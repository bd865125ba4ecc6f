import fc from "fast-check";
import { expect, test } from "vitest";

import type { ExecPath } from "../../src/action/action.ts";
import { inputRootOf } from "../../src/action/input-root.ts";
import { type Directory, decodeDirectory } from "../../src/action/reapi-directory.ts";
import type { FileNode, Node, SymlinkNode, TreeNode } from "../../src/action/result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { digests, names } from "./arbitraries.ts";
import { encodeByProtobufEs } from "./reapi-schema.ts";

test("the root of nothing is the empty directory", () => {
  expect(inputRootOf(new Map())).toEqual({
    root: emptyDigest,
    directories: new Map([[emptyDigest, Buffer.alloc(0)]]),
  });
});

test("the root is that of directories which protobuf-es encodes one by one", () => {
  fc.assert(
    fc.property(folders, (folder) => {
      expect(inputRootOf(flat(folder)).root).toBe(rootByProtobufEs(folder));
    }),
  );
});

test("the order in which inputs are given makes no difference", () => {
  const shuffled = folders.chain((folder) => {
    const nodes = [...flat(folder)];
    return fc.shuffledSubarray(nodes, { minLength: nodes.length }).map((other) => [nodes, other]);
  });
  fc.assert(
    fc.property(shuffled, ([nodes, other]) => {
      expect(inputRootOf(new Map(other)).root).toBe(inputRootOf(new Map(nodes)).root);
    }),
  );
});

test("every directory that the root leads to is there under its digest", () => {
  fc.assert(
    fc.property(folders, (folder) => {
      const { root, directories } = inputRootOf(flat(folder));
      const reached = new Set<Digest>([root]);
      for (const digest of reached) {
        const bytes = directories.get(digest);
        expect(bytes && digestOf(bytes)).toBe(digest);
        const below = bytes && decodeDirectory(bytes)?.directories;
        for (const entry of below ?? []) reached.add(entry.digest);
      }
      expect([...directories.keys()].sort()).toEqual([...reached].sort());
    }),
  );
});

test("a tree stands for what is in it", () => {
  fc.assert(
    fc.property(folders, folders, (outer, inner) => {
      const whole = new Map(outer).set("a tree", inner);
      const nodes = new Map(flat(outer)).set("a tree", treeOf(inner).node);
      expect(inputRootOf(nodes).root).toBe(inputRootOf(flat(whole)).root);
    }),
  );
});

test("a tree may be the root itself", () => {
  const { node } = treeOf(new Map([["a", file("x")]]));
  expect(inputRootOf(new Map([[".", node]])).root).toBe(node.root);
});

test("what is given below a tree takes the place of what the tree has there", () => {
  fc.assert(
    fc.property(folders, folders, fc.boolean(), (base, top, isRoot) => {
      const { node, directories } = treeOf(base);
      const at = isRoot ? "." : "some/where";
      const prefix = isRoot ? "" : `${at}/`;
      const nodes = new Map<ExecPath, Node>([[at, node]]);
      for (const [path, one] of flat(top)) nodes.set(prefix + path, one);
      const merged = merge(base, top);
      const expected = isRoot ? merged : new Map([["some", new Map([["where", merged]])]]);
      expect(inputRootOf(nodes, () => directories).root).toBe(rootByProtobufEs(expected));
    }),
  );
});

test("a directory of a tree keeps its mode when something is put in it", () => {
  const directory: Directory = { files: [], directories: [], symlinks: [], mode: 0o750 };
  const node: TreeNode = { kind: "tree", root: digestOf("root"), tree: digestOf("tree") };
  const opened = new Map([[node.root, directory]]);
  const nodes = new Map<ExecPath, Node>([
    ["d", node],
    ["d/a", file("x")],
  ]);
  const { root, directories } = inputRootOf(nodes, () => opened);
  const top = decodeDirectory(directories.get(root)!);
  const below = decodeDirectory(directories.get(top!.directories[0]!.digest)!);
  expect(below?.mode).toBe(0o750);
  expect(below?.files.map(({ name }) => name)).toEqual(["a"]);
});

test("a tree that nothing is put in is never opened", () => {
  const { node } = treeOf(new Map([["a", file("x")]]));
  const nodes = new Map<ExecPath, Node>([
    ["d", node],
    ["e", file("x")],
  ]);
  const fail = () => {
    throw new Error("opened");
  };
  expect(() => inputRootOf(nodes, fail)).not.toThrow();
  expect(() => inputRootOf(new Map(nodes).set("d/b", file("x")), fail)).toThrow("opened");
});

test.each<[string, [ExecPath, Node][]]>([
  [
    "a path below a file",
    [
      ["a", file("x")],
      ["a/b", file("y")],
    ],
  ],
  [
    "a file above a path",
    [
      ["a/b", file("y")],
      ["a", file("x")],
    ],
  ],
  [
    "a path below a link",
    [
      ["a", { kind: "symlink", target: "." }],
      ["a/b", file("y")],
    ],
  ],
  [
    "a tree where a file is",
    [
      ["a", file("x")],
      ["a/b", treeOf(new Map()).node],
    ],
  ],
  ["a path that leads out", [["../a", file("x")]]],
  ["a path by a detour", [["a/./b", file("x")]]],
  ["an absolute path", [["/a", file("x")]]],
  ["a file as the root", [[".", file("x")]]],
  [
    "a tree that is missing",
    [
      ["a", treeOf(new Map()).node],
      ["a/b", file("y")],
    ],
  ],
])("%s is a bug", (_, nodes) => {
  expect(() => inputRootOf(new Map(nodes))).toThrow("bug: ");
});

interface Folder extends ReadonlyMap<string, FileNode | SymlinkNode | Folder> {}

/** Folders in folders, none of them empty, as only files have paths. */
const folders: fc.Arbitrary<Folder> = fc.letrec<{ folder: Folder }>((tie) => {
  const leaf = fc.oneof(
    digests.map((digest): FileNode => ({ kind: "file", digest, executable: false })),
    digests.map((digest): FileNode => ({ kind: "file", digest, executable: true, mode: 0o711 })),
    names.map((target): SymlinkNode => ({ kind: "symlink", target })),
  );
  const entry = fc.oneof({ maxDepth: 3 }, { arbitrary: leaf, weight: 2 }, tie("folder"));
  const sharedNames = fc.oneof(fc.constantFrom("a", "b"), names);
  return {
    folder: fc
      .uniqueArray(fc.tuple(sharedNames, entry), {
        selector: ([name]) => name,
        minLength: 1,
        maxLength: 4,
      })
      .map((entries): Folder => new Map(entries)),
  };
}).folder;

function file(text: string): FileNode {
  return { kind: "file", digest: digestOf(text), executable: false };
}

function flat(folder: Folder, prefix = ""): Map<ExecPath, Node> {
  const nodes = new Map<ExecPath, Node>();
  for (const [name, entry] of folder) {
    if ("kind" in entry) nodes.set(prefix + name, entry);
    else for (const [path, node] of flat(entry, `${prefix}${name}/`)) nodes.set(path, node);
  }
  return nodes;
}

/** `top` over `base`, by the definition. */
function merge(base: Folder, top: Folder): Folder {
  const merged = new Map(base);
  for (const [name, entry] of top) {
    const below = base.get(name);
    const both = below !== undefined && !("kind" in below) && !("kind" in entry);
    merged.set(name, both ? merge(below, entry) : entry);
  }
  return merged;
}

function treeOf(folder: Folder): { node: TreeNode; directories: Map<Digest, Directory> } {
  const { root, directories } = inputRootOf(flat(folder));
  const decoded = [...directories].map(
    ([digest, bytes]) => [digest, decodeDirectory(bytes)!] as const,
  );
  const node = { kind: "tree", root, tree: digestOf("a Tree") } as const;
  return { node, directories: new Map(decoded) };
}

/** The same digest by another way: each directory on its own, encoded by protobuf-es. */
function rootByProtobufEs(folder: Folder): Digest {
  const files: object[] = [];
  const directories: object[] = [];
  const symlinks: object[] = [];
  const entries = [...folder].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const [name, entry] of entries) {
    if (!("kind" in entry)) directories.push({ name, digest: message(rootByProtobufEs(entry)) });
    else if (entry.kind === "symlink") symlinks.push({ name, target: entry.target });
    else {
      const { digest, executable: isExecutable, mode } = entry;
      const nodeProperties = mode === undefined ? undefined : { unixMode: { value: mode } };
      files.push({ name, digest: message(digest), isExecutable, nodeProperties });
    }
  }
  return digestOf(encodeByProtobufEs("Directory", { files, directories, symlinks }));
}

function message(digest: Digest) {
  const { hash, sizeBytes } = splitDigest(digest);
  return { hash, sizeBytes: BigInt(sizeBytes) };
}
