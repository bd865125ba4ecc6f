import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { encodeAction, encodeCommand } from "../../src/action/reapi-action.ts";
import {
  type Directory,
  decodeDirectory,
  decodeTree,
  encodeDirectory,
  encodeTree,
  linkTargetsIn,
} from "../../src/action/reapi-directory.ts";
import { decodeActionResult, encodeActionResult } from "../../src/action/reapi-result.ts";
import type { ActionResult, Node } from "../../src/action/result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { digests, directories, names, paths, results } from "./arbitraries.ts";
import { encodeByProtobufEs, isReadByProtobufEs, reencodedByProtobufEs } from "./reapi-schema.ts";

describe("Directory and Tree", () => {
  test("an empty directory is the blob of no bytes", () => {
    const bytes = encodeDirectory({ files: [], directories: [], symlinks: [] });
    expect(digestOf(bytes)).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0",
    );
  });

  test("directories are the bytes that protobuf-es writes", () => {
    fc.assert(
      fc.property(directories, (directory) => {
        expectSame(encodeDirectory(directory), encodeByProtobufEs("Directory", plain(directory)));
      }),
    );
  });

  test("directories come back as they were, in the order of their bytes", () => {
    fc.assert(
      fc.property(directories, (directory) => {
        expect(decodeDirectory(encodeDirectory(directory))).toEqual(ordered(directory));
      }),
    );
  });

  test("the order in which entries are given makes no difference", () => {
    fc.assert(
      fc.property(directories, (directory) => {
        const reversed = {
          ...directory,
          files: directory.files.toReversed(),
          directories: directory.directories.toReversed(),
          symlinks: directory.symlinks.toReversed(),
        };
        expectSame(encodeDirectory(reversed), encodeDirectory(directory));
      }),
    );
  });

  test("names are in the order of UTF-8, which is not that of UTF-16", () => {
    const files = ["\u{1f600}", "\uffee"].map((name) => ({
      name,
      digest: emptyDigest,
      executable: false,
    }));
    const bytes = encodeDirectory({ files, directories: [], symlinks: [] });
    expect(decodeDirectory(bytes)?.files.map(({ name }) => name)).toEqual(["\uffee", "\u{1f600}"]);
  });

  test("trees are the bytes that protobuf-es writes, and come back", () => {
    fc.assert(
      fc.property(directories, fc.array(directories, { maxLength: 4 }), (root, children) => {
        const bytes = encodeTree(encodeDirectory(root), children.map(encodeDirectory));
        const expected = { root: plain(root), children: children.map(plain) };
        expectSame(bytes, encodeByProtobufEs("Tree", expected));
        expect(decodeTree(bytes)).toEqual({ root: ordered(root), children: children.map(ordered) });
      }),
    );
  });

  test("the links of a tree are those of all of its directories", () => {
    fc.assert(
      fc.property(directories, fc.array(directories, { maxLength: 4 }), (root, children) => {
        const bytes = encodeTree(encodeDirectory(root), children.map(encodeDirectory));
        const all = [root, ...children].map(ordered).flatMap(({ symlinks }) => symlinks);
        expect(linkTargetsIn(bytes)).toEqual(all.map(({ target }) => target));
      }),
    );
    expect(linkTargetsIn(Buffer.from("no tree"))).toBeUndefined();
  });

  test("what REAPI has and we have no use for is passed over", () => {
    const properties = {
      properties: [{ name: "xattr", value: "1" }],
      mtime: { seconds: 5n, nanos: 6 },
      unixMode: { value: 0o644 },
    };
    const file = { name: "a", digest: message(emptyDigest), nodeProperties: properties };
    const link = { name: "b", target: "a", nodeProperties: properties };
    const bytes = encodeByProtobufEs("Directory", { files: [file], symlinks: [link] });
    expect(decodeDirectory(bytes)).toEqual({
      files: [{ name: "a", digest: emptyDigest, executable: false, mode: 0o644 }],
      directories: [],
      symlinks: [{ name: "b", target: "a" }],
    });
  });

  test.each([
    ["no digest", { files: [{ name: "a" }] }],
    ["a digest of another kind", { directories: [{ name: "a", digest: { hash: "d41d8cd9" } }] }],
    [
      "a size below zero",
      { files: [{ name: "a", digest: { hash: emptyDigest.slice(0, 64), sizeBytes: -1n } }] },
    ],
  ])("an entry with %s is no directory", (_, fields) => {
    expect(decodeDirectory(encodeByProtobufEs("Directory", fields))).toBeUndefined();
  });
});

