// A served cache in this process, for one test. Knows no test.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { Attempts } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { openRemoteCache } from "../../src/remote/open-cache.ts";
import type { RemoteCache } from "../../src/remote/remote-cache.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import { type Access, openAccess } from "../../src/serve/access.ts";
import { serveCache } from "../../src/serve/cache-server.ts";
import { openStore, type Store } from "../../src/store/store.ts";

/** How to serve. */
export interface ServingOptions {
  readonly access?: Access;
  readonly maxSizeBytes?: number;
  /** Milliseconds; absent: the machine's clock. */
  readonly epochMs?: () => number;
}

/** A server that runs until the test is over. */
export interface Serving {
  readonly grpc: string;
  readonly http: string;
  /** The store that is served. */
  readonly store: Store;
  readonly directory: string;
  readonly stop: () => Promise<void>;
}

/** Serves a store of its own; for the caller to stop. */
export async function startServing(options: ServingOptions = {}): Promise<Serving> {
  const directory = mkdtempSync(join(tmpdir(), "kraft-serve-"));
  const { access = openAccess("write"), maxSizeBytes = 1024 ** 3, epochMs = Date.now } = options;
  const store = openStore(directory, { epochMs, processId: process.pid });
  const anywhere = { host: "127.0.0.1", port: 0 };
  const server = await serveCache({
    store,
    limits: { maxSizeBytes, maxAgeMs: 86_400_000 },
    grpc: anywhere,
    http: anywhere,
    access,
    isReadOnly: false,
    version: "1.2.3",
    host: { now: () => 0 },
  });
  return {
    grpc: `grpc://127.0.0.1:${server.grpc}`,
    http: `http://127.0.0.1:${server.http}`,
    store,
    directory,
    stop: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As {@link startServing}, until the test is over. */
export async function serving(options: ServingOptions = {}): Promise<Serving> {
  const started = await startServing(options);
  onTestFinished(started.stop);
  return started;
}

/** A connection to `address`, until the test is over. */
export async function connect(
  address: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RemoteCache> {
  const place = parseRemoteUrl(address);
  if (place === undefined) throw new Error(`no address: ${address}`);
  const breaker = new Breaker(() => undefined);
  const attempts = new Attempts(breaker, { wait: async () => undefined });
  const cache = await openRemoteCache(
    place,
    {
      instance: "",
      tls: {},
      headers: async () => headers,
      timeoutMs: 60_000,
      toolVersion: "test",
    },
    { attempts, epochMs: Date.now },
  );
  onTestFinished(() => {
    breaker.end();
    cache.close();
  });
  return cache;
}
