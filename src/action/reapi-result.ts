// The message ActionResult of REAPI v2, to and from bytes. Knows no cache.

import { type Digest, digestOf } from "../digest/digest.ts";
import type { ExecPath } from "./action.ts";
import { isExecPath } from "./exec-path.ts";
import { readRunMetadata, type RunMetadata, writeRunMetadata } from "./execution-metadata.ts";
import { readMode, writeMode } from "./node-properties.ts";
import { readDigest, writeDigest } from "./reapi-digest.ts";
import type { ActionResult, Node } from "./result.ts";
import { compareUtf8 } from "./utf8-order.ts";
import { type WireReader, decodeWire, malformed } from "./wire-reader.ts";
import { type WireWriter, encodeWire } from "./wire-writer.ts";

/**
 * `result` in canonical form, whatever the order of its outputs. The mode of a tree is left out, as
 * the message has no place for it, and it is in the tree.
 */
export function encodeActionResult(result: ActionResult): Uint8Array {
  const outputs = [...result.outputs].sort(([a], [b]) => compareUtf8(a, b));
  return encodeWire((writer) => {
    for (const [path, node] of outputs) {
      if (node.kind === "file") writer.message(2, () => writeFile(writer, path, node));
    }
    for (const [path, node] of outputs) {
      if (node.kind === "tree") writer.message(3, () => writeTree(writer, path, node));
    }
    writer.number(4, result.exitCode);
    writeDigest(writer, 6, result.stdout);
    writeDigest(writer, 8, result.stderr);
    writeRunMetadata(writer, 9, result);
    for (const [path, node] of outputs) {
      if (node.kind === "symlink") writer.message(12, () => writeSymlink(writer, path, node));
    }
  });
}

/**
 * The result in `bytes`; undefined when they are none, or when an output's path leads out of the
 * input root. Bytes may be another tool's: when one names a Tree but not the directory at its top,
 * `rootOf` tells that directory, and where it does not, there is no result.
 */
export function decodeActionResult(
  bytes: Uint8Array,
  rootOf: (tree: Digest) => Digest | undefined = () => undefined,
): ActionResult | undefined {
  return decodeWire(bytes, (reader) => readResult(reader, rootOf));
}

type RootOf = (tree: Digest) => Digest | undefined;
type Output = readonly [path: ExecPath, node: Node];

function readResult(reader: WireReader, rootOf: RootOf): ActionResult {
  const outputs = new Map<ExecPath, Node>();
  const add = ([path, node]: Output) => {
    if (!isExecPath(path)) malformed();
    outputs.set(path, node);
  };
  let exitCode = 0;
  let stdout: Digest | undefined;
  let stderr: Digest | undefined;
  // Small streams may come within the message; if they are not in the CAS, the result is a miss.
  let stdoutBytes: Uint8Array = new Uint8Array(0);
  let stderrBytes: Uint8Array = new Uint8Array(0);
  let metadata: RunMetadata = { wallMs: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) add(reader.message(readFile));
    else if (field === 3) add(reader.message((message) => readTree(message, rootOf)));
    else if (field === 4) exitCode = reader.number();
    else if (field === 5) stdoutBytes = reader.bytes();
    else if (field === 6) stdout = readDigest(reader);
    else if (field === 7) stderrBytes = reader.bytes();
    else if (field === 8) stderr = readDigest(reader);
    else if (field === 9) metadata = readRunMetadata(reader);
    // Servers before version 2.1 have two fields for symbolic links, by what they lead to.
    else if (field === 10 || field === 11 || field === 12) add(reader.message(readSymlink));
  }
  stdout ??= digestOf(stdoutBytes);
  stderr ??= digestOf(stderrBytes);
  return { exitCode, outputs, stdout, stderr, ...metadata };
}

function writeFile(writer: WireWriter, path: ExecPath, node: Node & { kind: "file" }): void {
  writer.bytes(1, path);
  writeDigest(writer, 2, node.digest);
  writer.boolean(4, node.executable);
  writeMode(writer, 7, node.mode);
}

function readFile(reader: WireReader): Output {
  let path = "";
  let digest: Digest | undefined;
  let executable = false;
  let mode: { readonly mode?: number } = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.text();
    else if (field === 2) digest = readDigest(reader);
    else if (field === 4) executable = reader.boolean();
    else if (field === 7) mode = readMode(reader);
  }
  return [path, { kind: "file", digest: digest ?? malformed(), executable, ...mode }];
}

/** Does not claim that the Tree is in topological order: it may be another tool's. */
function writeTree(writer: WireWriter, path: ExecPath, node: Node & { kind: "tree" }): void {
  writer.bytes(1, path);
  writeDigest(writer, 3, node.tree);
  writeDigest(writer, 5, node.root);
}

function readTree(reader: WireReader, rootOf: RootOf): Output {
  let path = "";
  let tree: Digest | undefined;
  let root: Digest | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.text();
    else if (field === 3) tree = readDigest(reader);
    else if (field === 5) root = readDigest(reader);
  }
  tree ??= malformed();
  return [path, { kind: "tree", root: root ?? rootOf(tree) ?? malformed(), tree }];
}

function writeSymlink(writer: WireWriter, path: ExecPath, node: Node & { kind: "symlink" }): void {
  writer.bytes(1, path);
  writer.bytes(2, node.target);
}

function readSymlink(reader: WireReader): Output {
  let path = "";
  let target = "";
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.text();
    else if (field === 2) target = reader.text();
  }
  return [path, { kind: "symlink", target }];
}
