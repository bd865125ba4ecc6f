import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { encodeActionResult } from "../../src/action/reapi-result.ts";
import { digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { openRemote } from "../../src/remote/open-remote.ts";
import type { RemoteProblem } from "../../src/remote/remote.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import type { Upload } from "../../src/remote/uploads.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import type { Asked, Fault } from "./fault.ts";
import { startFaultyGrpc } from "./faulty-grpc.ts";
import { startFaultyHttp } from "./faulty-http.ts";

const printed = { stdout: emptyDigest, stderr: emptyDigest };
const bare = { exitCode: 0, outputs: new Map(), ...printed, wallMs: 1 };

/** A server that has one result and room for no other, and a build that has results for it. */
async function fullRig(protocol: string, kind: Asked["kind"], fault: Fault) {
  const server = protocol === "grpc" ? await startFaultyGrpc() : await startFaultyHttp();
  onTestFinished(server.stop);
  server.faults = (asked) => (asked.kind === kind ? fault : undefined);
  const known = digestOf("a key that the server knows");
  server.results.set(splitDigest(known).hash, Buffer.from(encodeActionResult(bare)));
  const directory = mkdtempSync(join(tmpdir(), "kraft-full-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const cas = openCas(directory, { epochMs: () => 0 });
  cas.put(new Uint8Array());
  const place = parseRemoteUrl(server.address);
  if (place === undefined) throw new Error("no address");
  const told: RemoteProblem[] = [];
  const own = { instance: "", tls: {}, timeoutMs: 60_000, toolVersion: "1" };
  const remote = await openRemote({
    place,
    options: { ...own, headers: async () => ({}) },
    attempts: { wait: async () => undefined },
    describe: (group) => Buffer.from(`the pack of ${group}`),
    uploads: true,
    cas,
    host: { epochMs: () => 0 },
    tell: (problem) => void told.push(problem),
  });
  if (remote === undefined) throw new Error("it cannot be used");
  onTestFinished(remote.close);
  const uploadOf = (name: string, sizeBytes: number): Upload => {
    const digest = cas.put(Buffer.alloc(sizeBytes, `${name} `));
    const outputs = new Map([["out", { kind: "file", digest, executable: false } as const]]);
    return { key: digestOf(name), result: { ...bare, outputs }, about: new Map(), group: "//app" };
  };
  return {
    told,
    given: () => server.asked.get(kind) ?? 0,
    finds: async () => (await remote.lookUp(known, { files: "now" })) !== undefined,
    /** Gives ten results, each with a file. */
    give: async (name: string, sizeBytes: number) => {
      for (let i = 0; i < 10; i++) remote.upload(uploadOf(`${name} ${i}`, sizeBytes));
      await remote.drained();
    },
  };
}

/** Of each in a batch, or by itself. */
const sizes = [
  ["small files", 100],
  ["large files", 1_500_000],
] as const;

describe.each(["grpc", "http"])("over %s, a server without room", (protocol) => {
  test.each(sizes)("for %s is told of once, given no more, and still read", async (_, size) => {
    const { give, finds, told, given } = await fullRig(protocol, "give", "full");
    await give("first", size);
    const asked = given();
    // No more than were under way at once, and none again.
    expect(asked).toBeLessThanOrEqual(10);
    for (let i = 0; i < 5; i++) await give(`more ${i}`, size);
    expect(given()).toBe(asked);
    expect(told).toEqual([
      { kind: "not-written", reason: expect.stringMatching(/^it has no room \(.*\)$/) },
    ]);
    expect(await finds()).toBe(true);
  });

  test("for results is told of once, and still read", async () => {
    const { give, finds, told, given } = await fullRig(protocol, "give-result", "full");
    await give("first", 100);
    const asked = given();
    for (let i = 0; i < 5; i++) await give(`more ${i}`, 100);
    expect(given()).toBe(asked);
    expect(told.map(({ kind }) => kind)).toEqual(["not-written"]);
    expect(await finds()).toBe(true);
  });

  test("that says so of each blob of a batch is given no more", async () => {
    const { give, finds, told, given } = await fullRig(protocol, "give", "crowded");
    await give("first", 100);
    const asked = given();
    await give("second", 100);
    expect(given()).toBe(asked);
    expect(told.map(({ kind }) => kind)).toEqual(["not-written"]);
    expect(await finds()).toBe(true);
  });
});
