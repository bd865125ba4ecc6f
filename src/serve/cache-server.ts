// The store as a cache for a team: REAPI at one port, HTTP at another. Knows no build.

import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

import { Server, ServerCredentials } from "@grpc/grpc-js";

import type { Host } from "../base/host.ts";
import type { StoreLimits } from "../store/collect.ts";
import type { Store } from "../store/store.ts";
import type { Access } from "./access.ts";
import { cacheMethods } from "./cache-methods.ts";
import { addMethods } from "./grpc-method.ts";
import { answerHttp } from "./http-methods.ts";
import { ServedCache } from "./served-cache.ts";
import type { ServerState } from "./server-report.ts";
import { streamMethods } from "./stream-methods.ts";
import { Traffic } from "./traffic.ts";

/** Where to listen; port 0 is any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What is served, and how. */
export interface CacheServerRequest {
  readonly store: Store;
  readonly limits: StoreLimits;
  readonly grpc: ListenAddress;
  readonly http: ListenAddress;
  readonly access: Access;
  readonly isReadOnly: boolean;
  /** PEM; absent: anyone between here and there can listen. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  readonly version: string;
  readonly host: Pick<Host, "now">;
}

/** A server that runs. */
export interface CacheServer {
  /** The ports at which it listens. */
  readonly grpc: number;
  readonly http: number;
  readonly close: () => Promise<void>;
}

/** gRPC's framing and a digest for each blob come on top of a batch's bytes. */
const maxMessageBytes = 16 * 1024 ** 2;

/** Serves; rejects when a port cannot be listened at. Throws a StoreError. */
export async function serveCache(request: CacheServerRequest): Promise<CacheServer> {
  const { store, limits, access, tls, host, version, isReadOnly } = request;
  const traffic = new Traffic();
  const cache = new ServedCache({ store, limits, traffic });
  cache.collect();
  const startMs = host.now();
  const state = (): ServerState => ({
    traffic,
    version,
    isReadOnly,
    sizeBytes: store.sizeBytes(),
    maxSizeBytes: limits.maxSizeBytes,
    upMs: host.now() - startMs,
  });
  const grpc = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc-node.flow_control_window": 4 * 1024 ** 2,
  });
  const methods = [...cacheMethods(cache, limits.maxSizeBytes), ...streamMethods(cache)];
  addMethods(grpc, methods, { access, traffic });
  const listener: RequestListener = (asked, answer) =>
    void answerHttp(asked, answer, { cache, access, state });
  const http =
    tls === undefined
      ? createServer(listener)
      : createSecureServer({ cert: tls.certificate, key: tls.key }, listener);
  http.requestTimeout = 0; // A large blob over a slow line takes as long as it takes.
  const httpPort = await listenHttp(http, request.http);
  const grpcPort = await bindGrpc(grpc, request).catch(async (error: unknown) => {
    await closeHttp(http);
    throw error;
  });
  return {
    grpc: grpcPort,
    http: httpPort,
    close: async () => {
      grpc.forceShutdown();
      await closeHttp(http);
      cache.close();
    },
  };
}

function bindGrpc(server: Server, { grpc, tls }: CacheServerRequest): Promise<number> {
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) },
        ]);
  return new Promise((resolve, reject) => {
    server.bindAsync(`${grpc.host}:${grpc.port}`, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

function listenHttp(server: HttpServer, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host.replaceAll(/[[\]]/g, ""), () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port); // It listens to a port of TCP.
    });
  });
}

function closeHttp(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
