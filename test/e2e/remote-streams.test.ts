import { describe, expect, onTestFinished, test } from "vitest";

import type { FaultyServer } from "../remote/fault.ts";
import { startFaultyGrpc } from "../remote/faulty-grpc.ts";
import { startFaultyHttp } from "../remote/faulty-http.ts";
import { freePort } from "../remote/live-server.ts";
import { streamGivingFaults, streamReadingFaults } from "./remote-fault-cases.ts";
import { always, faultRig, patienceFor } from "./remote-fault-rig.ts";

/** Each output is a little larger than what goes by batches: a quarter of one, so up to 1 MiB. */
const largeWorkspace = {
  "kraft.workspace.yaml": "version: 1\nname: large\n",
  "kraft.build.yaml": `version: 1
targets:
  - name: numbers
    rule: exec
    outs: [numbers]
    command: seq 100000 300000 > $OUT
    tools: [seq]
  - name: reversed
    rule: exec
    srcs: [":numbers"]
    outs: [reversed]
    command: tac $SRCS > $OUT; chmod +x $OUT
    tools: [tac, chmod]
  - name: twisted
    rule: exec
    srcs: [":numbers"]
    outs: [twisted]
    command: rev $SRCS > $OUT
    tools: [rev]
`,
};

const { build, seeded, serverOf, expectSound } = faultRig(largeWorkspace);
const start = { grpc: startFaultyGrpc, http: startFaultyHttp };
const actions = 3;

/** What a server has results by after a build without faults. */
const keys = async () => [...(await seeded()).results.keys()].sort();

/** Whatever holds all outputs. */
const holding = async () => {
  const { outputs } = await seeded();
  const digests = Object.values(outputs).map((text) => text.replace(" x", ""));
  return expect.arrayContaining(digests) as unknown;
};

test("all blobs that are read are too large for batches", async () => {
  const server = await serverOf("grpc", true);
  await expectSound(await build(server.address));
  const sizes = [...(await seeded()).blobs.values()].filter((bytes) => bytes.length > 2 ** 20);
  expect(sizes).toHaveLength(actions);
  expect(server.asked.get("read")).toBe(actions);
});

describe.each(["grpc", "http"] as const)("over %s, with large blobs, a server", (protocol) => {
  test.each(streamReadingFaults)(
    "that %s is no reason to fail",
    async (about, faults, { hits, resumes }) => {
      const server = await serverOf(protocol, true);
      server.faults = faults;
      const ran = await build(server.address, ...patienceFor(about));
      await expectSound(ran);
      expect(ran.counts["remoteHit"] ?? 0, ran.text).toBe(hits);
      expect(ran.counts["executed"] ?? 0, ran.text).toBe(actions - hits);
      if (resumes === true) expect(server.asked.get("resumed")).toBeGreaterThan(0);
    },
  );

  test.each(streamGivingFaults)(
    "that %s while it is given them is no reason to fail",
    async (about, faults, { keeps, resumes }) => {
      const server = await serverOf(protocol, false);
      server.faults = faults;
      await expectSound(await build(server.address, ...patienceFor(about), always), server);
      expect([...server.results.keys()].sort()).toEqual(keeps === "all" ? await keys() : []);
      if (keeps === "all") expect([...server.blobs.keys()]).toEqual(await holding());
      // Only gRPC tells how much of a blob is there.
      if (resumes === true && protocol === "grpc") {
        expect(server.asked.get("resumed")).toBe(actions);
      }
    },
  );

  test("that is killed and started again while it is given them gets all", async () => {
    const port = await freePort();
    const kept = { results: new Map<string, Buffer>(), blobs: new Map<string, Buffer>() };
    let server: FaultyServer = await start[protocol]({ port, kept });
    onTestFinished(() => server.stop());
    const restarted = new Promise<void>((resolve, reject) => {
      server.faults = ({ kind, earlier }) => {
        if (kind !== "give" || restarts.length > 0) return undefined;
        restarts.push(earlier);
        restart().then(resolve, reject);
        return "stalled";
      };
    });
    const restarts: number[] = [];
    const restart = async () => {
      await server.stop();
      server = await start[protocol]({ port, kept });
    };
    await expectSound(await build(server.address, always), kept);
    await restarted;
    const next = await build(server.address);
    await expectSound(next);
    expect(next.counts).toEqual({ remoteHit: actions });
  });
});

test("a server that knows no ranges gives blobs anew, and none of their bytes twice", async () => {
  const { results, blobs } = await seeded();
  const server = await startFaultyHttp({ kept: { results, blobs }, knowsRanges: false });
  onTestFinished(() => server.stop());
  server.faults = ({ kind, earlier }) => (kind === "read" && earlier === 0 ? "reset" : undefined);
  const ran = await build(server.address);
  await expectSound(ran);
  expect(ran.counts).toEqual({ remoteHit: actions });
  expect(server.asked.get("resumed")).toBe(actions);
});
