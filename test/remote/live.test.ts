import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { Attempts } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { openRemoteCache } from "../../src/remote/open-cache.ts";
import type { RemoteCache, RemoteOptions, TlsFiles } from "../../src/remote/remote-cache.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import { cacheConformance } from "./cache-conformance.ts";
import {
  lacksRemoteWorker,
  makeCertificates,
  programPath,
  startBazelRemote,
  startNginx,
  startRemoteWorker,
} from "./live-server.ts";
import { serverForSuite } from "./suite-server.ts";

/** Until a test of the suite runs: one that is filtered out would not be ended. */
const noServer = { grpc: 0, http: 0 };

const lacksBazelRemote = programPath("bazel-remote") === undefined;

describe.skipIf(lacksBazelRemote)("bazel-remote", () => {
  const server = serverForSuite(() => startBazelRemote());
  describe("over gRPC", () => cacheConformance(() => open(`grpc://127.0.0.1:${server().grpc}`)));
  describe("over HTTP", () => cacheConformance(() => open(`http://127.0.0.1:${server().http}`)));
});

describe.skipIf(lacksBazelRemote)("bazel-remote with passwords", () => {
  const basic = "anna:s3cret";
  const server = serverForSuite(() => startBazelRemote({ basic }));
  const placeOf = (protocol: "grpc" | "http") => `${protocol}://127.0.0.1:${server()[protocol]}`;
  const authorization = `Basic ${Buffer.from(basic).toString("base64")}`;
  describe("over gRPC", () =>
    cacheConformance(() => open(placeOf("grpc"), { headers: { authorization } })));
  describe("over HTTP", () =>
    cacheConformance(() => open(placeOf("http"), { headers: { authorization } })));

  test.each(["grpc", "http"] as const)("denies whoever has none, over %s", async (protocol) => {
    const opened = open(placeOf(protocol));
    await expect(opened).rejects.toMatchObject({ kind: "denied" });
  });
});

describe.skipIf(lacksBazelRemote)("bazel-remote with certificates on both sides", () => {
  let server = noServer;
  let ours: TlsFiles = {};
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "kraft-remote-"));
    const tls = makeCertificates(directory);
    const started = await startBazelRemote({ tls, mutual: true });
    server = started;
    const [authorities, certificate, key] = [tls.authority, tls.certificate, tls.key].map((path) =>
      readFileSync(path, "utf8"),
    );
    ours = { authorities, certificate, key };
    return async () => {
      await started.stop();
      rmSync(directory, { recursive: true, force: true });
    };
  });
  const placeOf = (protocol: "grpc" | "http") => `${protocol}s://127.0.0.1:${server[protocol]}`;
  describe.each(["grpc", "http"] as const)("over %s", (protocol) => {
    cacheConformance(() => open(placeOf(protocol), { tls: ours }));

    test("is not used by whoever shows none, or trusts nobody", async () => {
      const { authorities } = ours;
      await expect(open(placeOf(protocol), { tls: { authorities } })).rejects.toThrow();
      await expect(open(placeOf(protocol), { tls: {} })).rejects.toThrow(/certificate/);
    });
  });
});

const lacking = lacksRemoteWorker();

describe.skipIf(lacking !== undefined)("Bazel's RemoteWorker", () => {
  const server = serverForSuite(() => startRemoteWorker());
  cacheConformance(() => open(`grpc://127.0.0.1:${server().grpc}`));
});

const lacksNginx = programPath("nginx") === undefined;

describe.skipIf(lacksNginx)("nginx with DAV", () => {
  const server = serverForSuite(() => startNginx());
  cacheConformance(() => open(`http://127.0.0.1:${server().http}/some/where`));
  describe("below an instance name", () =>
    cacheConformance(() => open(`http://127.0.0.1:${server().http}`, { instance: "team" })));
});

describe("a folder", () => {
  const place = mkdtempSync(join(tmpdir(), "kraft-remote-"));
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  const directory = join(place, "share");
  mkdirSync(directory);
  cacheConformance(() => open(`file:${directory}`));

  test("is not made when it is missing, as a mount may be", async () => {
    await expect(open(`file:${directory}/absent`)).rejects.toMatchObject({ kind: "missing" });
  });
});

interface OpenOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsFiles;
  readonly instance?: string;
}

async function open(
  address: string,
  { headers = {}, tls = {}, instance = "" }: OpenOptions = {},
): Promise<RemoteCache> {
  const place = parseRemoteUrl(address);
  if (place === undefined) throw new Error(`no address: ${address}`);
  const breaker = new Breaker(() => undefined);
  const attempts = new Attempts(breaker, { wait: async () => undefined });
  const options: RemoteOptions = {
    instance,
    tls,
    headers: async () => headers,
    timeoutMs: 60_000,
    toolVersion: "test",
  };
  const cache = await openRemoteCache(place, options, { attempts, epochMs: Date.now });
  onTestFinished(() => {
    breaker.end();
    cache.close();
  });
  await cache.abilities();
  return cache;
}
