// An HTTP cache that fails as a test wants it, and checks nothing. Knows no test.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { type Asked, damaged, type Fault, faultCounter, type FaultyServer } from "./fault.ts";

/** Where it listens, 0 being a free port, and what it keeps from the beginning. */
export interface FaultyHttpOptions {
  readonly port?: number;
  readonly kept?: Pick<FaultyServer, "results" | "blobs">;
}

/** Starts one on the loopback. */
export async function startFaultyHttp({
  port = 0,
  kept: { results, blobs } = { results: new Map(), blobs: new Map() },
}: FaultyHttpOptions = {}): Promise<FaultyServer> {
  const asked = new Map<string, number>();
  const decide = faultCounter(() => self.faults);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, folder = "", name = ""] = (request.url ?? "").split("/");
    const kept = folder === "ac" ? results : blobs;
    const kind = kindOf(request.method ?? "", folder);
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    const fault = decide(kind, name);
    const body = await bodyOf(request);
    if (fail(fault, response)) return;
    if (request.method === "PUT") {
      kept.set(name, body);
      response.writeHead(201).end();
      return;
    }
    const found = fault === "gone" ? undefined : kept.get(name);
    if (request.method === "HEAD" && fault === "boasting") {
      response.writeHead(200).end();
    } else if (found === undefined) response.writeHead(404).end();
    else give(request, response, { bytes: found, fault });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const self: FaultyServer = {
    address: `http://127.0.0.1:${address.port}`,
    results,
    blobs,
    asked,
    faults: () => undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
  return self;
}

/** True when that was all. */
function fail(fault: Fault, response: ServerResponse): boolean {
  if (fault === "silent") return true;
  if (fault === "unavailable") response.writeHead(503).end();
  else if (fault === "denied") response.writeHead(403).end();
  else if (fault === "full" || fault === "crowded") response.writeHead(507).end();
  else return false;
  return true;
}

function give(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, fault }: { readonly bytes: Buffer; readonly fault: Fault },
): void {
  const shown = damaged(bytes, fault);
  const close = fault === "goaway" ? { connection: "close" } : {};
  response.writeHead(200, { "content-length": shown.length, ...close });
  if (fault !== "reset") {
    response.end(request.method === "HEAD" ? undefined : shown);
    return;
  }
  response.write(shown.subarray(0, Math.floor(shown.length / 2)), () => response.destroy());
}

function kindOf(method: string, folder: string): Asked["kind"] {
  if (folder === "ac") return method === "PUT" ? "give-result" : "result";
  if (method === "HEAD") return "missing";
  return method === "PUT" ? "give" : "read";
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
