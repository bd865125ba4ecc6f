import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { encodeActionResult } from "../../src/action/reapi-result.ts";
import { digestOf, emptyDigest, splitDigest } from "../../src/digest/digest.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import { openReturningRemote } from "../../src/remote/returning-remote.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import type { Faults, FaultyServer } from "./fault.ts";
import { startFaultyHttp } from "./faulty-http.ts";
import { freePort } from "./live-server.ts";

const key = digestOf("a key");
const result = encodeActionResult({
  exitCode: 0,
  outputs: new Map(),
  stdout: emptyDigest,
  stderr: emptyDigest,
  wallMs: 1,
});

/** A server that has one result, may be killed and started again, and a build that asks for it. */
async function returningRig({ isUp = true, faults }: { isUp?: boolean; faults?: Faults } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "kraft-returning-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  const results = new Map([[splitDigest(key).hash, Buffer.from(result)]]);
  let server: FaultyServer | undefined;
  const stop = async () => {
    await server?.stop();
    server = undefined;
  };
  const start = async () => {
    server = await startFaultyHttp({ port, kept: { results, blobs: new Map() } });
    if (faults !== undefined) server.faults = faults;
  };
  onTestFinished(stop);
  if (isUp) await start();

  let nowMs = 0;
  const told: string[] = [];
  let heard: () => void = () => undefined;
  const place = parseRemoteUrl(`http://127.0.0.1:${port}`);
  if (place === undefined) throw new Error("no address");
  const remote = await openReturningRemote({
    place,
    options: {
      instance: "",
      headers: async () => ({}),
      tls: {},
      timeoutMs: 10_000,
      toolVersion: "1",
    },
    attempts: { wait: async () => undefined },
    uploads: false,
    cas: openCas(directory, { epochMs: () => 0 }),
    host: { epochMs: () => 0, now: () => nowMs },
    tell: ({ kind }) => {
      told.push(kind);
      heard();
    },
  });
  onTestFinished(() => remote.close());
  return {
    told,
    stop,
    start,
    asked: () => server?.asked ?? new Map<string, number>(),
    pass: (durationMs: number) => {
      nowMs += durationMs;
    },
    /** Whether the result was found. */
    look: async () => (await remote.lookUp(key, { files: "now" })) !== undefined,
    /** Resolves when something more is told. */
    next: () => new Promise<void>((resolve) => (heard = resolve)),
    failThrice: async () => {
      for (let i = 0; i < 3; i++)
        expect(await remote.lookUp(key, { files: "now" })).toBeUndefined();
    },
  };
}

const restMs = 30_000;

test("a server that is killed is left alone, and used again when it is there again", async () => {
  const { look, stop, start, told, pass, asked, next, failThrice } = await returningRig();
  expect(await look()).toBe(true);
  await stop();
  await failThrice();
  expect(told).toEqual(["given-up"]);

  await start();
  pass(restMs - 1);
  expect(await look()).toBe(false);
  expect(asked().size).toBe(0);
  pass(1);
  const back = next();
  // Nobody waits for an answer that may never come.
  expect(await look()).toBe(false);
  await back;
  expect(await look()).toBe(true);
  expect(told).toEqual(["given-up", "back"]);

  await stop();
  await failThrice();
  expect(await look()).toBe(false);
  expect(told).toEqual(["given-up", "back"]);
});

test("a server that is not there when a build begins is used when it comes", async () => {
  const { look, start, told, pass, next } = await returningRig({ isUp: false });
  expect(told).toEqual(["given-up"]);
  await start();
  pass(restMs);
  const back = next();
  expect(await look()).toBe(false);
  await back;
  expect(await look()).toBe(true);
});

test("a server that denies what it is asked is not tried again", async () => {
  const faults: Faults = ({ kind }) => (kind === "result" ? "denied" : undefined);
  const { look, told, pass, asked } = await returningRig({ faults });
  expect(await look()).toBe(false);
  expect(told).toEqual(["given-up"]);
  const before = asked().get("result");
  pass(1000 * restMs);
  expect(await look()).toBe(false);
  expect(asked().get("result")).toBe(before);
});
