// What Bazel itself makes of a build, byte for byte, beside what we would write for the same.

import { beforeAll, describe, expect, test } from "vitest";

import { inputRootOf } from "../../src/action/input-root.ts";
import { encodeAction, encodeCommand, type Property } from "../../src/action/reapi-action.ts";
import {
  decodeDirectory,
  decodeTree,
  type Directory,
  encodeDirectory,
  encodeTree,
} from "../../src/action/reapi-directory.ts";
import { decodeActionResult, encodeActionResult } from "../../src/action/reapi-result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { decodeByProtobufEs, encodeByProtobufEs } from "../action/reapi-schema.ts";
import { hasBazel } from "../query/bazel-client.ts";
import { lacksRemoteWorker } from "../remote/live-server.ts";
import { builtByBazel, inputs, type KeptByBazel } from "./bazel-build.ts";

interface ProtoDigest {
  readonly hash: string;
  readonly sizeBytes: bigint;
}

interface ProtoAction {
  readonly commandDigest: ProtoDigest;
  readonly inputRootDigest: ProtoDigest;
  readonly salt: Uint8Array;
  readonly platform: { readonly properties: readonly Property[] };
}

interface ProtoCommand {
  readonly arguments: readonly string[];
  readonly environmentVariables: readonly Property[];
  readonly outputFiles: readonly string[];
  readonly outputDirectories: readonly string[];
  readonly platform: { readonly properties: readonly Property[] };
}

const lacks = hasBazel ? lacksRemoteWorker() : "bazel-bootstrap";

