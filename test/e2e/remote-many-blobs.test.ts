import { expect, onTestFinished, test } from "vitest";

import type { FaultyServer } from "../remote/fault.ts";
import { startFaultyGrpc } from "../remote/faulty-grpc.ts";
import { rig, wrongBlobs } from "./rig.ts";

const blobs = 160;
const sizeBytes = 200_000;

/** A directory of many files, more than come in the batches that are under way at once. */
const manyFiles = {
  "kraft.workspace.yaml": "version: 1\nname: many\n",
  "many/kraft.build.yaml": `version: 1
targets:
  - name: files
    rule: exec
    srcs: []
    outs: [all]
    command: |
      mkdir -p $OUT
      for i in $(seq ${blobs}); do yes "file $i" | head -c ${sizeBytes} > $OUT/$i; done
`,
};

async function build(address: string, ...words: readonly string[]) {
  const { build: run, cache } = rig(manyFiles);
  const ran = await run("//...", `--remote-cache=${address}`, ...words);
  expect(ran.code, ran.text).toBe(0);
  expect(wrongBlobs(cache)).toEqual([]);
  return ran;
}

async function filled() {
  const server: FaultyServer = await startFaultyGrpc();
  onTestFinished(() => server.stop());
  const { outputs } = await build(server.address, "--remote-upload=always");
  expect(Object.keys(outputs)).toHaveLength(blobs);
  return { server, outputs };
}

test("many blobs of a remote cache come here whole", async () => {
  const { server, outputs } = await filled();
  const ran = await build(server.address);
  expect(ran.outputs).toEqual(outputs);
  expect(ran.counts).toEqual({ remoteHit: 1 });
});

test("wrong blobs among many have the command run, and are not stored", async () => {
  const { server, outputs } = await filled();
  // Some of those that come last, when most are stored already.
  const large = [...server.blobs].filter(([, bytes]) => bytes.byteLength === sizeBytes);
  for (const [digest, bytes] of large.slice(-20)) {
    server.blobs.set(digest, Buffer.from(bytes).fill("x", 0, 1));
  }
  const ran = await build(server.address);
  expect(ran.outputs).toEqual(outputs);
  expect(ran.counts).toEqual({ executed: 1 });
});