describe("Command and Action", () => {
  test("commands are the bytes that protobuf-es writes", () => {
    const environments = fc.uniqueArray(fc.tuple(names, fc.string()), { selector: ([n]) => n });
    const argumentLists = fc.array(fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(
        argumentLists,
        environments,
        fc.uniqueArray(paths),
        (args, variables, outputs) => {
          const environment = variables.map(([name, value]) => ({ name, value }));
          const outputPaths = [...outputs, ...outputs];
          const bytes = encodeCommand({ arguments: args, environment, outputPaths });
          const expected = {
            arguments: args,
            environmentVariables: byName(environment),
            outputPaths: outputs.toSorted(byBytes),
          };
          expectSame(bytes, encodeByProtobufEs("Command", expected));
        },
      ),
    );
  });

  test("actions are the bytes that protobuf-es writes", () => {
    fc.assert(
      fc.property(digests, digests, fc.string(), (command, inputRoot, salt) => {
        const platform = [
          { name: "OSFamily", value: "linux" },
          { name: "ISA", value: "x86-64" },
          { name: "ISA", value: "arm-a64" },
        ];
        const bytes = encodeAction({ command, inputRoot, salt, platform });
        const expected = {
          commandDigest: message(command),
          inputRootDigest: message(inputRoot),
          salt: Buffer.from(salt),
          platform: { properties: [platform[2], platform[1], platform[0]] },
        };
        expectSame(bytes, encodeByProtobufEs("Action", expected));
      }),
    );
  });

  test("an action that asks nothing of its platform has none", () => {
    const action = { command: emptyDigest, inputRoot: emptyDigest, salt: "", platform: [] };
    const expected = { commandDigest: message(emptyDigest), inputRootDigest: message(emptyDigest) };
    expectSame(encodeAction(action), encodeByProtobufEs("Action", expected));
  });
});

describe("ActionResult", () => {
  test("results come back as they were", () => {
    fc.assert(
      fc.property(results, (result) => {
        expect(decodeActionResult(encodeActionResult(result))).toEqual(result);
      }),
    );
  });

  test("results are the bytes that protobuf-es writes", () => {
    fc.assert(
      fc.property(results, (result) => {
        const expected = encodeByProtobufEs("ActionResult", plainResult(result));
        expectSame(encodeActionResult(result), expected);
      }),
    );
  });

  test("the order of outputs makes no difference", () => {
    fc.assert(
      fc.property(results, (result) => {
        const reversed = { ...result, outputs: new Map([...result.outputs].reverse()) };
        expectSame(encodeActionResult(reversed), encodeActionResult(result));
      }),
    );
  });

  test("a duration is kept to the nanosecond, also just below a second", () => {
    const wallMs = 1999.9999999;
    const again = decodeActionResult(encodeActionResult({ ...empty, wallMs }));
    expect(again?.wallMs).toBe(2000);
  });

  test("metadata of other tools is passed over", () => {
    const bytes = encodeByProtobufEs("ActionResult", {
      executionMetadata: {
        auxiliaryMetadata: [
          { typeUrl: "type.example/usage", value: Buffer.from("no message") },
          { ...stringOf(""), value: encodeByProtobufEs("StringValue", { value: "anything" }) },
          stringOf("CC"),
        ],
      },
    });
    expect(decodeActionResult(bytes)).toEqual({ ...empty, mnemonic: "CC" });
  });

  test("a result of a server that only has a start and an end has a duration", () => {
    const bytes = encodeByProtobufEs("ActionResult", {
      executionMetadata: {
        worker: "w",
        executionStart: { seconds: 1_700_000_000n, nanos: 500_000_000 },
        executionCompleted: { seconds: 1_700_000_002n, nanos: 0 },
      },
    });
    expect(decodeActionResult(bytes)).toEqual({ ...empty, wallMs: 1500 });
  });

  test("a result without streams has empty ones, and small ones may be in the message", () => {
    expect(decodeActionResult(new Uint8Array(0))).toEqual(empty);
    const bytes = encodeByProtobufEs("ActionResult", {
      stdoutRaw: Buffer.from("out"),
      stderrRaw: Buffer.from("err"),
      stderrDigest: message(digestOf("err")),
    });
    const streams = { stdout: digestOf("out"), stderr: digestOf("err") };
    expect(decodeActionResult(bytes)).toEqual({ ...empty, ...streams });
  });

  test("symbolic links are read from the fields of older servers too", () => {
    const bytes = encodeByProtobufEs("ActionResult", {
      outputFileSymlinks: [{ path: "a", target: "x" }],
      outputDirectorySymlinks: [{ path: "b", target: "y" }],
    });
    expect(decodeActionResult(bytes)?.outputs).toEqual(
      new Map([
        ["a", { kind: "symlink", target: "x" }],
        ["b", { kind: "symlink", target: "y" }],
      ]),
    );
  });

  test("a tree whose top the server does not name is a result once someone knows it", () => {
    const bytes = encodeByProtobufEs("ActionResult", {
      outputDirectories: [{ path: "a", treeDigest: message(digestOf("tree")) }],
    });
    expect(decodeActionResult(bytes)).toBeUndefined();
    const result = decodeActionResult(bytes, (tree) =>
      tree === digestOf("tree") ? digestOf("root") : undefined,
    );
    const node = { kind: "tree", root: digestOf("root"), tree: digestOf("tree") };
    expect(result?.outputs).toEqual(new Map([["a", node]]));
  });

  test.each(["", "/etc/passwd", "../x", "a/../../x", "a/..", "./a", "a//b", "a/", ".", "a\0b"])(
    "a result with an output at %j is none",
    (path) => {
      const file = { path, digest: message(emptyDigest) };
      const bytes = encodeByProtobufEs("ActionResult", { outputFiles: [file] });
      expect(decodeActionResult(bytes)).toBeUndefined();
    },
  );
});

