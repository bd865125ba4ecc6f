// An HTTP cache that fails as a test wants it, and checks nothing. Knows no test.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";

import {
  type Asked,
  damaged,
  dripMs,
  endsMidway,
  type Fault,
  faultCounter,
  type FaultyServer,
  lateMs,
} from "./fault.ts";

/** How a server of a test differs from a usual one. */
export interface FaultyHttpOptions {
  /** 0: a free one. */
  readonly port?: number;
  /** Whether it can give the rest of a blob; absent: it can. */
  readonly knowsRanges?: boolean;
  /** What it keeps from the beginning. */
  readonly kept?: Pick<FaultyServer, "results" | "blobs">;
}

/** Starts one on the loopback. */
export async function startFaultyHttp({
  port = 0,
  knowsRanges = true,
  kept: { results, blobs } = { results: new Map(), blobs: new Map() },
}: FaultyHttpOptions = {}): Promise<FaultyServer> {
  const asked = new Map<string, number>();
  const decide = faultCounter(() => self.faults);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, folder = "", name = ""] = (request.url ?? "").split("/");
    const kept = folder === "ac" ? results : blobs;
    const kind = kindOf(request.method ?? "", folder);
    const [, start = "0"] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const offset = knowsRanges ? Number(start) : 0;
    for (const one of start === "0" ? [kind] : [kind, "resumed"]) {
      asked.set(one, (asked.get(one) ?? 0) + 1);
    }
    const fault = decide(kind, name, Number(start));
    if (request.method === "PUT" && endsMidway(fault)) return breakOff(request, fault);
    const body = await bodyOf(request);
    if (fault === "late") await setTimeout(lateMs);
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
    else give(request, response, { bytes: found, offset, fault });
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

/** Takes half of what is given, and then nothing. */
async function breakOff(request: IncomingMessage, fault: Fault): Promise<void> {
  const half = Number(request.headers["content-length"]) / 2;
  let taken = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    taken += (piece as Buffer).length;
    if (taken >= half) break;
  }
  if (fault !== "stalled") request.socket.resetAndDestroy();
}

interface Given {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly fault: Fault;
}

function give(request: IncomingMessage, response: ServerResponse, given: Given): void {
  const { bytes, offset, fault } = given;
  const shown = damaged(bytes.subarray(offset), fault);
  const close = fault === "goaway" ? { connection: "close" } : {};
  const range = { "content-range": `bytes ${offset}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(offset === 0 ? 200 : 206, {
    "content-length": shown.length,
    ...close,
    ...(offset > 0 && range),
  });
  if (request.method === "HEAD" && fault !== "reset") response.end();
  else if (!endsMidway(fault)) response.end(shown);
  else {
    const half = shown.subarray(0, Math.floor(shown.length / 2));
    response.write(half, () => {
      if (fault === "dripping") drip(response, shown.subarray(half.length));
      else if (fault !== "stalled") response.destroy();
    });
  }
}

function drip(response: ServerResponse, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => response.write(bytes.subarray(at, ++at)), dripMs);
  response.once("close", () => clearInterval(timer));
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
