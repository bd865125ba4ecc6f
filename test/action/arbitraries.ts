import fc from "fast-check";

import type { Directory } from "../../src/action/reapi-directory.ts";
import type { ActionResult, FileNode, Node } from "../../src/action/result.ts";
import { type Digest, digestOf } from "../../src/digest/digest.ts";

/** Digests of every size, among them those that need more than 32 bits. */
export const digests: fc.Arbitrary<Digest> = fc
  .tuple(fc.string(), fc.oneof(fc.nat(), fc.maxSafeNat()))
  .map(([text, sizeBytes]) => `${digestOf(text).slice(0, 64)}/${sizeBytes}` as Digest);

/** One segment of a path, of any language, also beyond the Basic Multilingual Plane. */
export const names: fc.Arbitrary<string> = fc
  .oneof(
    fc.stringMatching(/^[a-z0-9._-]{1,12}$/),
    fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
    fc.constantFrom("\uffee", "\u{1f600}", "\ud7ff", "a".repeat(200)),
  )
  .map((name) => name.replace(/[/\0]/g, "_"))
  .filter((name) => name !== "." && name !== "..");

/** Paths below an input root. */
export const paths: fc.Arbitrary<string> = fc
  .array(names, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"));

const modes = fc
  .option(fc.nat(0o7777), { nil: undefined })
  .map((mode) => (mode === undefined ? {} : { mode }));

const files: fc.Arbitrary<Omit<FileNode, "kind">> = fc
  .tuple(digests, fc.boolean(), modes)
  .map(([digest, executable, mode]) => ({ digest, executable, ...mode }));

/** Directories, with their entries in any order. */
export const directories: fc.Arbitrary<Directory> = fc
  .tuple(
    fc.uniqueArray(names, { maxLength: 9 }),
    fc.array(files, { minLength: 3, maxLength: 3 }),
    fc.array(digests, { minLength: 3, maxLength: 3 }),
    modes,
  )
  .map(([all, contents, below, mode]) => ({
    files: all.slice(0, 3).map((name, i) => ({ name, ...contents[i]! })),
    directories: all.slice(3, 6).map((name, i) => ({ name, digest: below[i]! })),
    symlinks: all.slice(6).map((name) => ({ name, target: `../${name}` })),
    ...mode,
  }));

/** Nodes of every kind; trees have no mode of their own, which is in the tree. */
export const nodes: fc.Arbitrary<Node> = fc.oneof(
  files.map((file): Node => ({ kind: "file", ...file })),
  fc.string({ unit: "binary" }).map((target): Node => ({ kind: "symlink", target })),
  fc.tuple(digests, digests).map(([root, tree]): Node => ({ kind: "tree", root, tree })),
);

/** Results of actions, failed ones too. */
export const results: fc.Arbitrary<ActionResult> = fc.record(
  {
    exitCode: fc.oneof(fc.constant(0), fc.integer()),
    outputs: fc
      .uniqueArray(fc.tuple(paths, nodes), { selector: ([path]) => path, maxLength: 8 })
      .map((entries) => new Map(entries)),
    stdout: digests,
    stderr: digests,
    wallMs: fc.nat(1e9).map((microseconds) => microseconds / 1000),
    mnemonic: fc.string(),
  },
  { requiredKeys: ["exitCode", "outputs", "stdout", "stderr", "wallMs"] },
);
