import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

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
  temporaryDirectory,
} from "./live-server.ts";

const lacksBazelRemote = programPath("bazel-remote") === undefined;

describe.skipIf(lacksBazelRemote)("bazel-remote", async () => {
  const server = lacksBazelRemote ? noServer : await startBazelRemote();
  describe("over gRPC", () => cacheConformance(() => open(`grpc://127.0.0.1:${server.grpc}`)));
  describe("over HTTP", () => cacheConformance(() => open(`http://127.0.0.1:${server.http}`)));
});

describe.skipIf(lacksBazelRemote)("bazel-remote with passwords", async () => {
  const basic = "anna:s3cret";
  const server = lacksBazelRemote ? noServer : await startBazelRemote({ basic });
  const places = { grpc: `127.0.0.1:${server.grpc}`, http: `127.0.0.1:${server.http}` };
  const authorization = `Basic ${Buffer.from(basic).toString("base64")}`;
  describe("over gRPC", () =>
    cacheConformance(() => open(`grpc://${places.grpc}`, { headers: { authorization } })));
  describe("over HTTP", () =>
    cacheConformance(() => open(`http://${places.http}`, { headers: { authorization } })));

  test.each(["grpc", "http"] as const)("denies whoever has none, over %s", async (protocol) => {
    const opened = open(`${protocol}://${places[protocol]}`);
    await expect(opened).rejects.toMatchObject({ kind: "denied" });
  });
});

describe.skipIf(lacksBazelRemote)("bazel-remote with certificates on both sides", async () => {
  const tls = lacksBazelRemote ? noCertificates : makeCertificates();
  const server = lacksBazelRemote ? noServer : await startBazelRemote({ tls, mutual: true });
  const read = (path: string) => (path === "" ? "" : readFileSync(path, "utf8"));
  const authorities = read(tls.authority);
  const ours = { authorities, certificate: read(tls.certificate), key: read(tls.key) };
  const places = [`grpcs://127.0.0.1:${server.grpc}`, `https://127.0.0.1:${server.http}`];
  describe.each(places)("%s", (place) => cacheConformance(() => open(place, { tls: ours })));

  test.each(places)("%s is not used by whoever shows none, or trusts nobody", async (place) => {
    await expect(open(place, { tls: { authorities } })).rejects.toThrow();
    await expect(open(place, { tls: {} })).rejects.toThrow(/certificate/);
  });
});

const lacking = lacksRemoteWorker();

describe.skipIf(lacking !== undefined)("Bazel's RemoteWorker", async () => {
  const server = lacking === undefined ? await startRemoteWorker() : noServer;
  cacheConformance(() => open(`grpc://127.0.0.1:${server.grpc}`));
});

const lacksNginx = programPath("nginx") === undefined;

describe.skipIf(lacksNginx)("nginx with DAV", async () => {
  const server = lacksNginx ? noServer : await startNginx();
  cacheConformance(() => open(`http://127.0.0.1:${server.http}/some/where`));
  describe("below an instance name", () =>
    cacheConformance(() => open(`http://127.0.0.1:${server.http}`, { instance: "team" })));
});

describe("a folder", () => {
  const directory = join(temporaryDirectory(), "share");
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
  afterAll(() => {
    breaker.end();
    cache.close();
  });
  await cache.abilities();
  return cache;
}

const noServer = { grpc: 0, http: 0 };
const noCertificates = { authority: "", certificate: "", key: "" };
