import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import type { ActionResult, Node } from "../../src/action/result.ts";
import { type Digest, digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { openRemote } from "../../src/remote/open-remote.ts";
import type { Remote } from "../../src/remote/remote.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import { type Signing, signerFrom, trustIn } from "../../src/remote/signatures.ts";
import type { Upload } from "../../src/remote/uploads.ts";
import type { Cas } from "../../src/store/cas.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import { type FaultyOptions, startFaultyGrpc } from "./faulty-grpc.ts";

/** A server, and machines that share results by it: each with a store of its own. */
async function packRig(options: FaultyOptions = {}) {
  const server = await startFaultyGrpc(options);
  onTestFinished(server.stop);
  const place = parseRemoteUrl(server.address);
  if (place === undefined) throw new Error("no address");
  const machine = async (signing: Signing = {}, uploads = true) => {
    const directory = mkdtempSync(join(tmpdir(), "kraft-packs-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const cas = openCas(directory, { epochMs: () => 0 });
    cas.put(new Uint8Array());
    const own = { instance: "", tls: {}, timeoutMs: 10_000, toolVersion: "1" };
    const remote = await openRemote({
      place,
      options: { ...own, headers: async () => ({}) },
      describe: (group) => Buffer.from(`the pack of ${group}`),
      signing,
      uploads,
      cas,
      host: { epochMs: () => 0 },
      tell: () => undefined,
    });
    if (remote === undefined) throw new Error("it cannot be used");
    onTestFinished(remote.close);
    return { remote, cas };
  };
  const asked = (kind: string): number => server.asked.get(kind) ?? 0;
  return { server, machine, asked };
}

const namesOf = (count: number, prefix = "action") =>
  Array.from({ length: count }, (_, i) => `${prefix} ${i}`);

/** The result of an action that left one file, with its name in it. */
function uploadOf(name: string, cas: Pick<Cas, "put">, group = "//app"): Upload {
  const digest = cas.put(Buffer.from(name));
  return { ...resultOf(name, { kind: "file", digest, executable: false }), group };
}

function resultOf(name: string, node: Node): Upload {
  const printed = { stdout: emptyDigest, stderr: emptyDigest };
  const result: ActionResult = {
    exitCode: 0,
    outputs: new Map([["out", node]]),
    ...printed,
    wallMs: 1,
  };
  return { key: keyOf(name), result, about: new Map() };
}

const keyOf = (name: string): Digest => digestOf(Buffer.from(`the key of ${name}`));

/** Which of `names` are found. */
async function found(remote: Remote, names: readonly string[], group = "//app") {
  const all = names.map((name) => remote.lookUp(keyOf(name), { files: "later", group }));
  const results = await Promise.all(all);
  return names.filter((_, i) => results[i] !== undefined);
}

test("results of a package are found with one question", async () => {
  const { machine, asked } = await packRig();
  const names = namesOf(50);
  const one = await machine();
  for (const name of names) one.remote.upload(uploadOf(name, one.cas));
  await one.remote.drained();
  expect(one.remote.traffic()).toMatchObject({ uploaded: 50, failed: 0 });

  const questions = asked("missing");
  const two = await machine({}, false);
  expect(await found(two.remote, names)).toEqual(names);
  expect([asked("result"), asked("missing") - questions]).toEqual([1, 1]);
});

test("a result that a pack lacks is asked for by its key, and goes into the next pack", async () => {
  const { machine, asked } = await packRig();
  const [old, young] = [namesOf(10, "old"), namesOf(10, "young")];
  const one = await machine();
  for (const name of old) one.remote.upload(uploadOf(name, one.cas));
  await one.remote.drained();
  const two = await machine();
  expect(await found(two.remote, [...old, ...young])).toEqual(old);
  for (const name of young) two.remote.upload(uploadOf(name, two.cas));
  await two.remote.drained();

  const questions = asked("result");
  const three = await machine();
  expect(await found(three.remote, [...old, ...young])).toEqual([...old, ...young]);
  expect(asked("result") - questions).toBe(1);
});

test("a pack keeps what a build of a part of the package has not looked at", async () => {
  const { machine, asked } = await packRig();
  const [some, others] = [namesOf(10, "some"), namesOf(10, "other")];
  for (const names of [some, others]) {
    const { remote, cas } = await machine();
    await found(remote, names);
    for (const name of names) remote.upload(uploadOf(name, cas));
    await remote.drained();
  }
  const questions = asked("result");
  const { remote } = await machine({}, false);
  expect(await found(remote, [...some, ...others])).toEqual([...some, ...others]);
  expect(asked("result") - questions).toBe(1);
});

test("a result in a pack of which the server has lost a file is no hit of the pack", async () => {
  const { machine, server, asked } = await packRig();
  const names = namesOf(10);
  const one = await machine();
  for (const name of names) one.remote.upload(uploadOf(name, one.cas));
  await one.remote.drained();
  const lost = digestOf(Buffer.from("action 3"));
  server.blobs.delete(splitDigest(lost).hash);
  server.results.delete(splitDigest(keyOf("action 3")).hash);
  const { remote } = await machine({}, false);
  expect(await found(remote, names)).toEqual(names.filter((name) => name !== "action 3"));
  expect(asked("result")).toBe(2);
});

test.each(["wrong", "half", "gone"] as const)(
  "with packs that are %s, keys are asked for",
  async (fault) => {
    const { machine, server } = await packRig();
    const names = namesOf(10);
    const one = await machine();
    for (const name of names) one.remote.upload(uploadOf(name, one.cas));
    await one.remote.drained();
    server.faults = ({ kind }) => (kind === "read" ? fault : undefined);
    const { remote } = await machine({}, false);
    expect(await found(remote, names)).toEqual(names);
  },
);

test("results of few actions make no pack, and nor do directories", async () => {
  const { machine, server } = await packRig();
  const { remote, cas } = await machine();
  for (const name of namesOf(7)) remote.upload(uploadOf(name, cas, "//few"));
  for (const name of namesOf(20, "tree")) {
    const tree: Node = { kind: "tree", root: emptyDigest, tree: cas.put(Buffer.alloc(0)) };
    remote.upload({ ...resultOf(name, tree), group: "//trees" });
  }
  await remote.drained();
  for (const group of ["//few", "//trees"]) {
    const pack = digestOf(Buffer.from(`the pack of ${group}`));
    expect(server.results.has(splitDigest(pack).hash)).toBe(false);
  }
});

test("where nobody leaves packs, they are soon asked for no more", async () => {
  const { machine, asked } = await packRig();
  const { remote } = await machine({}, false);
  for (const name of namesOf(30)) await found(remote, [name], `//${name}`);
  expect(asked("result")).toBe(30 + 8);
});

test("a result in a pack that nobody trusted has signed is a miss", async () => {
  const { machine } = await packRig();
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const sign = signerFrom(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const isTrusted = trustIn([publicKey.export({ type: "spki", format: "pem" }).toString()]);
  const names = namesOf(10);
  for (const [group, signing] of [
    ["//signed", { sign }],
    ["//unsigned", {}],
  ] as const) {
    const { remote, cas } = await machine(signing);
    for (const name of names) remote.upload(uploadOf(`${group} ${name}`, cas, group));
    await remote.drained();
  }
  const { remote } = await machine({ isTrusted }, false);
  const [signed, unsigned] = ["//signed", "//unsigned"].map((group) =>
    names.map((name) => `${group} ${name}`),
  ) as [string[], string[]];
  expect(await found(remote, signed, "//signed")).toEqual(signed);
  expect(await found(remote, unsigned, "//unsigned")).toEqual([]);
});