describe("bytes from anyone", () => {
  const decoders = {
    Directory: decodeDirectory,
    Tree: decodeTree,
    ActionResult: decodeActionResult,
  };

  test.each(["Directory", "Tree", "ActionResult"] as const)(
    "arbitrary bytes are a %s or undefined, and never more than protobuf-es can read",
    (name) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          if (decoders[name](bytes) !== undefined) {
            expect(isReadByProtobufEs(name, bytes)).toBe(true);
          }
        }),
        { numRuns: 3000 },
      );
    },
  );

  test("a tag that is padded beyond 32 bits is no message, as for protobuf-es", () => {
    const bytes = Uint8Array.from([173, 128, 128, 128, 129, 0, 0, 0, 0, 0]);
    expect(isReadByProtobufEs("Directory", bytes)).toBe(false);
    expect(decodeDirectory(bytes)).toBeUndefined();
  });

  test("a result with damaged bytes is a result or undefined", () => {
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(results, damages, fc.nat(), (result, changes, length) => {
        const bytes = Buffer.from(encodeActionResult(result));
        for (const [at, value] of changes) bytes[at % bytes.byteLength] = value;
        const damaged = bytes.subarray(0, length % (bytes.byteLength + 1));
        const decoded = decodeActionResult(damaged);
        if (decoded !== undefined) expect(encodeActionResult(decoded)).toBeInstanceOf(Uint8Array);
      }),
      { numRuns: 1000 },
    );
  });

  test("what protobuf-es wrote and we read is what we would write", () => {
    fc.assert(
      fc.property(directories, (directory) => {
        const foreign = reencodedByProtobufEs("Directory", encodeDirectory(directory));
        const decoded = decodeDirectory(foreign);
        expect(decoded && Buffer.from(encodeDirectory(decoded))).toEqual(Buffer.from(foreign));
      }),
    );
  });
});

const empty: ActionResult = {
  exitCode: 0,
  outputs: new Map(),
  stdout: emptyDigest,
  stderr: emptyDigest,
  wallMs: 0,
};

function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.from(actual).toString("hex")).toBe(Buffer.from(expected).toString("hex"));
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => byBytes(a.name, b.name));
}

function ordered(directory: Directory): Directory {
  const { files, directories: below, symlinks } = directory;
  return {
    ...directory,
    files: byName(files),
    directories: byName(below),
    symlinks: byName(symlinks),
  };
}

/** As protobuf-es takes it. */
function message(digest: Digest) {
  const { hash, sizeBytes } = splitDigest(digest);
  return { hash, sizeBytes: BigInt(sizeBytes) };
}

function properties(mode: number | undefined) {
  return mode === undefined ? {} : { nodeProperties: { unixMode: { value: mode } } };
}

function plain(directory: Directory) {
  const { files, directories: below, symlinks, mode } = ordered(directory);
  return {
    files: files.map((file) => ({
      name: file.name,
      digest: message(file.digest),
      isExecutable: file.executable,
      ...properties(file.mode),
    })),
    directories: below.map(({ name, digest }) => ({ name, digest: message(digest) })),
    symlinks: symlinks.map(({ name, target }) => ({ name, target })),
    ...properties(mode),
  };
}

function plainResult(result: ActionResult) {
  const outputs = [...result.outputs].sort(([a], [b]) => byBytes(a, b));
  const of = <Kind extends Node["kind"]>(kind: Kind) =>
    outputs.flatMap(([path, node]) => (isOf(kind, node) ? [{ path, node }] : []));
  const micros = Math.round(result.wallMs * 1000);
  return {
    outputFiles: of("file").map(({ path, node }) => ({
      path,
      digest: message(node.digest),
      isExecutable: node.executable,
      ...properties(node.mode),
    })),
    outputDirectories: of("tree").map(({ path, node }) => ({
      path,
      treeDigest: message(node.tree),
      rootDirectoryDigest: message(node.root),
    })),
    outputSymlinks: of("symlink").map(({ path, node }) => ({ path, target: node.target })),
    exitCode: result.exitCode,
    stdoutDigest: message(result.stdout),
    stderrDigest: message(result.stderr),
    executionMetadata: {
      auxiliaryMetadata: result.mnemonic === undefined ? [] : [stringOf(result.mnemonic)],
      virtualExecutionDuration: {
        seconds: BigInt(Math.floor(micros / 1e6)),
        nanos: (micros % 1e6) * 1000,
      },
    },
  };
}

/** As `google.protobuf.Any` holds it. */
function stringOf(mnemonic: string) {
  const value = encodeByProtobufEs("StringValue", { value: `mnemonic ${mnemonic}` });
  return { typeUrl: "type.googleapis.com/google.protobuf.StringValue", value };
}

function isOf<Kind extends Node["kind"]>(kind: Kind, node: Node): node is Node & { kind: Kind } {
  return node.kind === kind;
}