describe.skipIf(lacks !== undefined)(`of Bazel${lacks ? `, without ${lacks}` : ""},`, () => {
  let kept: KeptByBazel = { blobs: new Map(), results: new Map() };
  beforeAll(async () => {
    kept = await builtByBazel();
  }, 240_000);

  const blob = ({ hash }: ProtoDigest) => kept.blobs.get(hash) ?? expect.fail(`no blob ${hash}`);
  const actions = () =>
    [...kept.results.keys()].map((hash) => read<ProtoAction>("Action", kept.blobs.get(hash)!));
  const commands = () =>
    actions().map(({ commandDigest }) => read<ProtoCommand>("Command", blob(commandDigest)));

  test("an Action is the bytes that we write for it, and is known by the same key", () => {
    expect(actions()).toHaveLength(2);
    for (const [i, action] of actions().entries()) {
      const { commandDigest, inputRootDigest, salt, platform } = action;
      const ours = encodeAction({
        command: ourDigest(commandDigest),
        inputRoot: ourDigest(inputRootDigest),
        salt: Buffer.from(salt).toString(),
        platform: platform.properties,
      });
      const key = [...kept.results.keys()][i] ?? "";
      expectSame(ours, kept.blobs.get(key)!);
      expect(splitDigest(digestOf(ours)).hash).toBe(key);
    }
  });

  test("a Command is what we write for it, where that says outputs as before version 2.1", () => {
    for (const { commandDigest } of actions()) {
      const theirs = read<ProtoCommand>("Command", blob(commandDigest));
      const { outputFiles, outputDirectories, platform } = theirs;
      const outputPaths = [...outputFiles, ...outputDirectories];
      const ours = encodeCommand({
        arguments: theirs.arguments,
        environment: theirs.environmentVariables,
        outputPaths,
        execution: { platform: platform.properties },
      });
      // Bazel 4 knows which outputs are directories, and has no `output_paths`.
      const told = decodeByProtobufEs("Command", ours);
      expect(told["outputPaths"]).toEqual(outputPaths);
      expect(told["outputFiles"]).toEqual(outputPaths);
      const before = { ...told, outputPaths: [], outputFiles, outputDirectories };
      expectSame(encodeByProtobufEs("Command", before), blob(commandDigest));
    }
    const variables = commands().map(({ environmentVariables }) =>
      environmentVariables.filter(({ name }) => name !== "PATH").map(({ name }) => name),
    );
    expect(variables).toContainEqual(["A", "GREETING", "TO", "a"]);
    expect(variables).toContainEqual(["GREETING"]);
  });

  test("each Directory of inputs comes back as the same bytes", () => {
    const seen = new Map<Digest, Directory>();
    const visit = (digest: Digest): void => {
      if (seen.has(digest)) return;
      const bytes = kept.blobs.get(splitDigest(digest).hash) ?? expect.fail(`no ${digest}`);
      const directory = decodeDirectory(bytes) ?? expect.fail(`${digest} is not read`);
      expectSame(encodeDirectory(directory), bytes);
      seen.set(digest, directory);
      for (const below of directory.directories) visit(below.digest);
    };
    for (const { inputRootDigest } of actions()) visit(ourDigest(inputRootDigest));
    const names = [...seen.values()].flatMap((one) => one.files.map(({ name }) => name));
    expect(names.sort()).toEqual(["Zero", "genrule-setup.sh", "one", "three", "two"]);
  });

  test("our input root of the same files is Bazel's", () => {
    const nodes = Object.entries(inputs).map(([path, text]) => {
      // Bazel has all inputs be executable.
      return [path, { kind: "file", digest: digestOf(text), executable: true }] as const;
    });
    const { root, directories } = inputRootOf(new Map(nodes));
    expect(actions().map(({ inputRootDigest }) => ourDigest(inputRootDigest))).toContain(root);
    for (const [digest, bytes] of directories) {
      expectSame(bytes, kept.blobs.get(splitDigest(digest).hash)!);
    }
  });

  test("the Tree of a directory that was made comes back as the same bytes", () => {
    const trees = [...kept.results.values()].flatMap((bytes) => {
      const result = decodeActionResult(bytes, () => emptyDigest);
      const nodes = [...(result?.outputs.values() ?? [])];
      return nodes.flatMap((node) => (node.kind === "tree" ? [node.tree] : []));
    });
    expect(trees).toHaveLength(1);
    for (const digest of trees) {
      const bytes = kept.blobs.get(splitDigest(digest).hash)!;
      const tree = decodeTree(bytes)!;
      expectSame(encodeTree(encodeDirectory(tree.root), tree.children.map(encodeDirectory)), bytes);
      expect(tree.children).toHaveLength(3);
    }
  });

  test("an ActionResult comes back with what it leaves out, and nothing is lost", () => {
    for (const theirs of kept.results.values()) {
      const result = decodeActionResult(theirs, rootOf)!;
      const ours = decodeByProtobufEs("ActionResult", encodeActionResult(result));
      // Said by us, and not by Bazel's server: how long it ran, empty streams, tops of trees.
      const { executionMetadata, ...rest } = ours;
      expect(executionMetadata).toBeDefined();
      const { outputDirectories, stdoutDigest, stderrDigest } = rest as {
        readonly outputDirectories: readonly Readonly<Record<string, unknown>>[];
        readonly [stream: `std${string}`]: ProtoDigest;
      };
      const told = {
        ...rest,
        outputDirectories: outputDirectories.map(({ rootDirectoryDigest, ...one }) => {
          expect(rootDirectoryDigest).toBeDefined();
          return one;
        }),
        stdoutDigest: unlessEmpty(stdoutDigest),
        stderrDigest: unlessEmpty(stderrDigest),
      };
      expectSame(encodeByProtobufEs("ActionResult", told), theirs);
    }
  });

  function rootOf(tree: Digest): Digest | undefined {
    const read = decodeTree(kept.blobs.get(splitDigest(tree).hash)!);
    return read && digestOf(encodeDirectory(read.root));
  }
});

function read<T>(name: string, bytes: Uint8Array): T {
  return decodeByProtobufEs(name, bytes) as T;
}

function ourDigest({ hash, sizeBytes }: ProtoDigest): Digest {
  return `${hash}/${sizeBytes}` as Digest;
}

function unlessEmpty(digest: ProtoDigest | undefined): ProtoDigest | undefined {
  return digest === undefined || ourDigest(digest) === emptyDigest ? undefined : digest;
}

function expectSame(ours: Uint8Array, theirs: Uint8Array): void {
  expect(Buffer.from(ours).toString("latin1")).toBe(Buffer.from(theirs).toString("latin1"));
}
