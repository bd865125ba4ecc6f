// A served cache as Bazel has it over HTTP: `/ac/<hash>`, `/cas/<hash>`, and what the server says of itself.

import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";

import { parseDigest, splitDigest } from "../digest/digest.ts";
import { StoreError } from "../store/store-error.ts";
import type { Access } from "./access.ts";
import type { ServedCache, Taken } from "./served-cache.ts";
import { metricsText, type ServerState, statusText } from "./server-report.ts";

/** What is served over HTTP. */
export interface HttpParts {
  readonly cache: ServedCache;
  readonly access: Access;
  readonly state: () => ServerState;
}

/** The longest result that is taken in. */
const maxResultBytes = 16 * 1024 ** 2;

/** Answers `asked`. Never rejects. */
export async function answerHttp(
  asked: IncomingMessage,
  answer: ServerResponse,
  parts: HttpParts,
): Promise<void> {
  try {
    await answerAt(asked, answer, parts);
  } catch (error) {
    end(answer, error instanceof StoreError && error.kind === "full" ? 507 : 500, "it went wrong");
  }
  // What is left of a body that nobody wanted must not be taken for the next request.
  if (!asked.complete) asked.destroy();
  parts.cache.traffic.served(asked.method ?? "", String(answer.statusCode));
}

async function answerAt(
  asked: IncomingMessage,
  answer: ServerResponse,
  parts: HttpParts,
): Promise<void> {
  const { method = "", url = "/" } = asked;
  const right = parts.access.rightOf(asked.headers.authorization);
  const isWriting = method !== "GET" && method !== "HEAD";
  if (right === "none" || (isWriting && right !== "write")) {
    const isKnown = asked.headers.authorization !== undefined && right !== "none";
    answer.setHeader("www-authenticate", "Bearer");
    return end(answer, isKnown ? 403 : 401, isKnown ? "not with this token" : "it needs a token");
  }
  const { pathname } = new URL(url, "http://cache");
  if (!isWriting && pathname === "/metrics") {
    return end(answer, 200, metricsText(parts.state()), "text/plain; version=0.0.4");
  }
  if (!isWriting && pathname === "/status") {
    return end(answer, 200, statusText(parts.state()), "application/json");
  }
  const [, half, hash = ""] = /\/(ac|cas)\/([0-9a-f]{64})$/.exec(pathname) ?? [];
  if (half === undefined) return end(answer, 404, "there is /ac/<SHA-256> and /cas/<SHA-256>");
  if (isWriting && method !== "PUT") return end(answer, 405, "there is GET, HEAD and PUT");
  if (half === "ac") return answerResult(hash, { asked, answer, cache: parts.cache });
  return answerBlob(hash, { asked, answer, cache: parts.cache });
}

interface Exchange {
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly cache: ServedCache;
}

async function answerResult(hash: string, { asked, answer, cache }: Exchange): Promise<void> {
  // Of a key only its hash matters, wherever it is kept.
  const key = parseDigest(`${hash}/0`);
  if (key === undefined) return end(answer, 404, "there is no such result");
  if (asked.method !== "PUT") {
    const result = cache.readResult(key);
    if (result === undefined) return end(answer, 404, "there is no such result");
    return endWith(asked, answer, result);
  }
  const bytes = await readWhole(asked, maxResultBytes);
  if (bytes === undefined) return end(answer, 413, "no result is that long");
  return tell(answer, cache.writeResult(key, bytes));
}

async function answerBlob(hash: string, { asked, answer, cache }: Exchange): Promise<void> {
  if (asked.method === "PUT") {
    if (cache.digestOfHash(hash) !== undefined) return end(answer, 200, "");
    return tell(answer, await cache.writePieces({ hash, sizeBytes: undefined }, asked));
  }
  const digest = cache.digestOfHash(hash);
  if (digest === undefined) return end(answer, 404, "there is no such blob");
  const { sizeBytes } = splitDigest(digest);
  const [, from] = /^bytes=(\d+)-$/.exec(asked.headers.range ?? "") ?? [];
  const offset = from === undefined ? 0 : Number(from);
  if (offset > 0 && offset >= sizeBytes) return end(answer, 416, "the blob is not that long");
  const length = sizeBytes - offset;
  const pieces = asked.method === "HEAD" ? [] : cache.openBlob(digest, { offset, length });
  if (pieces === undefined) return end(answer, 404, "there is no such blob");
  const range =
    from === undefined ? {} : { "content-range": `bytes ${offset}-${sizeBytes - 1}/${sizeBytes}` };
  answer.writeHead(from === undefined ? 200 : 206, { ...blobHeaders(length), ...range });
  await pipeline(Readable.from(pieces), answer);
}

async function readWhole(asked: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of asked as AsyncIterable<Buffer>) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tell(answer: ServerResponse, taken: Taken): void {
  switch (taken.kind) {
    case "kept":
      return end(answer, 200, "");
    case "wrong":
      return end(answer, 400, taken.reason);
    case "incomplete":
      return end(answer, 422, taken.reason);
    case "too-large":
      return end(answer, 413, taken.reason);
  }
}

function blobHeaders(sizeBytes: number): Record<string, string | number> {
  return {
    "content-type": "application/octet-stream",
    "content-length": sizeBytes,
    "accept-ranges": "bytes",
  };
}

function endWith(asked: IncomingMessage, answer: ServerResponse, bytes: Uint8Array): void {
  answer.writeHead(200, blobHeaders(bytes.byteLength));
  answer.end(asked.method === "HEAD" ? undefined : bytes);
}

function end(answer: ServerResponse, code: number, text: string, type = "text/plain"): void {
  if (answer.headersSent) {
    answer.destroy();
    return;
  }
  answer.writeHead(code, { "content-type": type });
  answer.end(code === 200 || text === "" ? text : `${text}\n`);
}
